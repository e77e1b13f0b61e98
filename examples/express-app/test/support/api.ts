// A program that asks the API.

import type { RunningApp } from './start-app.ts';

/** @param token its access token, or none. */
export const askApi = (app: RunningApp, token?: string): Promise<Response> =>
  fetch(`${app.url}/api/me`, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
