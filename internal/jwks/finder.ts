// The keys of many sources, each read once and kept while there is room.

import { LRUCache } from 'lru-cache';
import type { Outbound } from '../outbound/outbound.ts';
import type { KeySource } from '../protocol/key-source.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { type Ask, asItIs, createUriKeys, type UriKeysDeps } from './uri-keys.ts';

export type FinderDeps = Omit<UriKeysDeps, 'outbound'> & {
  readonly outbound: { readonly [Writer in 'operator' | 'client']: Outbound };
};

/** Sets of keys that are kept at once; the one used longest ago goes. */
const MAX_SETS = 1000;

/** Asks nobody before the first question. */
export function createFinder({ outbound, ...deps }: FinderDeps): (source: KeySource) => Ask {
  const { toKeySet = asItIs } = deps;
  const byUri = new LRUCache<string, Ask>({ max: MAX_SETS });
  const byText = new LRUCache<string, KeySet>({ max: MAX_SETS });

  function ofUri(uri: string, writtenBy: 'operator' | 'client'): Ask {
    const name = `${writtenBy} ${uri}`;
    const known =
      byUri.get(name) ?? createUriKeys(uri, { ...deps, outbound: outbound[writtenBy] }).ask;
    byUri.set(name, known);
    return known;
  }
  function ofText(text: string): KeySet {
    const known = byText.get(text) ?? parseKeySet(toKeySet(text));
    byText.set(text, known);
    return known;
  }
  return (source) => {
    if (source.kind === 'uri') return ofUri(source.uri, source.writtenBy);
    return (question) => question(ofText(source.kind === 'text' ? source.text() : source.text));
  };
}
