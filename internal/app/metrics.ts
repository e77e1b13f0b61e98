// What a scrape is answered with: the numbers of this process and of the others, as one issuer.

import type { Readiness } from '../http/admin.ts';
import type { KeyStates } from '../keys/keys.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Queue } from '../outbound/queue.ts';
import type { Clock } from '../protocol/time.ts';
import type { Store } from '../store/store.ts';
import type { Family } from '../telemetry/families.ts';
import type { Numbers } from '../telemetry/numbers.ts';
import type { Printed } from '../telemetry/print.ts';
import type { Underway } from '../telemetry/underway.ts';
import type { Others } from './others.ts';
import type { Telemetry } from './telemetry.ts';
import { VERSION } from './version.ts';

export type Metrics = {
  /** Of this process alone. */
  readonly read: () => Promise<readonly Family[]>;
  /** Of the whole issuer. @param accept as it was sent. */
  readonly print: (accept: string | undefined) => Promise<Printed>;
};

export type MetricsTerms = {
  readonly numbers: Numbers;
  readonly snapshot: () => Pick<Snapshot, 'clients' | 'config'>;
  readonly keys: KeyStates;
  readonly store: Pick<Store, 'usage'>;
  readonly outbox: Pick<Queue, 'usage'>;
  readonly underway: Underway;
  readonly isReady: () => Promise<readonly Readiness[]>;
  readonly isOutdated: () => boolean;
  readonly now: Clock;
  readonly others?: Others;
};

/** Undefined where nothing is counted. */
export function openMetrics({
  telemetry: { numbers, watching },
  ...terms
}: Omit<MetricsTerms, 'numbers' | 'underway'> & {
  readonly telemetry: Telemetry;
}): Metrics | undefined {
  return numbers && createMetrics({ ...terms, numbers, underway: watching.underway });
}

function createMetrics(terms: MetricsTerms): Metrics {
  const { numbers, others } = terms;
  const refresh = createRefresh(terms);
  const load = () => import('../telemetry/scrape.ts');
  let own: Promise<() => Promise<readonly Family[]>> | undefined;
  const read = async (): Promise<readonly Family[]> => {
    own ??= load().then(({ createReadOwn }) => createReadOwn(numbers, refresh));
    return (await own)();
  };
  return {
    read,
    async print(accept) {
      const mine = await read();
      const answers = (await others?.ask({ kind: 'metrics', own: mine })) ?? [];
      const { printScrape } = await load();
      return printScrape([mine, ...answers.filter(isFamilies)], accept);
    },
  };
}

// Whoever answers runs the same code; one that is not there says nothing.
const isFamilies = (answer: unknown): answer is readonly Family[] => Array.isArray(answer);

/** Told of each configuration that comes into force; the first one is no reload. */
export function createReloadCount(numbers: Numbers | undefined, now: Clock): () => void {
  const count = numbers?.counter('configurationReloads');
  const loaded = numbers?.gauge('configurationLoaded');
  let isFirst = true;
  return () => {
    if (!isFirst) count?.([]);
    isFirst = false;
    loaded?.(now(), []);
  };
}

/** Sets what is so at the moment. */
function createRefresh(terms: MetricsTerms): () => Promise<void> {
  const { numbers, snapshot, underway, isReady, isOutdated } = terms;
  const inFlight = numbers.gauge('httpInFlight');
  const processes = numbers.gauge('processes');
  const outdated = numbers.gauge('configurationOutdated');
  const clients = numbers.gauge('clients');
  const ready = numbers.gauge('ready');
  const refreshKeys = createRefreshKeys(terms);
  const refreshUsage = createRefreshUsage(terms);
  numbers.gauge('buildInfo')(1, [VERSION, process.versions.node]);
  return async () => {
    inFlight(underway.size(), []);
    processes(1, []);
    outdated(isOutdated() ? 1 : 0, []);
    clients(snapshot().clients.size, []);
    refreshKeys();
    refreshUsage();
    for (const { name, ready: isThere } of await isReady()) ready(isThere ? 1 : 0, [name]);
  };
}

/** What is full some day: nothing is counted for it while requests are answered. */
function createRefreshUsage({ numbers, store, outbox }: MetricsTerms): () => void {
  const entries = numbers.gauge('storeEntries');
  const capacity = numbers.gauge('storeCapacity');
  const deliveries = numbers.gauge('outboxDeliveries');
  const outboxCapacity = numbers.gauge('outboxCapacity');
  return () => {
    for (const { budget, used, most } of store.usage?.() ?? []) {
      entries(used, [budget]);
      capacity(most, [budget]);
    }
    const { used, most } = outbox.usage();
    deliveries(used, []);
    outboxCapacity(most, []);
  };
}

function createRefreshKeys({ numbers, keys, snapshot, now }: MetricsTerms): () => void {
  const age = numbers.gauge('keyAge');
  const next = numbers.gauge('keyNext');
  const published = numbers.gauge('keysPublished');
  return () => {
    const { rotate_every: every } = snapshot().config.keys;
    const states = keys.states();
    for (const { alg, activeFrom, until } of states.filter(({ state }) => state === 'signing')) {
      age(Math.max(0, now() - activeFrom), [alg]);
      const due = until ?? (every === undefined ? undefined : activeFrom + every);
      if (due !== undefined) next(due, [alg]);
    }
    const shown = states.filter(({ state }) => state !== 'retired').map(({ alg }) => alg);
    for (const alg of new Set(shown)) published(shown.filter((one) => one === alg).length, [alg]);
  };
}
