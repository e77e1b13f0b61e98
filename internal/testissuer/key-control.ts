// The keys of a test issuer, and how a test rotates them.

import type { OpenKeys } from '../keys/open.ts';
import { SIGNING_ALGS } from '../protocol/names.ts';
import type { TestIssuer } from './api.ts';
import { checkMembers } from './members.ts';
import { Misuse } from './misuse.ts';

export type KeyControl = {
  readonly api: TestIssuer['keys'];
  /** Told of the keys when they are opened. */
  readonly learn: (keys: OpenKeys) => void;
};

export function createKeyControl(): KeyControl {
  let opened: OpenKeys | undefined;
  const api: TestIssuer['keys'] = {
    async rotate(options = {}) {
      checkMembers('keys.rotate', options, ['overlap', 'alg']);
      const { overlap = true, alg } = options;
      const known = SIGNING_ALGS.find((one) => one === alg);
      if (alg !== undefined && known === undefined) {
        throw new Misuse(`keys.rotate: alg has to be one of ${SIGNING_ALGS.join(', ')}`);
      }
      if (opened?.rotate === undefined) {
        throw new Misuse('keys.rotate: keys that are not `source: ephemeral` rotate by themselves');
      }
      await opened.rotate({ overlap, alg: known });
    },
  };
  return {
    api,
    learn(keys) {
      opened = keys;
    },
  };
}
