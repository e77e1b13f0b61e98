// Says in the log that requests are refused for there being too many: at once when it begins, then so
// many of them at a time, and that it is over. Never a line for each: writing it would cost more than
// the refusal.

import type { Log } from '../telemetry/log.ts';

export type Cause = 'queue' | 'requests' | 'connections';

/** @param held how many requests wait at that moment. */
export type CountRefusal = (cause: Cause, held: number) => void;

export type Later = (callback: () => void, ms: number) => void;

const PERIOD_MS = 10_000;
const NONE = { queue: 0, requests: 0, connections: 0 } as const;

/** @param told of each of them. */
export function createRefusals(
  log: Log,
  later: Later,
  told: (cause: Cause) => void = () => undefined,
): CountRefusal {
  let counts: Record<Cause, number> | undefined;
  const tell = (): void => {
    const { queue, requests, connections } = counts ?? NONE;
    if (queue + requests + connections === 0) {
      counts = undefined;
      log.info({}, 'no longer overloaded');
      return;
    }
    log.warn({ seconds: PERIOD_MS / 1000, queue, requests, connections }, 'overloaded');
    counts = { ...NONE };
    later(tell, PERIOD_MS);
  };
  return (cause, held) => {
    told(cause);
    if (counts === undefined) {
      log.warn({ cause, held }, 'overloaded: requests are refused');
      counts = { ...NONE };
      later(tell, PERIOD_MS);
    }
    counts[cause] += 1;
  };
}
