// Where the keys of whoever signs come from: nothing in a token ever says so itself (`jku`, `x5u`, `jwk`
// and `x5c` are not read).

import { type FindKey, type KeySet, parseKeySet } from '../../jwks/key-set.ts';
import { createUriKeys, type UriKeysDeps } from '../../jwks/uri-keys.ts';
import type { AssertionKeys } from '../options.ts';
import { createAlbKeys } from './alb-keys.ts';

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
