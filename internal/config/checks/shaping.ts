// Whether a client's own claims can be mistaken for others.

import { SCOPE_CLAIMS } from '../../protocol/claims.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';

const STANDARD = [...SCOPE_CLAIMS.values()].flat();

/** A standard claim keeps its meaning: it may be narrowed, and never be made of another one. */
export const findShapingProblems = (client: ClientMetadata): readonly Finding[] =>
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
