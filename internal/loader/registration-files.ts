// What the configuration names for registration: tokens that let clients in, and keys of publishers.

import type { Config } from '../config/config.ts';
import { parseSecretHash, sha256Secret } from '../config/secret-hash.ts';
import type { ClientSecret } from '../protocol/client.ts';
import { findKeySetProblem } from './key-set.ts';
import { type NamedTerms, readGuarded, readText, say } from './named-files.ts';

export type RegistrationFiles = {
  /** Any of them lets a client register. */
  readonly initialAccessTokens: readonly ClientSecret[];
  /** JSON text of the JWK Set of each publisher that has a file, by its issuer. */
  readonly statementKeys: ReadonlyMap<string, string>;
};

/** Those of one configuration; read again when they change. */
export const listRegistrationFiles = ({ registration }: Config): readonly string[] =>
  [
    ...(registration?.initial_access_tokens ?? []).map(({ file }) => file),
    ...(registration?.software_statements ?? []).map(({ jwks_file }) => jwks_file),
  ].filter((file) => file !== undefined);

export async function readRegistrationFiles(terms: NamedTerms): Promise<RegistrationFiles> {
  const { registration } = terms.config;
  if (registration === undefined || !terms.isRead('registration')) {
    return { initialAccessTokens: [], statementKeys: new Map() };
  }
  return {
    initialAccessTokens: await readTokens(registration, terms),
    statementKeys: await readKeys(registration, terms),
  };
}

/** What `Authorization: Bearer` can carry (RFC 6750 §2.1). */
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const UNSENDABLE =
  'holds what no Authorization header can carry; use letters, digits and - . _ ~ + / only';

type Given = NonNullable<Config['registration']>;

async function readTokens(
  { initial_access_tokens: given }: Given,
  terms: NamedTerms,
): Promise<readonly ClientSecret[]> {
  const tokens: (ClientSecret | string | undefined)[] = [];
  for (const [index, { hash, file }] of given.entries()) {
    const at = ['registration', 'initial_access_tokens', index, 'file'];
    const bytes = file === undefined ? undefined : await readGuarded(terms, file, at);
    const text = bytes && Buffer.from(bytes).toString('utf8');
    if (text !== undefined && !B64TOKEN.test(text)) say(terms, at, `${file} ${UNSENDABLE}`);
    tokens.push(text && sha256Secret(text));
    tokens.push(hash === undefined ? undefined : parseSecretHash(hash));
  }
  return tokens.filter((token) => token !== undefined && typeof token !== 'string');
}

async function readKeys(
  { software_statements: given }: Given,
  terms: NamedTerms,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [index, { issuer, jwks_file }] of given.entries()) {
    const at = ['registration', 'software_statements', index, 'jwks_file'];
    const text = await readText(terms, jwks_file, at);
    const problem = text === undefined ? undefined : findKeySetProblem(text);
    if (problem !== undefined) say(terms, at, `${jwks_file} ${problem}`);
    if (text !== undefined) found.set(issuer, text);
  }
  return found;
}
