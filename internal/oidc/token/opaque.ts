// Opaque access tokens: the claims of a JWT, sealed. Nothing is stored, and only we can read them.

import type { JwtClaims } from '../../keys/keys.ts';
import type { Deps } from '../deps.ts';

const PREFIX = 'at_';

/** The issuer is sealed in without taking any room: a sibling that shares our keys cannot open it. */
const purposeOf = (issuer: string): string => `access token of ${issuer}`;

export const sealAccessToken = (
  { iss: _iss, ...claims }: JwtClaims,
  { keys, issuer }: Pick<Deps, 'keys' | 'issuer'>,
): string => `${PREFIX}${keys.seal(purposeOf(issuer), JSON.stringify(claims))}`;

export const isOpaque = (token: string): boolean => token.startsWith(PREFIX);

/** Undefined unless the whole text is exactly one that `sealAccessToken` made. */
export function openAccessToken(
  token: string,
  { keys, issuer }: Pick<Deps, 'keys' | 'issuer'>,
): JwtClaims | undefined {
  const text = keys.unseal(purposeOf(issuer), token.slice(PREFIX.length));
  return text === undefined ? undefined : { ...JSON.parse(text), iss: issuer };
}
