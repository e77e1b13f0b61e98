// The JWK Set behind a URL, kept so that a sign-in seldom waits for it. Whoever sends made-up key ids
// must not make us ask the service again and again, and its being down must not lock everybody out.

import type { Outbound } from '../outbound/outbound.ts';
import { Unavailable } from '../protocol/errors.ts';
import { type Clock, DAY, MINUTE } from '../protocol/time.ts';
import { isWithin } from './age.ts';
import { fetchText } from './fetch-text.ts';
import { type FindKey, type KeySet, parseKeySet } from './key-set.ts';

export type UriKeysDeps = {
  readonly now: Clock;
  readonly outbound: Outbound;
  /** Hears of the first failure that keys of before covered, until the service is back. */
  readonly onProblem: (problem: Unavailable) => void;
};

/** From this age on they are fetched again beside the request that asks for one. */
const FRESH = 5 * MINUTE;
/** From this age on they are fetched before they count: a key that was withdrawn ends here. */
const MAX_AGE = 10 * MINUTE;
/** While the service is down they count for so long. */
const MAX_STALE = DAY;
/** Seconds between two questions for a key that the set does not have. */
const COOL_DOWN = 30;
/** Seconds between two questions while the service is down. */
const RETRY = 5;

type Kept = { readonly set: KeySet; readonly at: number };

export function createUriKeys(uri: string, { now, outbound, onProblem }: UriKeysDeps): FindKey {
  let kept: Kept | undefined;
  let failure: { readonly at: number; readonly problem: Unavailable } | undefined;
  let fetching: Promise<Kept> | undefined;

  async function fetchSet(): Promise<Kept> {
    // As old as the question: a key may be withdrawn while the answer travels.
    const at = now();
    try {
      const text = await fetchText(outbound, uri);
      if (text === undefined) throw new Error('there is nothing at this address');
      kept = { set: parseKeySet(text), at };
      failure = undefined;
      return kept;
    } catch (error) {
      const problem = new Unavailable('keys', 'fetch the keys of whoever signed', error);
      if (kept !== undefined && failure === undefined) onProblem(problem);
      failure = { at, problem };
      throw problem;
    }
  }

  /** Everybody who needs them meanwhile waits for the same answer. */
  function refresh(): Promise<Kept> {
    if (failure !== undefined && isWithin(failure.at, RETRY, now()))
      return Promise.reject(failure.problem);
    fetching ??= fetchSet().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  async function current(): Promise<Kept> {
    if (kept === undefined || !isWithin(kept.at, MAX_AGE, now())) return refresh().catch(cover);
    if (!isWithin(kept.at, FRESH, now())) refresh().catch(() => undefined);
    return kept;
  }

  function cover(problem: unknown): Kept {
    if (kept === undefined || !isWithin(kept.at, MAX_STALE, now())) throw problem;
    return kept;
  }

  return async (token) => {
    const { set, at } = await current();
    const key = await set(token);
    if (key !== undefined) return key;
    // Perhaps a key that is newer than the set; asking more often is what a forger would want.
    if (isWithin(at, COOL_DOWN, now())) return undefined;
    if (failure !== undefined && isWithin(failure.at, COOL_DOWN, now())) throw failure.problem;
    return (await refresh()).set(token);
  };
}
