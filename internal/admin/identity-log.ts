// What arrived lately on the routes that read an identity: for the operator who asks why nobody is
// signed in. Owns which part of a request may be told: names, lengths, and a hash that only compares.

import { createHmac } from 'node:crypto';
import { type Clock, MINUTE } from '../protocol/time.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import { type Advice, adviseOn } from './advice.ts';
import { createLineFinder, type NamedLine } from './arrivals.ts';

const MAX_REQUESTS = 20;
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
type IdentityReport = {
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
  readonly declared: readonly DeclaredName[];
};

/** What is kept of a request: not its cookies or credentials, which are nobody's business here. */
type Kept = Omit<Arrived, 'rawHeaders'> & {
  readonly at: number;
  readonly headers: readonly HeaderFact[];
  readonly lines: readonly NamedLine[];
};

/**
 * One pass over the names when a request ends; hashing, some microseconds a value, waits until
 * somebody reads.
 */
export function createIdentityLog({ now, key, declared }: IdentityLogDeps): IdentityLog {
  const findLines = createLineFinder(declared);
  let kept: readonly Kept[] = [];

  const fresh = (): readonly Kept[] => {
    const oldest = now() - REMEMBERED_TTL;
    kept = kept.filter(({ at }) => at > oldest);
    return kept;
  };

  return {
    remember({ rawHeaders, ...facts }) {
      const request: Kept = {
        ...facts,
        at: now(),
        headers: toHeaderFacts(rawHeaders),
        lines: findLines(rawHeaders),
      };
      kept = [request, ...fresh()].slice(0, MAX_REQUESTS);
    },
    read: () => fresh().map((request) => toReport(request, declared, key)),
  };
}

function toHeaderFacts(rawHeaders: readonly string[]): readonly HeaderFact[] {
  const facts: HeaderFact[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    facts.push({ name: rawHeaders[at] ?? '', length: rawHeaders[at + 1]?.length ?? 0 });
  }
  return facts;
}

function toReport(kept: Kept, declared: readonly DeclaredName[], key: string): IdentityReport {
  const { at, requestId, route, peer, outcome, failed, headers, lines } = kept;
  return {
    at,
    request_id: requestId,
    route,
    peer,
    outcome,
    failed,
    advice: adviseOn(outcome === 'anonymous' ? 'no_identity' : failed, { lines, declared }),
    headers,
    lines: lines.map(({ header, how, value }) => ({
      header,
      how,
      length: value.length,
      hash: createHmac('sha256', key).update(value, 'latin1').digest('hex').slice(0, 8),
    })),
  };
}
