import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { Store } from '../../internal/store/store.ts';

/** What a loaded machine may add to a deadline. */
const MARGIN_MS = 10_000;

export type Loop = {
  /** How often it was answered, and how often not. */
  counts(): { readonly answered: number; readonly unavailable: number };
  /** Resolves when so many more were answered. */
  untilAnswered(more: number): Promise<void>;
  stop(): Promise<void>;
};

/** Calls one after the other, in two lanes; anything but an answer or `Unavailable` in time fails `stop`. */
export function startLoop(call: () => Promise<unknown>, deadlineMs: number): Loop {
  const failures: unknown[] = [];
  let [answered, unavailable, stopped] = [0, 0, false];

  async function turn(): Promise<void> {
    const startedAt = performance.now();
    try {
      await call();
      answered += 1;
    } catch (error) {
      if (error instanceof Unavailable) unavailable += 1;
      else failures.push(error);
    }
    const took = performance.now() - startedAt;
    if (took > deadlineMs + MARGIN_MS) failures.push(new Error(`a call took ${took} ms`));
  }
  async function lane(): Promise<void> {
    while (!stopped) {
      await turn();
      await pause(5);
    }
  }
  const lanes = [lane(), lane()];
  return {
    counts: () => ({ answered, unavailable }),
    async untilAnswered(more) {
      const enough = answered + more;
      await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThanOrEqual(enough);
    },
    async stop() {
      stopped = true;
      await Promise.all(lanes);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Resolves when the store is ready: all of its Redis answers and takes writes. */
export const untilReady = (store: Store): Promise<unknown> =>
  expect
    .poll(
      () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
