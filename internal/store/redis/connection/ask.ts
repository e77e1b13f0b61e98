// Every question to Redis has a deadline, and an answer that comes later is no answer. Within the
// deadline a question may be put again, but only where the same question gets the same answer.

import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../../../protocol/errors.ts';
import type { Connection } from './connection.ts';
import { isReadOnly, isReset, Late, NotConnected, toCause } from './errors.ts';

/** Sends a question that Redis must not carry out after this moment of our monotonic clock. */
type Send<Answer> = (notAfter: number) => Promise<Answer>;

export type Ask = {
  /** What may have been carried out already is not sent a second time. */
  once<Answer>(operation: string, send: Send<Answer>): Promise<Answer>;
  /** For what is idempotent: after a reset it is sent again, until the deadline. */
  untilAnswered<Answer>(operation: string, send: Send<Answer>): Promise<Answer>;
};

/** More than this many at a time are refused: a frozen Redis must not fill our memory. */
const MAX_IN_FLIGHT = 10_000;

/** A broken connection may take a moment to be known as broken. */
const BREATH_MS = 2;

/** The last fifth of the deadline is for the answer to come back in. */
const SPENDABLE = 0.8;

/**
 * Every call settles within `deadlineMs`: with the answer, or by throwing `Unavailable`.
 * @param onFailure hears of what was thrown, before it is stripped.
 */
export function createAsk(
  connection: Pick<Connection, 'isUp' | 'whenUp' | 'renew'>,
  deadlineMs: number,
  onFailure: (error: unknown) => void = () => {},
): Ask {
  let inFlight = 0;

  async function waitForConnection(milliseconds: number): Promise<void> {
    if (!(await connection.whenUp(milliseconds))) throw new NotConnected(undefined);
  }

  /** Whether the same question may be put again. */
  function isWorthRepeating(error: unknown, again: boolean): boolean {
    if (isReadOnly(error)) connection.renew();
    return error instanceof Late || (again && isReset(error));
  }

  async function ask<Answer>(send: Send<Answer>, again: boolean): Promise<Answer> {
    const startedAt = performance.now();
    const notAfter = startedAt + deadlineMs * SPENDABLE;
    for (;;) {
      if (!connection.isUp()) await waitForConnection(startedAt + deadlineMs - performance.now());
      try {
        return await send(notAfter);
      } catch (error) {
        if (!isWorthRepeating(error, again) || performance.now() >= notAfter) throw error;
        await pause(BREATH_MS);
      }
    }
  }

  async function bounded<Answer>(operation: string, send: Send<Answer>, again: boolean) {
    inFlight += 1;
    try {
      if (inFlight > MAX_IN_FLIGHT) throw new Error('too many calls are waiting');
      return await within(deadlineMs, ask(send, again));
    } catch (error) {
      onFailure(error);
      throw new Unavailable('store', operation, toCause(error));
    } finally {
      inFlight -= 1;
    }
  }

  return {
    once: (operation, send) => bounded(operation, send, false),
    untilAnswered: (operation, send) => bounded(operation, send, true),
  };
}

/** Rejects with a `TimeoutError` when the promise has not settled in time. */
function within<Answer>(milliseconds: number, promise: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new DOMException('no answer in time', 'TimeoutError'));
    const timer = setTimeout(giveUp, milliseconds);
    const settled = () => clearTimeout(timer);
    promise.then(resolve, reject).then(settled, settled);
  });
}
