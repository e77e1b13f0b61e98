// A throw-away issuer for one's own machine: memory, keys that die with it, the End-Users of a file,
// and a page to choose one of them.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHere, untilStopped } from '../../internal/app/process.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import type { Snapshot } from '../../internal/loader/load.ts';

export type DevOptions = {
  readonly host: string;
  readonly port: string;
  readonly adminPort: string;
  readonly clients?: string;
  readonly users?: string;
};

/** Serves until a signal; refuses production, where anybody could be anybody. */
export async function dev(options: DevOptions): Promise<number> {
  if (isProduction()) return 2;
  const env = toEnvironment(options);
  const read = () => readSnapshot({ files: [], env, mode: 'dev' });
  const starting = runHere({ mode: 'dev', read, env, onStart: printWelcome });
  await untilStopped(starting);
  return 0;
}

/** Says so, too. */
export function isProduction(): boolean {
  if (process.env['NODE_ENV'] !== 'production') return false;
  console.error(
    'asteroid dev lets anybody sign in as anybody: unset NODE_ENV=production, or serve',
  );
  return true;
}

/** What makes the defaults an issuer for development; whatever the environment says goes first. */
function toEnvironment({ host, port, adminPort, clients, users }: DevOptions) {
  const usersFile = users ?? findSample('users.yaml');
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    ASTEROID_ISSUER: `http://${shown}:${port}`,
    ASTEROID_LISTEN_PUBLIC_HOST: host === 'localhost' ? '127.0.0.1' : host,
    ASTEROID_LISTEN_PUBLIC_PORT: port,
    ASTEROID_LISTEN_ADMIN_PORT: adminPort,
    ASTEROID_KEYS_SOURCE: 'ephemeral',
    ASTEROID_CLIENTS_FILE: clients ?? findSample('clients.yaml'),
    ASTEROID_USERINFO_BACKENDS: JSON.stringify([
      { type: 'yaml', file: path.resolve(usersFile) },
      { type: 'headers' },
    ]),
    ASTEROID_LOG_FORMAT: 'pretty',
    ...process.env,
  };
}

/** The file of the current folder, else the sample that comes with the program. */
export function findSample(name: string): string {
  if (existsSync(name)) return path.resolve(name);
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

function printWelcome({ config, clients }: Snapshot): void {
  const issuer = config.issuer.replace(/\/$/, '');
  const client = [...clients.values()].find(
    ({ grantTypes, tokenEndpointAuthMethod }) =>
      grantTypes.includes('authorization_code') &&
      tokenEndpointAuthMethod === 'client_secret_basic',
  );
  const redirectUri = client?.redirectUris[0];
  console.log(`\nAsteroid for development answers on ${config.issuer}`);
  console.log(`Discovery: ${issuer}/.well-known/openid-configuration`);
  if (client === undefined || redirectUri === undefined) return;
  const secret = client.clientId === 'test-client' ? 'test-secret' : 'ITS_SECRET';
  const query = new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email groups',
    state: 'dev',
  });
  const authorize = `${issuer}/authorize?${query}`;
  console.log(`Sign in with a browser: ${authorize}`);
  console.log('Sign in as alice and get tokens:\n');
  console.log(
    `  curl -s -u '${client.clientId}:${secret}' -d grant_type=authorization_code ` +
      `--data-urlencode 'redirect_uri=${redirectUri}' -d "code=$(curl -s -o /dev/null ` +
      `-w '%{redirect_url}' -H 'X-Authenticated-User: alice' '${authorize}' | ` +
      `sed 's/.*[?&]code=//; s/&.*//')" ${issuer}/token\n`,
  );
}
