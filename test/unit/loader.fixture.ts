// Files in a folder of their own, loaded as `serve` would.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, load, type Snapshot } from '../../internal/loader/load.ts';
import { ConfigError } from '../../internal/loader/problem.ts';
import { STANDARD_SCOPES } from '../../internal/protocol/scope-table.ts';

export const TERMS = {
  grantTypes: new Set(['authorization_code', 'refresh_token', 'client_credentials']),
  authMethods: new Set(['client_secret_basic', 'client_secret_post', 'none']),
  pairwise: false,
  certificates: 'none' as const,
  tokenIssuers: new Set<string>(),
  scopes: STANDARD_SCOPES,
  issuer: { profile: undefined, authorizationCode: 300 },
  detailsTypes: new Set<string>(),
};

export const SECRET = 'kK2w8cVbqMZ0p5yJtYxQdR7nHf3sLu1E';

/** Sound as it stands; a test adds what it is about. */
export const CONFIG = `upstream:
  trust: { secret: { files: [proxy-secret] } }
clients: { file: clients.yaml }
userinfo: { backends: [{ type: yaml, file: users.yaml }] }
`;
const CLIENTS = `clients:
  - client_id: app
    client_secret_file: app-secret
    redirect_uris: [https://app.example/cb]
`;
const USERS = 'users: [{ sub: alice }]\n';

type Files = { readonly [name: string]: string | Uint8Array };

const SOUND: Files = {
  'asteroid.yaml': CONFIG,
  'clients.yaml': CLIENTS,
  'users.yaml': USERS,
  'proxy-secret': `${SECRET}\n`,
  'app-secret': `${SECRET}\n`,
};

/** A folder with sound files, and these instead of or beside them. */
export async function createFolder(files: Files = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-loader-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ ...SOUND, ...files })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
  }
  return folder;
}

type Terms = Partial<Omit<LoadOptions, 'files'>> & { readonly files?: readonly string[] };

export function loadFolder(folder: string, terms: Terms = {}): Promise<Snapshot> {
  const { files = ['asteroid.yaml'], ...rest } = terms;
  const absolute = files.map((file) => path.join(folder, file));
  return load({ ...TERMS, env: {}, mode: 'serve', ...rest, files: absolute });
}

/** Every problem as it is printed, without the name of the folder. */
export async function problemsOf(folder: string, terms: Terms = {}): Promise<readonly string[]> {
  try {
    await loadFolder(folder, terms);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replaceAll(`${folder}/`, ''));
  }
}

/** Warnings in the same form. */
export async function warningsOf(folder: string, terms: Terms = {}): Promise<readonly string[]> {
  const { warnings } = await loadFolder(folder, terms);
  return warnings.map((line) => line.replaceAll(`${folder}/`, ''));
}
