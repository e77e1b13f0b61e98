// Templates of an operator whose proxy can sign people in anew, and what a browser brings back.

import { parseParams } from '../../internal/protocol/params.ts';
import type { Answer } from './requests.ts';

const slot = (name: string): string => `$`.concat(`{${name}}`);

export const LOGIN = `https://proxy.example/start?rd=${slot('url')}`;
export const LOGOUT = `https://proxy.example/out?rd=${slot('post_logout_redirect_uri')}`;
/** Without step-up. */
export const ANEW = `https://proxy.example/anew?rd=${slot('url')}`;
export const STEP_UP = `${ANEW}&acr=${slot('acr_values')}&age=${slot('max_age')}&who=${slot('login_hint')}`;

/** Where a redirect to the proxy goes and what it is told; throws when it goes elsewhere. */
export function sentToProxy({ location = '' }: Pick<Answer, 'location'>) {
  const [, path, query = ''] = /^https:\/\/proxy\.example\/(\w+)\?([^?#]*)$/.exec(location) ?? [];
  if (path === undefined) throw new Error(`not to the proxy: ${location}`);
  const { rd = '', ...told } = Object.fromEntries(new URLSearchParams(query));
  return { path, rd, told };
}

/** The parameters with which the browser comes back. */
export const comingBack = (answer: Answer) =>
  parseParams(sentToProxy(answer).rd.split('?')[1] ?? '');
