// What every program has: processor, memory, event loop, garbage. Loaded with the first scrape, and
// watching from then on, since watching the event loop costs something all the time.

import {
  collectDefaultMetrics,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import type { Family, Sample } from './families.ts';

export type ReadProcess = () => Promise<readonly Family[]>;

export function watchProcess(): ReadProcess {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return async () => (await register.getMetricsAsJSON()).map(toFamily);
}

type Known = MetricObjectWithValues<MetricValue<string>>;

/** Samples of a histogram carry a name of their own. */
type Named = MetricValue<string> & { readonly metricName?: string };

const toFamily = ({ name, help, type, aggregator, values }: Known): Family => ({
  name,
  help,
  kind: KINDS[String(type)] ?? 'gauge',
  across: aggregator,
  samples: values.map((value) => toSample(value, name)),
});

const KINDS: { readonly [type: string]: Family['kind'] } = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
};

function toSample({ value, labels, metricName }: Named, name: string): Sample {
  const suffix = SUFFIXES.find((end) => metricName === `${name}${end}`) ?? '';
  const texts = Object.entries(labels).map(([label, said]) => [label, String(said)]);
  return { suffix, value, labels: Object.fromEntries(texts) };
}

const SUFFIXES = ['_bucket', '_sum', '_count'] as const;
