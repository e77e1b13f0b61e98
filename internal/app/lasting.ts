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
import { createSampling } from './sampling.ts';
import { toShedLimits } from './shedding.ts';
import { openTelemetry } from './telemetry.ts';

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
  const countLost = telemetry.auditLost;
  const calls = createUnderway();
  const find = (requestId: string) => underway.find(requestId) ?? calls.find(requestId);
  const trail = await openConfiguredTrail(first, snapshot, {
    ...terms,
    ...{ underway: { find }, countLost },
  });
  const audit = telemetry.audit(between?.audit?.(trail.audit) ?? trail.audit);
  const onKeyFailure = telemetry.keyFailed;
  const openedKeys = await openConfiguredKeys(first, snapshot, { ...terms, audit, onKeyFailure });
  const keys = isDev ? markTokens(openedKeys) : openedKeys;
  const store = telemetry.store(await openConfiguredStore(first, terms));
  const outbox = createConfiguredOutbox(snapshot, isDev, random, { telemetry });
  const sampling = createSampling({
    ...{ numbers: telemetry.numbers, now },
    isOn: () => snapshot().config.admin?.console.enabled === true,
  });
  return {
    sampling,
    keys,
    /** What the domain signs with. */
    ring: telemetry.signing(between?.keys(keys) ?? keys),
    store,
    audit,
    /** Requests of operators, which are none of those that the issuer serves. */
    calls,
    trail,
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
      // Last: what became of the others is on record too.
      const rest = over - performance.now();
      await Promise.all([trail.flush(rest), telemetry.flush(rest)]);
    },
    close: async (): Promise<void> => {
      sampling.close();
      await Promise.all([store.close(), keys.close(), trail.close(), telemetry.close()]);
    },
  };
}
