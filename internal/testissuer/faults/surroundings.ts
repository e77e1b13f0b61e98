// What faults need of the world: how long something takes, and how a connection ends. One end for all.

import type { Tools } from './entry.ts';

export type Surroundings = Pick<Tools, 'wait' | 'silence'> & {
  /** Nobody waits any longer. */
  readonly stop: () => void;
};

export function createSurroundings(): Surroundings {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const now = Promise.resolve();
  return {
    stop,
    // The clock on the wall: that of the issuer stands still while a test does.
    wait: async (seconds) => {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, seconds * 1000);
      });
      await Promise.race([over, stopped]);
      clearTimeout(timer);
    },
    silence: (ends) => ({ kind: 'silence', until: ends === 'now' ? now : stopped }),
  };
}
