// A steady load: so many scenarios begin each second, whatever became of those before.

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from './actor.ts';
import type { SCENARIOS } from './scenarios.ts';

export type Load = {
  /** Nothing new begins; resolves when what has begun is over. */
  stop(): Promise<void>;
};

/** Waiting for a Redis that is away for long must not become a load of its own. */
const MAX_RUNNING = 80;

/** @param every milliseconds between two beginnings. */
export function startLoad(
  actor: Omit<Actor, 'pause'>,
  scenarios: typeof SCENARIOS,
  every: number,
): Load {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const pause: Actor['pause'] = (milliseconds) =>
    sleep(milliseconds, true, { signal: stopping.signal }).catch(() => false);

  const begin = (): void => {
    if (running.size >= MAX_RUNNING) return;
    const scenario = actor.chance.pick(scenarios);
    const one = scenario({ ...actor, pause }).finally(() => running.delete(one));
    running.add(one);
  };
  const timer = setInterval(begin, every);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(running);
    },
  };
}
