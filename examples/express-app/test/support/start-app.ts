// The application as a test runs it: in this process, on a free port, registered at the test's own issuer.

import { createServer, type Server } from 'node:http';
import type { TestIssuer } from 'asteroid-oidc/test-issuer';
import { createApp } from '../../src/app.ts';

export const AUDIENCE = 'https://api.example';

export type RunningApp = {
  /** Where it is. */
  readonly url: string;
  /** What it logged: one line for each error. */
  readonly log: readonly string[];
  stop(): Promise<void>;
};

/** @param clientId another one for a second application at the same issuer. */
export async function startApp(issuer: TestIssuer, clientId = 'web'): Promise<RunningApp> {
  const log: string[] = [];
  const clientSecret = `the secret of ${clientId}, which nobody guesses`;
  // First the port, which is any that is free; then everything that depends on it.
  const server = createServer();
  const url = `http://localhost:${await listen(server)}`;
  await issuer.clients.add({
    client_id: clientId,
    client_name: `The ${clientId} application`,
    client_secret: clientSecret,
    redirect_uris: [`${url}/callback`],
    post_logout_redirect_uris: [`${url}/`],
    backchannel_logout_uri: `${url}/backchannel-logout`,
    scope: 'openid profile email api',
    resources: [AUDIENCE, 'https://other.example'],
  });
  const app = createApp({
    url,
    issuer: issuer.url,
    clientId,
    clientSecret,
    audience: AUDIENCE,
    now: issuer.clock.now,
    keysCooldown: 0,
    log: (line) => log.push(line),
  });
  server.on('request', app);
  return { url, log, stop: () => close(server) };
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, 'localhost', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
