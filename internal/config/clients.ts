// clients.yaml as a whole: one client at a time, so that a mistake in one hides none in another,
// and then what may not be the same in two of them.

import * as z from 'zod';
import { type ClientTerms, findClientProblems } from './checks/client.ts';
import { findAssertionWarnings } from './checks/client-assertion.ts';
import { findScopeWarnings } from './checks/client-scope.ts';
import { type ClientMetadata, clientSchema } from './client.ts';
import { count, section } from './fields.ts';
import type { Finding } from './finding.ts';
import { readValue } from './issues.ts';
import { resolveProfile } from './profiles/profile.ts';

const COUNT = {
  clients_count: count(0, 1_000_000).optional().meta({
    description:
      'How many clients there are, as the last line: a file that was cut off is noticed, and a reload that drops many is confirmed',
  }),
};

export const clientsSchema = section({
  clients: z.array(clientSchema).meta({ description: 'The clients' }),
  ...COUNT,
}).meta({ title: 'clients.yaml' });

const envelope = section({ clients: z.array(z.unknown()), ...COUNT });

export type ReadClients = {
  /** Those that could be read, by their place in the list. */
  readonly clients: ReadonlyMap<number, ClientMetadata>;
  readonly declaredCount: number | undefined;
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** What profiles make of the clients, by client id: for people who ask. */
  readonly consequences: readonly (readonly [string, string])[];
};

/** @param tree the file; its keys in the order of the file. */
export function readClients(tree: unknown, terms: ClientTerms): ReadClients {
  const file = readValue(envelope, tree);
  if (!file.ok) {
    const { findings: problems } = file;
    return {
      clients: new Map(),
      declaredCount: undefined,
      problems,
      warnings: [],
      consequences: [],
    };
  }
  const { clients: entries, clients_count: declaredCount } = file.value;
  const clients = new Map<number, ClientMetadata>();
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const consequences: (readonly [string, string])[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = ['clients', index];
    const reading = readValue(clientSchema, entry, path);
    if (!reading.ok) {
      problems.push(...reading.findings);
      continue;
    }
    const resolved = resolveProfile(reading.value, keysOf(entry), terms.issuer);
    const { client } = resolved;
    clients.set(index, client);
    consequences.push(...resolved.consequences.map((text) => [client.client_id, text] as const));
    const atClient = (found: Finding): Finding => ({ ...found, path: [...path, ...found.path] });
    problems.push(
      ...[...resolved.problems, ...findClientProblems(reading.value, terms)].map(atClient),
    );
    warnings.push(
      ...[...findAssertionWarnings(client), ...findScopeWarnings(client, terms.scopes)].map(
        atClient,
      ),
    );
  }
  problems.push(...findTwins(entries), ...findCountProblems(tree, entries.length, declaredCount));
  return { clients, declaredCount, problems, warnings, consequences };
}

const keysOf = (entry: unknown): ReadonlySet<string> =>
  new Set(typeof entry === 'object' && entry !== null ? Object.keys(entry) : []);

/** The environment variable that may hold a client's secret. */
export const secretVariable = (clientId: string): string =>
  `ASTEROID_CLIENT_SECRET_${clientId.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

/** Ids that are the same, or that somebody or something would confuse. */
function findTwins(entries: readonly unknown[]): readonly Finding[] {
  const seen: { readonly id: string; readonly index: number }[] = [];
  return entries.flatMap((entry, index) => {
    const id = idOf(entry);
    if (id === undefined) return [];
    const twin = seen.flatMap((other) => describeTwin(id, other))[0];
    seen.push({ id, index });
    return twin === undefined ? [] : [{ path: ['clients', index, 'client_id'], problem: twin }];
  });
}

function idOf(entry: unknown): string | undefined {
  const id = typeof entry === 'object' && entry !== null && 'client_id' in entry && entry.client_id;
  return typeof id === 'string' ? id : undefined;
}

function describeTwin(id: string, other: { readonly id: string; readonly index: number }) {
  const place = `clients[${other.index}]`;
  if (id === other.id) return [`is the id of ${place} too; rename or remove one`];
  if (fold(id) === fold(other.id))
    return [`differs from that of ${place} only in case or Unicode form; rename one`];
  return secretVariable(id) === secretVariable(other.id)
    ? [`shares ${secretVariable(id)} with ${place}; rename one`]
    : [];
}

const fold = (id: string): string => id.normalize('NFC').toLowerCase();

function findCountProblems(
  tree: unknown,
  found: number,
  declared: number | undefined,
): readonly Finding[] {
  if (declared === undefined || typeof tree !== 'object' || tree === null) return [];
  const path = ['clients_count'];
  // Anywhere else it would stand there however much of the file is missing behind it.
  if (Object.keys(tree).at(-1) !== 'clients_count') {
    return [{ path, problem: 'has to be the last key of the file; move it to the end' }];
  }
  if (declared === found) return [];
  const problem = `says ${declared}, and there are ${found}; was the file cut off? Otherwise correct it`;
  return [{ path, problem }];
}
