// Every metric that Asteroid has: the tables of metrics/ as one, and the types that hold a count to its row.

import type { Metric } from './metric.ts';
import { DEPENDENCIES } from './metrics/dependencies.ts';
import { ISSUER } from './metrics/issuer.ts';
import { REQUESTS } from './metrics/requests.ts';

/** Adding a metric: a row in one of them, and a line in docs/monitoring.md. */
export const METRICS = { ...REQUESTS, ...DEPENDENCIES, ...ISSUER } as const;

export type MetricKey = keyof typeof METRICS;

/** Metrics of one kind, by their names in the table. */
export type KeyOf<Kind extends Metric['kind']> = {
  readonly [Key in MetricKey]: (typeof METRICS)[Key]['kind'] extends Kind ? Key : never;
}[MetricKey];

type Texts<Labels extends readonly unknown[]> = { readonly [Index in keyof Labels]: string };

/** One value for each label, in the order of the table. */
export type LabelValues<Key extends MetricKey> = Texts<(typeof METRICS)[Key]['labels']>;
