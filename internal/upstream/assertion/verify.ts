// A token → its claims, once its signer, its addressee and its time are what they have to be.

import { compactVerify } from 'jose';
import type { FindKey } from '../../jwks/key-set.ts';
import { parseMembers } from '../../protocol/jwt.ts';
import type { Clock } from '../../protocol/time.ts';
import type { AssertionOptions } from '../options.ts';
import { findClaimProblem } from './claims.ts';
import type { Detail } from './detail.ts';
import type { Token } from './token.ts';

type Verification =
  | { readonly kind: 'verified'; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly kind: 'invalid'; readonly detail: Detail };

const invalid = (detail: Detail): Verification => ({ kind: 'invalid', detail });

/** Throws `Unavailable` when the keys cannot be had. */
export function createVerify(
  options: AssertionOptions,
  { findKey, now }: { readonly findKey: FindKey; readonly now: Clock },
): (token: Token) => Promise<Verification> {
  return async (token) => {
    const key = await findKey(token);
    if (key === undefined) return invalid('key');
    const payload = await verifySignature(token, key);
    if (payload === undefined) return invalid('signature');
    const claims = parseMembers(payload);
    if (claims === undefined) return invalid('claims');
    const detail = findClaimProblem(claims, token.header, options, now());
    return detail === undefined ? { kind: 'verified', claims } : invalid(detail);
  };
}

async function verifySignature(
  { compact, alg }: Token,
  key: Parameters<typeof compactVerify>[1],
): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(compact, key, { algorithms: [alg] })).payload;
  } catch {
    return undefined;
  }
}
