// `ForeignKeys` by jose: whatever somebody else made is parsed and verified by a library that many look at.

import { CompactEncrypt, compactVerify } from 'jose';
import { parseMembers } from '../protocol/jwt.ts';
import { findEncryptionKey } from './encryption-keys.ts';
import { createFinder, type FinderDeps } from './finder.ts';
import { verifyByHeaderKey } from './header-key.ts';
import type { ForeignKeys } from './jwks.ts';

export type ForeignKeysDeps = FinderDeps;

/** Asks nobody before the first token. */
export function createForeignKeys(deps: ForeignKeysDeps): ForeignKeys {
  const keysOf = createFinder(deps);
  return {
    async verify(jwt, source, algorithms) {
      // By the caller's list: a token must not choose how it is verified (RFC 8725 §3.1).
      if (!algorithms.includes(jwt.alg)) return undefined;
      const key = await keysOf(source)((set) => set(jwt));
      if (key === undefined) return undefined;
      try {
        const { payload } = await compactVerify(jwt.compact, key, { algorithms: [jwt.alg] });
        return parseMembers(payload);
      } catch {
        return undefined;
      }
    },
    async has(source, isTrue) {
      const found = await keysOf(source)(async ({ keys }) => keys.some(isTrue) || undefined);
      return found === true;
    },
    verifyByHeaderKey,
    async encrypter(source, { alg, enc }) {
      const found = await keysOf(source)(({ keys }) => findEncryptionKey(keys, alg));
      if (found === undefined) return undefined;
      const { key, kid } = found;
      // RFC 7519 §5.2: what is inside is a JWT again.
      const header = { alg, enc, cty: 'JWT', ...(kid === undefined ? {} : { kid }) };
      return (jwt) => new CompactEncrypt(Buffer.from(jwt)).setProtectedHeader(header).encrypt(key);
    },
  };
}
