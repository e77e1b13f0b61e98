// `ForeignKeys` by jose: whatever somebody else made is parsed and verified by a library that many look at.

import { CompactEncrypt, compactVerify } from 'jose';
import { parseMembers } from '../protocol/jwt.ts';
import { kidOf, parseEncryptionKeys } from './encryption-keys.ts';
import { createFinder, type FinderDeps } from './finder.ts';
import type { ForeignKeys } from './jwks.ts';

export type ForeignKeysDeps = FinderDeps;

/** Asks nobody before the first token. */
export function createForeignKeys(deps: ForeignKeysDeps): ForeignKeys {
  const findVerifying = createFinder(deps);
  const findEncrypting = createFinder({ ...deps, parse: parseEncryptionKeys });

  return {
    async verify(jwt, source, algorithms) {
      // By the caller's list: a token must not choose how it is verified (RFC 8725 §3.1).
      if (!algorithms.includes(jwt.alg)) return undefined;
      const key = await findVerifying(source)(jwt);
      if (key === undefined) return undefined;
      try {
        const { payload } = await compactVerify(jwt.compact, key, { algorithms: [jwt.alg] });
        return parseMembers(payload);
      } catch {
        return undefined;
      }
    },
    async encrypter(source, { alg, enc }) {
      const key = await findEncrypting(source)({ alg, kid: undefined });
      if (key === undefined) return undefined;
      const kid = kidOf(key);
      // RFC 7519 §5.2: what is inside is a JWT again.
      const header = { alg, enc, cty: 'JWT', ...(kid === undefined ? {} : { kid }) };
      return (jwt) => new CompactEncrypt(Buffer.from(jwt)).setProtectedHeader(header).encrypt(key);
    },
  };
}
