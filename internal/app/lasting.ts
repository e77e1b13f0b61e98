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

type Sources = {
  readonly first: Snapshot;
  /** That of the moment. */
  readonly snapshot: () => Snapshot;
  /** Headers that its upstream is told by. */
  readonly declared: () => readonly DeclaredName[];
};

type Part = { readonly close: () => Promise<unknown> };

/** Throws what only an operator can put right; then nothing is left open that would keep a process from ending. */
export async function openLasting(sources: Sources, terms: Surroundings) {
  const parts: Part[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(parts.map((part) => part.close()));
  };
  try {
    return { ...(await openParts(sources, terms, parts)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param parts gets each as soon as it is open. */
async function openParts(
  { first, snapshot, declared }: Sources,
  terms: Surroundings,
  parts: Part[],
) {
  const opened = <Opened extends Part>(part: Opened): Opened => {
    parts.push(part);
    return part;
  };
  const { mode, now, random, between, others, log, underway = createUnderway() } = terms;
  const isDev = mode === 'dev';
  const telemetry = opened(await openTelemetry(first, snapshot, { log, now, underway }));
  const countLost = telemetry.auditLost;
  const calls = createUnderway();
  const find = (requestId: string) => underway.find(requestId) ?? calls.find(requestId);
  const trail = opened(
    await openConfiguredTrail(first, snapshot, { ...terms, underway: { find }, countLost }),
  );
  const audit = telemetry.audit(between?.audit?.(trail.audit) ?? trail.audit);
  const onKeyFailure = telemetry.keyFailed;
  const own = opened(await openConfiguredKeys(first, snapshot, { ...terms, audit, onKeyFailure }));
  const keys = isDev ? markTokens(own) : own;
  const store = telemetry.store(opened(await openConfiguredStore(first, terms)));
  const outbox = createConfiguredOutbox(snapshot, isDev, random, { telemetry });
  const sampling = createSampling({
    ...{ numbers: telemetry.numbers, now, log },
    isOn: () => snapshot().config.admin?.console.enabled === true,
  });
  parts.push({ close: async () => sampling.close() });
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
  };
}
