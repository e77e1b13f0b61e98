// Keys as operators look after them, and what is said where something is not done.

import type { KeyDirectory } from '../../admin/api/ports/keys.ts';
import { type AdminError, AdminRefusal } from '../../admin/refusal.ts';
import type { Config } from '../../config/config.ts';
import { KEY_KINDS } from '../../keys/filename.ts';
import { type KeyKeeper, KeyRefusal, type KeyRefusalKind } from '../../keys/keeper.ts';
import { toPublishAhead } from '../keys.ts';

export type KeyDirectoryDeps = {
  readonly config: () => Config;
  readonly keeper: KeyKeeper;
  /** Other processes of this issuer read them again. */
  readonly tellOthers: () => Promise<unknown>;
};

const REFUSALS: { readonly [Kind in KeyRefusalKind]: readonly [AdminError, string] } = {
  unknown: [
    'not_found',
    'there is no such key, or not any more; GET /keys lists those that there are',
  ],
  unused: ['invalid_request', 'alg: no key is of this algorithm; GET /keys lists those in use'],
  signing: [
    'conflict',
    'this key signs; rotate first, with "immediately": true where it leaked, and retire it when another one signs',
  ],
  last: ['conflict', 'this is the only key of its algorithm; rotate first'],
  many: [
    'conflict',
    'eight keys of an algorithm are published already; retire some of them, or wait until what they signed has expired',
  ],
  read_only: [
    'conflict',
    'the directory of keys cannot be written to from here; change it where it comes from, as in the Secret that is mounted',
  ],
};

export const createKeyDirectory = ({
  config,
  keeper,
  tellOthers,
}: KeyDirectoryDeps): KeyDirectory => ({
  source: () => config().keys.source,
  list: () =>
    keeper.list().map(({ kid, kind, activeFrom, state, until }) => ({
      kid,
      alg: kind,
      state,
      active_from: activeFrom,
      ...(until === undefined ? {} : { until }),
    })),
  async rotate(alg, immediately) {
    const kind = KEY_KINDS.find((known) => known === alg);
    if (alg !== undefined && kind === undefined) throw toRefusal('unused');
    const ahead = immediately ? 0 : toPublishAhead(config());
    await refusing(() => keeper.rotateNow(kind, ahead));
    await tellOthers();
  },
  async retire(kid) {
    await refusing(() => keeper.retire(kid));
    await tellOthers();
  },
});

const toRefusal = (kind: KeyRefusalKind): AdminRefusal => new AdminRefusal(...REFUSALS[kind]);

async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof KeyRefusal ? toRefusal(error.kind) : error;
  }
}
