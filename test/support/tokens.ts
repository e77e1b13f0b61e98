import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { TestIssuer } from './issuer.ts';
import { makeRequest } from './requests.ts';

/** The claims of a JWT, believed without a look at its signature. */
export const claimsOf = (token: string): Record<string, unknown> => ({ ...decodeJwt(token) });

export const headerOf = (token: string): Record<string, unknown> => ({
  ...decodeProtectedHeader(token),
});

/** The published keys, as a stranger has them. */
export async function keySetOf({ issuer }: TestIssuer) {
  const jwks = await issuer.jwks(makeRequest({ method: 'GET' }));
  if (jwks.kind !== 'json' || !('keys' in jwks.body)) throw new Error('no JWK Set');
  return createLocalJWKSet(JSON.parse(JSON.stringify(jwks.body)));
}

/** Verifies a token as a stranger would: with nothing but the published keys. */
export const verifyAsStranger = async (token: string, test: TestIssuer) =>
  jwtVerify(token, await keySetOf(test), { currentDate: new Date(test.clock() * 1000) });
