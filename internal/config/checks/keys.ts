// Whether a client's keys stand in one place, and can be relied on.

import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { findKeyFindings } from '../jwk-set.ts';
import { KEY_FORMS } from '../sections/client-keys.ts';

/** RFC 7591 §2: `jwks` and `jwks_uri` exclude each other, since nobody could say which counts. */
export function findKeyProblems(client: ClientMetadata): readonly Finding[] {
  const [first, ...others] = KEY_FORMS.filter((form) => client[form] !== undefined);
  const problem = `cannot be combined with ${first}; remove one of the two`;
  return [
    ...others.map((form) => ({ path: [form], problem })),
    ...findKeyFindings(client.jwks?.keys ?? []).map(({ index, problem: found }) => ({
      path: ['jwks', 'keys', index],
      problem: found,
    })),
  ];
}
