// Counts while requests are answered: a few look-ups and an addition for each number, and nothing that
// is kept for it. What becomes of the numbers is nobody's business here.

import type { Exemplar, Family, Sample } from './families.ts';
import { BUCKETS, type Metric, MOST_SERIES, MOST_WORDS, OTHER } from './metric.ts';
import { type KeyOf, type LabelValues, METRICS, type MetricKey } from './metrics.ts';

export type Numbers = {
  /** One more, or so many; 0 lets the series be there before the first. The exemplar says of what. */
  counter<Key extends KeyOf<'counter'>>(
    key: Key,
  ): (labels: LabelValues<Key>, exemplar?: Exemplar, count?: number) => void;
  histogram<Key extends KeyOf<'histogram'>>(
    key: Key,
  ): (seconds: number, labels: LabelValues<Key>) => void;
  /** What is so at the moment; a series that is not set again stays what it was. */
  gauge<Key extends KeyOf<'gauge'>>(key: Key): (value: number, labels: LabelValues<Key>) => void;
  /** What of it was ever counted, observed or set. */
  read(): readonly Family[];
};

type Series = {
  readonly values: readonly string[];
  value: number;
  exemplar: Exemplar | undefined;
  /** How many fell into each bucket and no lower one; empty unless it is a histogram. */
  readonly buckets: Float64Array;
};

type Table = { readonly metric: Metric; readonly find: (values: readonly string[]) => Series } & {
  readonly all: ReadonlyMap<number, Series>;
};

/** Of one process; nothing is forgotten while it lives. */
export function createNumbers(): Numbers {
  const tables = new Map<MetricKey, Table>();
  const tableOf = (key: MetricKey): Table => {
    const table = tables.get(key) ?? createTable(METRICS[key]);
    tables.set(key, table);
    return table;
  };
  return {
    counter(key) {
      const { find } = tableOf(key);
      return (labels, exemplar, count = 1) => {
        const series = find(labels);
        series.value += count;
        if (exemplar !== undefined) series.exemplar = exemplar;
      };
    },
    histogram(key) {
      const { find } = tableOf(key);
      return (seconds, labels) => {
        const series = find(labels);
        let bucket = 0;
        while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? 0)) bucket += 1;
        series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
        series.value += seconds;
      };
    },
    gauge(key) {
      const { find } = tableOf(key);
      return (value, labels) => {
        find(labels).value = value;
      };
    },
    read: () => [...tables.values()].filter(({ all }) => all.size > 0).map(toFamily),
  };
}

function createTable(metric: Metric): Table {
  const all = new Map<number, Series>();
  const indexes = metric.labels.map(([, values]) => createIndex(values));
  const size = metric.kind === 'histogram' ? BUCKETS.length + 1 : 0;
  const add = (place: number, values: readonly string[]): Series => {
    const series = { values, value: 0, exemplar: undefined, buckets: new Float64Array(size) };
    all.set(place, series);
    return series;
  };
  const find = (values: readonly string[]): Series => {
    let place = 0;
    for (let label = 0; label < indexes.length; label += 1) {
      const index = indexes[label];
      place = place * (MOST_WORDS + 1) + (index?.(values[label] ?? '') ?? 0);
    }
    const series = all.get(place);
    if (series !== undefined) return series;
    // Place 0 is `other` in every label: it is there for whatever comes when there are enough.
    if (all.size >= MOST_SERIES) place = 0;
    const known = (value: string, label: number): boolean => indexes[label]?.(value) !== 0;
    const names = values.map((value, label) => (place > 0 && known(value, label) ? value : OTHER));
    return all.get(place) ?? add(place, names);
  };
  for (const values of metric.zeros ?? []) find(values);
  return { metric, all, find };
}

/** The place of a value among those of its label; 0 for all that have none. */
function createIndex(values: readonly string[] | 'words'): (value: string) => number {
  const places = new Map<string, number>();
  if (values !== 'words') for (const value of values) places.set(value, places.size + 1);
  if (values !== 'words') return (value) => places.get(value) ?? 0;
  return (value) => {
    const place = places.get(value);
    if (place !== undefined) return place;
    if (places.size >= MOST_WORDS || value === OTHER) return 0;
    places.set(value, places.size + 1);
    return places.size;
  };
}

function toFamily({ metric: { name, help, kind, labels, across }, all }: Table): Family {
  const named = (values: readonly string[]): Record<string, string> =>
    Object.fromEntries(labels.map(([label], index) => [label, values[index] ?? OTHER]));
  const samples = [...all.values()].flatMap((series): readonly Sample[] =>
    kind === 'histogram' ? toBuckets(series, named(series.values)) : [toSample(series, named)],
  );
  return { name, help, kind, across, samples };
}

const toSample = (
  { value, values, exemplar }: Series,
  named: (values: readonly string[]) => Record<string, string>,
): Sample => ({
  suffix: '',
  labels: named(values),
  value,
  ...(exemplar === undefined ? {} : { exemplar }),
});

function toBuckets({ buckets, value }: Series, labels: Record<string, string>): readonly Sample[] {
  let count = 0;
  const samples = [...buckets].map((more, index): Sample => {
    count += more;
    const le = index < BUCKETS.length ? String(BUCKETS[index]) : '+Inf';
    return { suffix: '_bucket', labels: { ...labels, le }, value: count };
  });
  return [
    ...samples,
    { suffix: '_sum', labels, value },
    { suffix: '_count', labels, value: count },
  ];
}
