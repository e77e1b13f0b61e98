// Measures what the store takes, by verb, and counts what it did not do.

import { Unavailable } from '../../protocol/errors.ts';
import type { Store } from '../../store/store.ts';
import { aroundStore } from '../around.ts';
import type { Numbers } from '../numbers.ts';

export function measureStore(store: Store, numbers: Numbers): Store {
  const observe = numbers.histogram('storeDuration');
  const fail = numbers.counter('storeErrors');
  return aroundStore(store, (verb, run) => {
    const started = performance.now();
    const over = (): void => observe((performance.now() - started) / 1000, [verb]);
    const answer = run();
    // Beside whoever asked, who would else wait for one promise more.
    answer.then(over, (error: unknown) => {
      fail([verb, error instanceof Unavailable ? 'unavailable' : 'failed']);
      over();
    });
    return answer;
  });
}
