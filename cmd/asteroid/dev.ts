// A throw-away issuer for one's own machine: memory, keys that die with it, the End-Users of a file,
// and a page to choose one of them.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../internal/app/listeners.ts';
import { untilStopped } from '../../internal/app/process.ts';
import { loadUsers } from '../../internal/loader/users.ts';
import { runDevIssuer } from '../../internal/testissuer/dev-issuer.ts';
import {
  type DevAddress,
  explainTaken,
  toContainerSettings,
  toIssuer,
  toListenHost,
} from './dev-address.ts';
import { type DevControl, prepareControl } from './dev-control.ts';
import { welcome } from './dev-welcome.ts';
import { startOnFreePort } from './free-port.ts';

export type DevOptions = DevAddress & {
  readonly adminPort: string;
  readonly clients?: string;
  readonly users?: string;
  readonly controlFile?: string;
};

/** Serves until a signal; refuses production, where anybody could be anybody. */
export async function dev(options: DevOptions): Promise<number> {
  if (isProduction()) return 2;
  const control = prepareControl(process.env, options.controlFile);
  if (typeof control === 'string') {
    console.error(control);
    return 2;
  }
  try {
    await serve(options, control);
    return 0;
  } catch (error) {
    const taken = explainTaken(error, options);
    if (taken === undefined) throw error;
    console.error(taken);
    return 1;
  }
}

async function serve(options: DevOptions, { token, tell }: DevControl): Promise<void> {
  const { port, host, containerHost } = options;
  const users = await listUsers(options);
  const start = (taken: string) =>
    runDevIssuer({
      files: [],
      env: toEnvironment({ ...options, port: taken }),
      token,
      onStart(snapshot, listeners) {
        for (const line of welcome({ ...snapshot, users, containerHost })) console.log(line);
        tell(snapshot.config.issuer, listeners);
      },
    });
  await untilStopped(port === '0' ? startOnFreePort(toListenHost(host), start) : start(port));
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
function toEnvironment(options: DevOptions): Environment {
  const { host, port, adminPort, clients } = options;
  return {
    ASTEROID_ISSUER: toIssuer(options),
    ASTEROID_LISTEN_PUBLIC_HOST: toListenHost(host),
    ASTEROID_LISTEN_PUBLIC_PORT: port,
    ...toContainerSettings(options),
    ASTEROID_LISTEN_ADMIN_PORT: adminPort,
    ASTEROID_KEYS_SOURCE: 'ephemeral',
    ASTEROID_CLIENTS_FILE: clients ?? findSample('clients.yaml'),
    ASTEROID_USERINFO_BACKENDS: JSON.stringify([
      { type: 'yaml', file: toUsersFile(options) },
      { type: 'headers' },
    ]),
    ASTEROID_LOG_FORMAT: 'pretty',
    ...process.env,
  };
}

const toUsersFile = ({ users }: DevOptions): string =>
  path.resolve(users ?? findSample('users.yaml'));

/** For people to read: where the file is at fault, the start says so. */
async function listUsers(options: DevOptions): Promise<readonly string[]> {
  const users = await loadUsers(toUsersFile(options)).catch(() => new Map<string, unknown>());
  return [...users.keys()];
}

/** The file of the current folder, else the sample that comes with the program. */
export function findSample(name: string): string {
  if (existsSync(name)) return path.resolve(name);
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}
