// What is known of a process from outside: its numbers, its traces, and which request is under way.
// Where the configuration asks for none of it, everything stays as it is, and nothing is loaded.

import type { Audit } from '../audit/events.ts';
import type { Config } from '../config/config.ts';
import type { Watching } from '../http/watched.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Outbox } from '../outbound/outbox.ts';
import type { Clock } from '../protocol/time.ts';
import type { Store } from '../store/store.ts';
import type { Exemplar } from '../telemetry/families.ts';
import type { Log } from '../telemetry/log.ts';
import { countEvents } from '../telemetry/measured/events.ts';
import { createMeasureRequest } from '../telemetry/measured/http.ts';
import { measureSigning } from '../telemetry/measured/keys.ts';
import { measureOutbound, type Purpose } from '../telemetry/measured/outbound.ts';
import { measureStore } from '../telemetry/measured/store.ts';
import { measureBackend } from '../telemetry/measured/userinfo.ts';
import { createNumbers, type Numbers } from '../telemetry/numbers.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Underway } from '../telemetry/underway.ts';
import type { Backend } from '../userinfo/backend.ts';
import { openConfiguredTracing } from './tracing.ts';

/** What stands around the parts of an issuer. */
export type Telemetry = {
  readonly watching: Watching;
  /** Absent: nothing is counted. */
  readonly numbers: Numbers | undefined;
  readonly audit: (audit: Audit) => Audit;
  readonly store: (store: Store) => Store;
  readonly signing: <Keys extends KeyRing>(keys: Keys) => Keys;
  readonly backend: <Kind extends Backend>(backend: Kind) => Kind;
  readonly outbound: (outbound: Outbound, purpose: Purpose) => Outbound;
  readonly outbox: (outbox: Outbox) => Outbox;
  readonly cached: ((type: string, outcome: string) => void) | undefined;
  readonly overloaded: ((cause: string) => void) | undefined;
  readonly rateLimited: ((rule: string) => void) | undefined;
  readonly keyFailed: ((type: string) => void) | undefined;
  readonly auditLost: ((sink: string, count: number) => void) | undefined;
  /** Sends what was traced. */
  readonly flush: (milliseconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export type TelemetryTerms = {
  readonly log: Log;
  readonly now: Clock;
  readonly underway: Underway;
};

/** @param snapshot that of the moment: its clients are those that may have series of their own. */
export async function openTelemetry(
  { config }: Snapshot,
  snapshot: () => Pick<Snapshot, 'clients' | 'config'>,
  terms: TelemetryTerms,
): Promise<Telemetry> {
  const numbers = config.metrics.enabled ? createNumbers() : undefined;
  const tracing = await openConfiguredTracing(config, numbers, terms.log);
  return {
    ...around(numbers, tracing),
    ...counts(numbers),
    audit: (audit) =>
      numbers === undefined
        ? audit
        : countEvents(audit, {
            numbers,
            exemplarOf: createExemplarOf(terms),
            isCounted: (clientId) => isCounted(clientId, snapshot()),
          }),
    watching: {
      underway: terms.underway,
      measure: numbers && createMeasureRequest(numbers),
      tracing,
    },
  };
}

/** The order matters: what a span takes is not counted. */
function around(numbers: Numbers | undefined, tracing: Tracing | undefined) {
  const measured = <Part>(part: Part, measure: (part: Part, numbers: Numbers) => Part): Part =>
    numbers === undefined ? part : measure(part, numbers);
  return {
    store: (store: Store) => {
      const inner = measured(store, measureStore);
      return tracing?.store(inner) ?? inner;
    },
    signing: <Keys extends KeyRing>(keys: Keys) => {
      const inner = measured(keys, measureSigning);
      return tracing?.signing(inner) ?? inner;
    },
    backend: <Kind extends Backend>(backend: Kind) => {
      const inner = measured(backend, measureBackend);
      return tracing?.backend(inner) ?? inner;
    },
    outbound: (outbound: Outbound, purpose: Purpose) => {
      const inner = measured(outbound, (part, counted) => measureOutbound(part, purpose, counted));
      return tracing?.outbound(inner, purpose) ?? inner;
    },
    outbox: (outbox: Outbox) => tracing?.outbox(outbox) ?? outbox,
    flush: async (milliseconds: number) => tracing?.flush(milliseconds),
    close: async () => tracing?.close(),
  };
}

function counts(numbers: Numbers | undefined) {
  const cached = numbers?.counter('userinfoCache');
  const overloaded = numbers?.counter('overload');
  const rateLimited = numbers?.counter('rateLimited');
  const keyFailed = numbers?.counter('keyFailures');
  const auditLost = numbers?.counter('auditLost');
  return {
    numbers,
    cached: cached && ((type: string, outcome: string) => cached([type, outcome])),
    overloaded: overloaded && ((cause: string) => overloaded([cause])),
    rateLimited: rateLimited && ((rule: string) => rateLimited([rule])),
    keyFailed: keyFailed && ((type: string) => keyFailed([type])),
    auditLost: auditLost && ((sink: string, count: number) => auditLost([sink], undefined, count)),
  };
}

const isCounted = (
  clientId: string,
  { clients, config }: { readonly clients: Snapshot['clients']; readonly config: Config },
): boolean => config.metrics.clients && clients.has(clientId);

function createExemplarOf({ now, underway }: TelemetryTerms): (requestId: string) => Exemplar {
  return (requestId) => {
    const traceId = underway.find(requestId)?.traceId;
    const trace = traceId === undefined ? {} : { trace_id: traceId };
    return { labels: { request_id: requestId, ...trace }, at: now() };
  };
}
