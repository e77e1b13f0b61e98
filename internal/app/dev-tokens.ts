// What an issuer for development signs says so: it must not be taken for that of a real one, whoever
// has configured its JWKS by mistake.

import type { OpenKeys } from '../keys/open.ts';

/** What the names of its keys begin with. */
export const DEV_KID_PREFIX = 'dev-';

/** Stands in every ID Token and every access token that is a JWT. */
const MARK = { asteroid_dev: true } as const;

/** The same keys, whose tokens are recognisable. */
export const markTokens = (keys: OpenKeys): OpenKeys => ({
  ...keys,
  sign: (alg, typ, claims) =>
    keys.sign(alg, typ, isToken(typ, claims) ? { ...claims, ...MARK } : claims),
});

/** What else is a plain JWT has no subject, or does not expire: an authorization response, userinfo. */
const isToken = (typ: string, claims: Parameters<OpenKeys['sign']>[2]): boolean =>
  typ === 'at+jwt' || (typ === 'JWT' && 'sub' in claims && 'exp' in claims);
