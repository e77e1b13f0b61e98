// What arrived lately on the routes that read an identity: for the operator who asks why nobody is
// signed in. Owns which part of a request may be told: names, lengths, and a hash that only compares.

import { createHmac } from 'node:crypto';
import { type Clock, MINUTE } from '../protocol/time.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import { type Advice, adviseOn } from './advice.ts';
import { createLineFinder, createNameTest, type FindLines, type NamedLine } from './arrivals.ts';

/** Told at once, however many processes remember some. */
export const MAX_REQUESTS = 20;
const REMEMBERED_TTL = 10 * MINUTE;

/** A request as its listener saw it. */
export type Arrived = {
  readonly requestId: string;
  readonly route: string;
  /** Address of the socket; undefined on a Unix socket. */
  readonly peer: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly outcome: 'identified' | 'anonymous' | 'refused';
  /** Which check it failed; undefined when it passed all those of the upstream. */
  readonly failed: string | undefined;
};

type HeaderFact = {
  readonly name: string;
  readonly length: number;
};

/** A line of a configured header, of an alias of one, or a Connection that names one. */
type LineFact = {
  readonly header: string;
  readonly how: NamedLine['how'];
  readonly length: number;
  /** Eight hex digits under a key of this process: equal values are recognisable, and that is all. */
  readonly hash: string;
};

/** What may be told of one request; never a value. */
export type IdentityReport = {
  readonly at: number;
  readonly request_id: string;
  readonly route: string;
  readonly peer: string | undefined;
  readonly outcome: Arrived['outcome'];
  readonly failed: string | undefined;
  readonly advice: Advice | undefined;
  readonly headers: readonly HeaderFact[];
  readonly lines: readonly LineFact[];
};

export type IdentityLog = {
  remember(arrived: Arrived): void;
  /** The latest first. */
  read(): readonly IdentityReport[];
};

export type IdentityLogDeps = {
  readonly now: Clock;
  /** Made at start, and known to nobody. */
  readonly key: string;
  /** Those of the moment; the same list until they change. */
  readonly declared: () => readonly DeclaredName[];
};

/**
 * Name, value, name, value, …; of a value that can belong to no configured header only its length, so
 * that no cookie outlives its request here.
 */
type Thinned = readonly (string | number)[];

type Kept = Omit<Arrived, 'rawHeaders'> & {
  readonly at: number;
  readonly headers: Thinned;
};

/**
 * A request costs one pass that looks at lengths; what takes ten times that waits until somebody reads.
 */
export function createIdentityLog({ now, key, declared }: IdentityLogDeps): IdentityLog {
  let test = { of: declared(), isNamed: createNameTest(declared()) };
  let kept: Kept[] = [];

  const forget = (at: number): void => {
    const oldest = at - REMEMBERED_TTL;
    const first = kept[0];
    if (first !== undefined && first.at <= oldest) kept = kept.filter((one) => one.at > oldest);
  };

  return {
    remember({ requestId, route, peer, rawHeaders, outcome, failed }) {
      const at = now();
      const of = declared();
      if (test.of !== of) test = { of, isNamed: createNameTest(of) };
      forget(at);
      if (kept.length >= MAX_REQUESTS) kept.shift();
      kept.push({
        requestId,
        route,
        peer,
        outcome,
        failed,
        at,
        headers: thin(rawHeaders, test.isNamed),
      });
    },
    read() {
      forget(now());
      const reading = { findLines: createLineFinder(declared()), declared: declared(), key };
      return kept.toReversed().map((request) => toReport(request, reading));
    },
  };
}

function thin(rawHeaders: readonly string[], isNamed: (name: string) => boolean): Thinned {
  const thinned: (string | number)[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    thinned.push(name, isNamed(name) ? value : value.length);
  }
  return thinned;
}

/** Names and what is known of their values, in pairs. */
function* pairsOf(headers: Thinned): Generator<readonly [string, string | number]> {
  for (let at = 0; at < headers.length; at += 2) {
    yield [String(headers[at]), headers[at + 1] ?? 0];
  }
}

const toHeaderFact = ([name, value]: readonly [string, string | number]): HeaderFact => ({
  name,
  length: typeof value === 'string' ? value.length : value,
});

type Reading = Pick<IdentityLogDeps, 'key'> & {
  readonly declared: readonly DeclaredName[];
  readonly findLines: FindLines;
};

function toReport(kept: Kept, { findLines, declared, key }: Reading): IdentityReport {
  const { at, requestId, route, peer, outcome, failed } = kept;
  const pairs = [...pairsOf(kept.headers)];
  const lines = findLines(
    pairs.flatMap(([name, value]) => (typeof value === 'string' ? [name, value] : [])),
  );
  return {
    at,
    request_id: requestId,
    route,
    peer,
    outcome,
    failed,
    advice: adviseOn(outcome === 'anonymous' ? 'no_identity' : failed, { lines, declared }),
    headers: pairs.map(toHeaderFact),
    lines: lines.map(({ header, how, value }) => ({
      header,
      how,
      length: value.length,
      hash: createHmac('sha256', key).update(value, 'latin1').digest('hex').slice(0, 8),
    })),
  };
}
