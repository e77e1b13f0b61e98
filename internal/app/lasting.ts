// What outlives every configuration of a process: what is remembered, what signs, what is on record, and
// what waits to be sent. It asks for the configuration of the moment where one may change what it does.

import { createAdmin } from '../admin/admin.ts';
import { createShedding } from '../http/shedding.ts';
import type { Snapshot } from '../loader/load.ts';
import { createUnderway } from '../telemetry/underway.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import type { Surroundings } from './assemble.ts';
import { openConfiguredTrail } from './audit.ts';
import { markTokens } from './dev-tokens.ts';
import { openConfiguredKeys } from './keys.ts';
import { createConfiguredOutbox, openConfiguredStore } from './parts.ts';
import { toShedLimits } from './shedding.ts';

export type Lasting = Awaited<ReturnType<typeof openLasting>>;

/**
 * Throws what only an operator can put right.
 *
 * @param snapshot that of the moment. @param declared headers that its upstream is told by.
 */
export async function openLasting(
  first: Snapshot,
  snapshot: () => Snapshot,
  declared: () => readonly DeclaredName[],
  terms: Surroundings,
) {
  const { mode, now, random, between, others, log, underway = createUnderway() } = terms;
  const isDev = mode === 'dev';
  const trail = await openConfiguredTrail(first, snapshot, { ...terms, underway });
  const audit = between?.audit?.(trail.audit) ?? trail.audit;
  const openedKeys = await openConfiguredKeys(first, snapshot, { ...terms, audit });
  const keys = isDev ? markTokens(openedKeys) : openedKeys;
  const store = await openConfiguredStore(first, terms);
  const outbox = createConfiguredOutbox(snapshot, isDev, random);
  return {
    keys,
    /** What the domain signs with. */
    ring: between?.keys(keys) ?? keys,
    store,
    audit,
    trail,
    outbox,
    underway,
    admin: createAdmin({ now, random, declared, identityKey: others?.identityKey }),
    // One for the process: its listeners share what it can do.
    shedding: createShedding(() => toShedLimits(snapshot().config), log),
    close: async (): Promise<void> => {
      await Promise.all([store.close(), keys.close(), trail.close()]);
    },
  };
}
