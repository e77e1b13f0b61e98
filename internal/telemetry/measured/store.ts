// Measures what the store takes, by verb, and counts what it did not do.

import { Unavailable } from '../../protocol/errors.ts';
import type { Store } from '../../store/store.ts';
import { aroundStore } from '../around.ts';
import type { Numbers } from '../numbers.ts';

export function measureStore(store: Store, numbers: Numbers): Store {
  const observe = numbers.histogram('storeDuration');
  const fail = numbers.counter('storeErrors');
  return aroundStore(store, async (verb, run) => {
    const started = performance.now();
    try {
      return await run();
    } catch (error) {
      fail([verb, error instanceof Unavailable ? 'unavailable' : 'failed']);
      throw error;
    } finally {
      observe((performance.now() - started) / 1000, [verb]);
    }
  });
}
