// An hour of this process in steps of ten seconds, for whoever wants to see how it went without a
// Prometheus. Bounded: the oldest step goes when another one comes. Owns what a step says.

import type { Family, Sample } from './families.ts';
import { BUCKETS } from './metric.ts';
import { METRICS } from './metrics.ts';
import type { Numbers } from './numbers.ts';

/** What came in one step. Kinds that did not come are absent. */
export type Step = {
  /** When it ended: seconds since 1970, a multiple of ten. */
  readonly at: number;
  readonly signIns: number;
  /** Token requests that were granted, by grant type. */
  readonly tokens: Counts;
  /** By the type of the event. */
  readonly refusals: Counts;
  /** Requests, by which bucket of `BUCKETS` they fell into and no lower one; the last is above all. */
  readonly requests: readonly number[];
  /** Verbs of the store, alike. */
  readonly store: readonly number[];
};

export type Counts = { readonly [kind: string]: number };

export type Samples = {
  /** Takes what came since the last time. */
  take(): void;
  /** The oldest first. */
  read(): readonly Step[];
};

const STEP_SECONDS = 10;
const MOST_STEPS = 360;

type Totals = Omit<Step, 'at'>;

/** The first step is counted from this moment on. @param now seconds since 1970. */
export function createSamples(numbers: Numbers, now: () => number): Samples {
  let before = total(numbers.read());
  let steps: Step[] = [];
  return {
    take() {
      const after = total(numbers.read());
      const at = now() - (now() % STEP_SECONDS);
      const last = steps.at(-1)?.at ?? 0;
      // A clock that was set back: nobody could tell what came before what.
      if (at < last) steps = [];
      // What came since stays to be counted with the next one.
      if (at === last) return;
      steps.push({ at, ...minus(after, before) });
      if (steps.length > MOST_STEPS) steps.shift();
      before = after;
    },
    read: () => steps,
  };
}

function total(families: readonly Family[]): Totals {
  const samplesOf = (name: string): readonly Sample[] =>
    families.find((family) => family.name === name)?.samples ?? [];
  const events = byLabel(samplesOf(METRICS.auditEvents.name), 'type');
  return {
    signIns: events['authorization.granted'] ?? 0,
    tokens: byLabel(samplesOf(METRICS.tokensIssued.name), 'grant_type'),
    refusals: byLabel(samplesOf(METRICS.refusals.name), 'type'),
    requests: byBucket(samplesOf(METRICS.httpDuration.name)),
    store: byBucket(samplesOf(METRICS.storeDuration.name)),
  };
}

function byLabel(samples: readonly Sample[], label: string): Counts {
  const counts: Record<string, number> = {};
  for (const { labels, value } of samples) {
    const kind = labels[label] ?? '';
    counts[kind] = (counts[kind] ?? 0) + value;
  }
  return counts;
}

/** Of every series together: those of one endpoint are too few to say anything. */
function byBucket(samples: readonly Sample[]): readonly number[] {
  const upTo = byLabel(
    samples.filter(({ suffix }) => suffix === '_bucket'),
    'le',
  );
  const counts = [...BUCKETS.map(String), '+Inf'].map((bound) => upTo[bound] ?? 0);
  return counts.map((count, index) => count - (counts[index - 1] ?? 0));
}

const minus = (after: Totals, before: Totals): Totals => ({
  signIns: after.signIns - before.signIns,
  tokens: less(after.tokens, before.tokens),
  refusals: less(after.refusals, before.refusals),
  requests: after.requests.map((count, index) => count - (before.requests[index] ?? 0)),
  store: after.store.map((count, index) => count - (before.store[index] ?? 0)),
});

const less = (after: Counts, before: Counts): Counts =>
  Object.fromEntries(
    Object.entries(after)
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
