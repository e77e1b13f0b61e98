// What outlives every configuration of a process: what is remembered, what signs, what is on record, and
// what waits to be sent. It asks for the configuration of the moment where one may change what it does.

import { createAdmin } from '../admin/admin.ts';
import { openAuditTrail } from '../audit/open.ts';
import { createShedding } from '../http/shedding.ts';
import type { Snapshot } from '../loader/load.ts';
import { createUnderway } from '../telemetry/underway.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import type { Surroundings } from './assemble.ts';
import { markTokens } from './dev-tokens.ts';
import { openConfiguredKeys } from './keys.ts';
import { createConfiguredOutbox, openConfiguredStore } from './parts.ts';
import { toShedLimits } from './shedding.ts';
import { openTelemetry } from './telemetry.ts';

/** Records of this process that questions are answered from. */
const REMEMBERED = 1000;

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
  const telemetry = await openTelemetry(first, snapshot, { log, now, underway });
  const onKeyFailure = telemetry.keyFailed;
  const openedKeys = await openConfiguredKeys(first, snapshot, { log, now, mode, onKeyFailure });
  const keys = isDev ? markTokens(openedKeys) : openedKeys;
  const store = telemetry.store(await openConfiguredStore(first, terms));
  const trail = await openAuditTrail({
    ...{ log, random, remembered: REMEMBERED, findOrigin: underway.find },
    now: () => now() * 1000,
  });
  const { audit } = trail;
  const outbox = createConfiguredOutbox(snapshot, isDev, random, { telemetry });
  return {
    keys,
    /** What the domain signs with. */
    ring: telemetry.signing(between?.keys(keys) ?? keys),
    store,
    trail,
    audit: telemetry.audit(between?.audit?.(audit) ?? audit),
    outbox: { ...outbox, enqueue: telemetry.outbox(outbox.enqueue) },
    telemetry,
    admin: createAdmin({ now, random, declared, identityKey: others?.identityKey }),
    // One for the process: its listeners share what it can do.
    shedding: createShedding(
      () => toShedLimits(snapshot().config),
      log,
      undefined,
      telemetry.overloaded,
    ),
    async flush(milliseconds: number): Promise<void> {
      const over = performance.now() + milliseconds;
      await outbox.drain(milliseconds);
      await telemetry.flush(over - performance.now());
    },
    close: async (): Promise<void> => {
      await Promise.all([store.close(), keys.close(), telemetry.close()]);
    },
  };
}
