import { printDuration } from '../duration.ts';
import type { Remark } from './remark.ts';
import { type Check, problem, warning } from './remark.ts';

/** Keys that replicas share are in a store that they share, and are sealed nowhere else. */
export const keySourceCheck: Check = {
  reads: ['keys', 'store'],
  find({ keys, store }) {
    const { source, secret_file: file, further_secret_files: further } = keys;
    if (source === 'store' && store.driver === 'memory') {
      const text =
        'needs store.driver: redis, because nobody shares the memory of a process; or use file';
      return [problem(['keys', 'source'], text)];
    }
    if (source === 'store') return [];
    const text = `seals nothing where keys.source is ${source}; remove it, or use source: store`;
    return [
      ...(file === undefined ? [] : [problem(['keys', 'secret_file'], text)]),
      ...(further.length === 0 ? [] : [problem(['keys', 'further_secret_files'], text)]),
    ];
  },
};

/** A key that signs before caches have let go of the JWKS without it fails every verification. */
export const keyCheck: Check = {
  reads: ['keys', 'policy', 'store'],
  find({ keys, policy, store }, { mode }) {
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
      const others = store.driver === 'redis' ? ', and other replicas do not know them' : '';
      remarks.push(
        warning(
          ['keys', 'source'],
          `forgets the keys at a restart, which invalidates every token${others}`,
        ),
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
      (backend.type === 'http' || backend.type === 'scim') &&
      backend.url.startsWith('http://') &&
      (backend.basic ?? backend.bearer_file ?? ('oauth' in backend ? backend.oauth : undefined)) !==
        undefined
        ? [
            warning(
              ['userinfo', 'backends', index, 'url'],
              'sends credentials over plain http; use https',
            ),
          ]
        : [],
    ),
};

/** Somebody believes in replicas that nobody waits for. */
export const durabilityCheck: Check = {
  reads: ['store'],
  find({ store: { redis } }) {
    if (redis.durability === 'acknowledged' || redis.acknowledged_by === 1) return [];
    const text = 'is waited for by nobody where durability is fast; set durability: acknowledged';
    return [warning(['store', 'redis', 'acknowledged_by'], text)];
  },
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
