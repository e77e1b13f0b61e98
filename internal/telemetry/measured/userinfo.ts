// Measures what userinfo backends take, by type.

import type { Claims } from '../../protocol/claims.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Backend } from '../../userinfo/backend.ts';
import type { Numbers } from '../numbers.ts';

/** Also of those that answer at once, which go on doing so. */
export function measureBackend<Kind extends Backend>(backend: Kind, numbers: Numbers): Kind {
  const observe = numbers.histogram('userinfoDuration');
  const fail = numbers.counter('userinfoErrors');
  const { type } = backend;
  const find = (subject: Subject, snapshot: Claims) => {
    const started = performance.now();
    const over = (): void => observe((performance.now() - started) / 1000, [type]);
    const answer = backend.find(subject, snapshot);
    if (!(answer instanceof Promise)) {
      over();
      return answer;
    }
    return answer.then(
      (claims) => {
        over();
        return claims;
      },
      (error: unknown) => {
        over();
        fail([type]);
        throw error;
      },
    );
  };
  return Object.create(backend, { find: { value: find, enumerable: true } });
}
