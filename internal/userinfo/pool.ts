// A few connections to one server, each used by one question at a time. Bounded, because a directory
// that is slow is not helped by more of them; a connection that failed is never used again.

import type { Clock } from '../protocol/time.ts';
import { SourceError } from './source-error.ts';

export type Connection = {
  /** False as soon as the other side is known to be gone. */
  isUsable(): boolean;
  /** At once, whatever is under way on it; never throws. */
  close(): void;
};

export type PoolOptions<One extends Connection> = {
  readonly max: number;
  readonly now: Clock;
  /** Has to end what it began when the signal is aborted. */
  readonly open: (signal: AbortSignal) => Promise<One>;
};

export type Pool<One extends Connection> = {
  /** @param work rejects only where the connection is of no use any more. */
  use<Value>(signal: AbortSignal, work: (connection: One) => Promise<Value>): Promise<Value>;
  close(): void;
};

/** Seconds after which a connection is replaced: by then a changed password or address counts. */
const MAX_AGE = 600;

type Held<One> = { readonly connection: One; readonly openedAt: number };

/** Waits in line for a connection; whoever waits in vain leaves the line at their signal. */
export function createPool<One extends Connection>(options: PoolOptions<One>): Pool<One> {
  const { now, open } = options;
  const idle: Held<One>[] = [];
  const turns = createTurns(options.max);
  let isClosed = false;

  function takeIdle(): Held<One> | undefined {
    for (let held = idle.pop(); held !== undefined; held = idle.pop()) {
      const age = now() - held.openedAt;
      if (held.connection.isUsable() && age >= 0 && age < MAX_AGE) return held;
      held.connection.close();
    }
    return undefined;
  }

  const dropIdle = (): void => {
    for (const { connection } of idle.splice(0)) connection.close();
  };

  async function run<Value>(
    held: Held<One>,
    signal: AbortSignal,
    work: (connection: One) => Promise<Value>,
  ): Promise<Value> {
    try {
      const value = await orAborted(signal, work(held.connection));
      if (isClosed) held.connection.close();
      else idle.push(held);
      return value;
    } catch (error) {
      held.connection.close();
      throw error;
    }
  }

  async function attempt<Value>(
    signal: AbortSignal,
    work: (connection: One) => Promise<Value>,
  ): Promise<Value> {
    const kept = takeIdle();
    if (kept !== undefined) {
      try {
        return await run(kept, signal, work);
      } catch (error) {
        // A server that is gone without a word: each of the others would cost somebody all of their time.
        if (signal.aborted) {
          dropIdle();
          throw error;
        }
        // The server may have closed it in the very moment it was used again: asked once more.
      }
    }
    const connection = await orAborted(signal, open(signal));
    return run({ connection, openedAt: now() }, signal, work);
  }

  return {
    async use(signal, work) {
      await turns.take(signal);
      try {
        return await attempt(signal, work);
      } finally {
        turns.leave();
      }
    },
    close() {
      isClosed = true;
      dropIdle();
    },
  };
}

type Turns = { take(signal: AbortSignal): Promise<void>; leave(): void };

function createTurns(max: number): Turns {
  const line = new Set<() => void>();
  let taken = 0;
  return {
    async take(signal) {
      if (taken < max) {
        taken += 1;
        return;
      }
      let mine = () => {};
      const turn = new Promise<void>((resolve) => {
        mine = resolve;
      });
      line.add(mine);
      try {
        await orAborted(signal, turn);
      } catch (error) {
        // Handed over in the same moment: passed on, or it would be lost for good.
        if (!line.delete(mine)) this.leave();
        throw error;
      }
    },
    leave() {
      const [next] = line;
      if (next === undefined) {
        taken -= 1;
        return;
      }
      line.delete(next);
      next();
    },
  };
}

/** Rejects as soon as the signal is aborted, even if the work never ends. */
function orAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SourceError('timeout', 'no answer in time'));
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}
