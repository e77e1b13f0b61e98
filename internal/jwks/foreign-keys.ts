// `ForeignKeys` by jose: whatever somebody else made is parsed and verified by a library that many look at.

import { compactVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Outbound } from '../outbound/outbound.ts';
import { parseMembers } from '../protocol/jwt.ts';
import type { KeySource } from '../protocol/key-source.ts';
import { verifyByHeaderKey } from './header-key.ts';
import type { ForeignKeys } from './jwks.ts';
import { type FindKey, type KeySet, parseKeySet } from './key-set.ts';
import { createUriKeys, type UriKeysDeps } from './uri-keys.ts';

export type ForeignKeysDeps = Omit<UriKeysDeps, 'outbound'> & {
  readonly outbound: { readonly [Writer in 'operator' | 'client']: Outbound };
};

/** Sets of keys that are kept at once; the one used longest ago goes. */
const MAX_SETS = 1000;

/** Asks nobody before the first token. */
export function createForeignKeys({ outbound, ...deps }: ForeignKeysDeps): ForeignKeys {
  const byUri = new LRUCache<string, FindKey>({ max: MAX_SETS });
  const byText = new LRUCache<string, KeySet>({ max: MAX_SETS });

  function ofUri(uri: string, writtenBy: 'operator' | 'client'): FindKey {
    const name = `${writtenBy} ${uri}`;
    const known = byUri.get(name) ?? createUriKeys(uri, { ...deps, outbound: outbound[writtenBy] });
    byUri.set(name, known);
    return known;
  }
  function ofText(text: string): KeySet {
    const known = byText.get(text) ?? parseKeySet(text);
    byText.set(text, known);
    return known;
  }
  function find(source: KeySource): FindKey {
    if (source.kind === 'uri') return ofUri(source.uri, source.writtenBy);
    return ofText(source.kind === 'text' ? source.text() : source.text);
  }

  return {
    async verify(jwt, source, algorithms) {
      // By the caller's list: a token must not choose how it is verified (RFC 8725 §3.1).
      if (!algorithms.includes(jwt.alg)) return undefined;
      const key = await find(source)(jwt);
      if (key === undefined) return undefined;
      try {
        const { payload } = await compactVerify(jwt.compact, key, { algorithms: [jwt.alg] });
        return parseMembers(payload);
      } catch {
        return undefined;
      }
    },
    verifyByHeaderKey,
  };
}
