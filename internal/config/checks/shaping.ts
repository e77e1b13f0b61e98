// Whether a client's own claims can be mistaken for others.

import { SCOPE_CLAIMS } from '../../protocol/claims.ts';
import { listReleased, type ScopeTable } from '../../protocol/scope-table.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { findNearest } from '../nearest.ts';

const STANDARD = [...SCOPE_CLAIMS.values()].flat();

/** Never text, nor a list of it. */
const OTHER_TYPES = ['email_verified', 'phone_number_verified', 'address', 'updated_at'];

/** @param scopes those of the issuer; undefined where they could not be read. */
export const findShapingProblems = (
  client: ClientMetadata,
  scopes: ScopeTable | undefined,
): readonly Finding[] => [
  ...(scopes === undefined ? [] : findUnreleased(client, scopes)),
  ...findMistakable(client),
];

/** Without a scope that releases it, a claim would never leave, in whatever form. */
function findUnreleased(client: ClientMetadata, scopes: ScopeTable): readonly Finding[] {
  const sources = listReleased(scopes).filter((claim) => !OTHER_TYPES.includes(claim));
  return Object.entries(client.claims).flatMap(([claim, { from }]) => {
    if (sources.includes(from)) return [];
    const nearest = findNearest(from, sources);
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    const problem = `has to be one of ${sources.join(', ')}${hint}`;
    return [{ path: ['claims', claim, 'from'], problem }];
  });
}

/** A standard claim keeps its meaning: it may be narrowed, and never be made of another one. */
const findMistakable = (client: ClientMetadata): readonly Finding[] =>
  Object.entries(client.claims).flatMap(([claim, { from }]) => {
    const path = ['claims', claim];
    if (STANDARD.includes(claim) && claim !== from) {
      const problem = `is a standard claim, and may be made of nothing but itself; write from: ${claim}, or use another name`;
      return [{ path, problem }];
    }
    return claim === 'preferred_username' && client.preferred_username_transform.length > 0
      ? [
          {
            path,
            problem: 'is made by preferred_username_transform already; remove one of the two',
          },
        ]
      : [];
  });
