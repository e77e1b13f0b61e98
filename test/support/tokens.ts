import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { TestIssuer } from './issuer.ts';

/** The claims of a JWT, believed without a look at its signature. */
export const claimsOf = (token: string): Record<string, unknown> => ({ ...decodeJwt(token) });

export const headerOf = (token: string): Record<string, unknown> => ({
  ...decodeProtectedHeader(token),
});

/** Verifies a token as a stranger would: with nothing but the published keys. */
export async function verifyAsStranger(token: string, { issuer, clock }: TestIssuer) {
  const jwks = await issuer.jwks({
    method: 'GET',
    params: new Map(),
    headers: {},
    repeatedHeaders: [],
    identity: undefined,
    session: undefined,
    requestId: 'jwks',
  });
  if (jwks.kind !== 'json' || !('keys' in jwks.body)) throw new Error('no JWK Set');
  const keys = createLocalJWKSet(JSON.parse(JSON.stringify(jwks.body)));
  return jwtVerify(token, keys, { currentDate: new Date(clock() * 1000) });
}
