// The public keys of clients, from their entry, a file or a URL. What is behind a URL is fetched by
// whoever verifies with it.

import path from 'node:path';
import type { ClientMetadata } from '../config/client.ts';
import type { Path } from '../config/finding.ts';
import { toKeys } from '../config/sections/client-keys.ts';
import type { KeySource } from '../protocol/key-source.ts';
import type { SecretTerms } from './client-secrets.ts';
import { findKeySetProblem } from './key-set.ts';
import { readBytes } from './read.ts';
import { decodeText } from './scan.ts';

type Terms = Pick<SecretTerms, 'file' | 'report' | 'at'>;

/** The keys of one client; what is wrong with its file goes to the report. */
export async function readClientKeys(
  client: ClientMetadata,
  base: Path,
  terms: Terms,
): Promise<KeySource | undefined> {
  const name = keyFileOf(client, terms.file);
  if (name === undefined) return toKeys(client, undefined);
  const read = await readKeyFile(name);
  if (read.ok) return toKeys(client, read.text);
  terms.report.problems.push(terms.at([...base, 'jwks_file'], `${name} ${read.problem}`));
  return undefined;
}

/** Absolute; undefined where the keys are elsewhere. @param file clients.yaml. */
export const keyFileOf = ({ jwks_file }: ClientMetadata, file: string): string | undefined =>
  jwks_file === undefined ? undefined : path.resolve(path.dirname(file), jwks_file);

type KeyFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

async function readKeyFile(file: string): Promise<KeyFile> {
  const read = await readBytes(file);
  if (!read.ok) return read;
  const text = decodeText(read.bytes);
  const problem = typeof text === 'string' ? findKeySetProblem(text) : text.problem;
  return typeof text === 'string' && problem === undefined
    ? { ok: true, text }
    : { ok: false, problem: problem ?? '' };
}
