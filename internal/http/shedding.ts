// Begins no more requests in a turn of the event loop than leave it time for connections that wait to be
// accepted (Node accepts one in each turn), for answers of the store and for probes. The others wait
// here, where somebody knows for how long; in the kernel they would wait as well, and nobody would. One
// for all listeners of a process, because they share one event loop.

import type { Log } from '../telemetry/log.ts';
import type { Exchange } from './exchange.ts';
import { isFull, isOverloaded, type Kind, kindOf, type Limits, patience } from './overload.ts';
import { type Cause, createRefusals, type Later } from './refusals.ts';
import { createWaiting } from './waiting.ts';

export type Shedding = {
  /**
   * Asked once of each request that is well-formed. Undefined, as nearly always: it may be begun at once.
   * Else whether it may, as soon as that is known; it may not when it has waited for too long, or nobody
   * waits for its answer any longer.
   */
  readonly admit: (exchange: Part) => Promise<boolean> | undefined;
  /** False where too many wait for their answer already; else `leave` has to follow. */
  readonly enter: (exchange: Part) => boolean;
  readonly leave: () => void;
  /** There is another connection. */
  readonly accepted: () => void;
  /** A connection was closed, because there are as many as there may be. */
  readonly dropped: () => void;
};

type Part = Pick<Exchange, 'request' | 'response' | 'entry'>;

/** The event loop, as far as anybody has to know of it. */
export type EventLoop = {
  /** Milliseconds. */
  readonly now: () => number;
  /** Calls back when everything is done that was ready in this turn. */
  readonly afterTurn: (callback: () => void) => void;
  readonly later: Later;
};

const LOOP: EventLoop = {
  now: () => performance.now(),
  afterTurn: (callback) => setImmediate(callback),
  later: (callback, ms) => setTimeout(callback, ms).unref(),
};

/**
 * So many are begun in a turn: more than a proxy usually has under way, and few enough that all they do
 * before they wait again, which comes after the last of them was begun, takes some ten milliseconds.
 */
const MOST_BEGUN = 64;

type Waiter = {
  readonly response: Part['response'];
  readonly since: number;
  readonly settle: (begins: boolean) => void;
};

const REFUSED = Promise.resolve(false);

/** @param limits those of the moment. */
/** @param told of each request and connection that is refused. */
export function createShedding(
  limits: () => Limits,
  log: Log,
  loop: EventLoop = LOOP,
  told?: (cause: Cause) => void,
): Shedding {
  const count = createRefusals(log, loop.later, told);
  const waiting = createWaiting<Waiter>();
  const { accepted, looksAgain } = createLooks();
  let underWay = 0;
  /** How many were begun in the turn that goes on; undefined where nothing was begun in it. */
  let begun: number | undefined;
  let waitedSince = 0;
  let refusedAt = Number.NEGATIVE_INFINITY;

  const held = (): number => underWay + waiting.size();
  const isPast = (now: number): boolean => isOverloaded({ waitedSince, refusedAt }, now, limits());

  const refuseLate = (now: number): void => {
    for (const { settle } of waiting.takeLate(now - patience(isPast(now), limits()))) {
      settle(false);
      refusedAt = now;
      count('queue', held());
    }
  };

  const nextTurn = (): void => {
    if (looksAgain()) {
      loop.afterTurn(nextTurn);
      return;
    }
    begun = 0;
    for (; begun < MOST_BEGUN; begun += 1) {
      const next = waiting.takeNext();
      if (next === undefined) break;
      next.settle(!next.response.destroyed);
    }
    // Only then: however long a turn is, some of those that waited for it are begun.
    refuseLate(loop.now());
    if (begun === 0) begun = undefined;
    else loop.afterTurn(nextTurn);
  };

  const wait = (kind: Exclude<Kind, 'unrefused'>, response: Part['response']): Promise<boolean> => {
    const since = loop.now();
    if (waiting.size() === 0) waitedSince = since;
    // Of both kinds together no more than the next turn begins.
    if (waiting.sizeOf(kind) >= MOST_BEGUN / 2 && isPast(since)) {
      refusedAt = since;
      count('queue', held());
      return REFUSED;
    }
    return new Promise((settle) => waiting.add(kind, { response, since, settle }));
  };

  const refuse = (): false => {
    count('requests', held());
    return false;
  };

  const admit: Shedding['admit'] = ({ request, response, entry }) => {
    const kind = kindOf(entry?.endpoint, request.method);
    if (kind === 'unrefused') return undefined;
    if (isFull(held(), isPipelined(response), limits())) {
      refuse();
      return REFUSED;
    }
    if (begun === undefined) {
      begun = 0;
      loop.afterTurn(nextTurn);
    }
    if (begun >= MOST_BEGUN) return wait(kind, response);
    begun += 1;
    return undefined;
  };

  return {
    admit,
    enter: ({ request, response, entry }) => {
      const isRefusable = kindOf(entry?.endpoint, request.method) !== 'unrefused';
      // One connection can have sent so much that all of it is admitted before anything enters.
      if (isRefusable && isFull(underWay, isPipelined(response), limits())) return refuse();
      underWay += 1;
      return true;
    },
    leave: () => {
      underWay -= 1;
    },
    accepted,
    dropped: () => count('connections', held()),
  };
}

/** A response has its socket when nothing is to be sent before it. */
const isPipelined = ({ socket }: Part['response']): boolean => socket === null;

/**
 * Where a connection was accepted, others may wait behind it. So many times in a row that is looked for
 * before anything is begun: what they ask has to be here to be begun or refused.
 */
const MOST_LOOKS = 32;

function createLooks() {
  let wasAccepted = false;
  let looks = 0;
  return {
    accepted: (): void => {
      wasAccepted = true;
    },
    looksAgain: (): boolean => {
      looks = wasAccepted && looks < MOST_LOOKS ? looks + 1 : 0;
      wasAccepted = false;
      return looks > 0;
    },
  };
}
