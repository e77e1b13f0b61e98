// What an operator may say of a client that is not written down in any file: the words and the rules of
// clients.yaml, but for its id and its secrets, which are made here, and for files.

import { type ClientTerms, findClientProblems } from './checks/client.ts';
import { type ClientMetadata, clientSchema } from './client.ts';
import type { Finding } from './finding.ts';
import { readValue } from './issues.ts';
import { resolveProfile } from './profiles/profile.ts';

type Said = Readonly<Record<string, unknown>>;

export type ReadOperatorClient =
  | { readonly ok: true; readonly client: ClientMetadata }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const MADE_HERE = 'is made here; leave it out, and read the secret in the answer';

/** Words of clients.yaml that nobody can say from outside, with what to do instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['client_id', 'is made here; leave it out'],
  ['client_secret', MADE_HERE],
  ['client_secret_hash', MADE_HERE],
  ['client_secret_file', MADE_HERE],
  ['client_secrets', MADE_HERE],
  ['jwks_file', 'names a file of the machine; use jwks or jwks_uri'],
]);

/** Whether there may be such a client. */
export function readOperatorClient(
  clientId: string,
  said: Said,
  terms: ClientTerms,
): ReadOperatorClient {
  const elsewhere = [...ELSEWHERE].flatMap(([name, problem]): readonly Finding[] =>
    Object.hasOwn(said, name) ? [{ path: [name], problem }] : [],
  );
  if (elsewhere.length > 0) return { ok: false, findings: elsewhere };
  const reading = readValue(clientSchema, { ...said, client_id: clientId });
  if (!reading.ok) return reading;
  const resolved = resolveProfile(reading.value, new Set(Object.keys(said)), terms.issuer);
  const findings = [...resolved.problems, ...findClientProblems(reading.value, terms)];
  return findings.length > 0 ? { ok: false, findings } : { ok: true, client: resolved.client };
}
