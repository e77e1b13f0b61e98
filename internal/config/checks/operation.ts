import { printDuration } from '../duration.ts';
import type { Remark } from './remark.ts';
import { type Check, problem, warning } from './remark.ts';

/** A key that signs before caches have let go of the JWKS without it fails every verification. */
export const keyCheck: Check = {
  reads: ['keys', 'policy'],
  find({ keys, policy }, { mode }) {
    const remarks: Remark[] = [];
    if (keys.publish_ahead < policy.metadata_max_age) {
      const age = printDuration(policy.metadata_max_age);
      const text = `is shorter than policy.metadata_max_age; make it ${age} or more`;
      remarks.push(problem(['keys', 'publish_ahead'], text));
    }
    if (keys.rotate_every !== undefined && keys.rotate_every <= keys.publish_ahead) {
      remarks.push(problem(['keys', 'rotate_every'], 'has to be longer than keys.publish_ahead'));
    }
    if (mode === 'serve' && keys.source === 'ephemeral') {
      remarks.push(
        warning(['keys', 'source'], 'forgets the keys at a restart, which invalidates every token'),
      );
    }
    return remarks;
  },
};

/** A password that anybody on the way can read. */
export const userinfoCheck: Check = {
  reads: ['userinfo'],
  find: ({ userinfo }) =>
    userinfo.backends.flatMap((backend, index) =>
      backend.type === 'http' &&
      backend.url.startsWith('http://') &&
      (backend.basic !== undefined || backend.bearer_file !== undefined)
        ? [
            warning(
              ['userinfo', 'backends', index, 'url'],
              'sends credentials over plain http; use https',
            ),
          ]
        : [],
    ),
};

/** What processes cannot share, each would have of its own: a code of one is none to the others. */
export const workersCheck: Check = {
  reads: ['workers', 'store', 'keys'],
  find({ workers, store, keys }, { mode }) {
    if (workers === 1) return [];
    const say = (text: string) => problem(['workers'], text);
    if (mode === 'dev') return [say('cannot be more than one with asteroid dev; leave it out')];
    return [
      ...(store.driver === 'memory'
        ? [say('would each have codes and tokens of their own; use store.driver: redis')]
        : []),
      ...(keys.source === 'ephemeral'
        ? [say('would each sign with keys that the others do not have; use keys.source: file')]
        : []),
    ];
  },
};
