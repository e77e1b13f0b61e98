// What seals the keys of the issuer in the store: files, or the environment for the first of them.

import type { Environment } from './environment.ts';
import { findGuardedSecretProblem, type NamedTerms, readGuarded, say } from './named-files.ts';

const VARIABLE = 'ASTEROID_KEYS_SECRET';

/** The one that seals, then those that open; empty where keys are not in the store. */
export async function readKeySecrets(
  terms: NamedTerms,
  env: Environment,
): Promise<readonly Uint8Array[]> {
  const { keys } = terms.config;
  const variable = env[VARIABLE] ?? '';
  if (!terms.isRead('keys')) return [];
  if (keys.source !== 'store') {
    if (variable !== '') warnUnread(terms);
    return [];
  }
  const secrets = [await readFirst(terms, variable)];
  for (const [index, file] of keys.further_secret_files.entries()) {
    secrets.push(await readGuarded(terms, file, ['keys', 'further_secret_files', index]));
  }
  return secrets.filter((secret) => secret !== undefined);
}

/** Whoever set it believes that their keys are sealed with it. */
function warnUnread({ report, config }: NamedTerms): void {
  const problem = `is ignored with keys.source: ${config.keys.source}; set keys.source: store, or unset it`;
  report.warnings.push({ file: VARIABLE, line: 1, key: 'environment', problem });
}

async function readFirst(terms: NamedTerms, variable: string): Promise<Uint8Array | undefined> {
  const file = terms.config.keys.secret_file;
  const at = ['keys', 'secret_file'];
  if (file === undefined && variable === '') {
    say(terms, at, `is missing; give a file with the secret, or set ${VARIABLE}`);
    return undefined;
  }
  if (file === undefined) return readVariable(terms, variable);
  // Nobody could say which of the two seals.
  if (variable !== '') say(terms, at, `cannot be combined with ${VARIABLE}; remove one of the two`);
  return readGuarded(terms, file, at);
}

/** What other processes may read is a file; an environment is its process's own. */
function readVariable({ report }: NamedTerms, text: string): Uint8Array | undefined {
  const problem = findGuardedSecretProblem({ text, isWorldReadable: false });
  if (problem === undefined) return Buffer.from(text);
  report.problems.push({ file: VARIABLE, line: 1, key: 'environment', problem });
  return undefined;
}
