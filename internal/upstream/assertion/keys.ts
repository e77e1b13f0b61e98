// Where the keys of whoever signs come from: nothing in a token ever says so itself (`jku`, `x5u`, `jwk`
// and `x5c` are not read).

import type { CryptoKey } from 'jose';
import type { AssertionKeys } from '../options.ts';
import { createAlbKeys } from './alb-keys.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import type { Token } from './token.ts';
import { createUriKeys, type UriKeysDeps } from './uri-keys.ts';

/** Throws `Unavailable` when nobody can tell; undefined: there is no such key. */
export type FindKey = (token: Pick<Token, 'alg' | 'kid'>) => Promise<CryptoKey | undefined>;

export function createFindKey(keys: AssertionKeys, deps: UriKeysDeps): FindKey {
  if (keys.kind === 'uri') return createUriKeys(keys.uri, deps);
  return keys.kind === 'alb' ? createAlbKeys(keys.region, deps) : createFileKeys(keys.text);
}

/** Parsed again when the file changed. */
function createFileKeys(text: () => string): FindKey {
  let known: { readonly text: string; readonly set: KeySet } | undefined;
  return async (token) => {
    const current = text();
    if (known?.text !== current) known = { text: current, set: parseKeySet(current) };
    return known.set(token);
  };
}
