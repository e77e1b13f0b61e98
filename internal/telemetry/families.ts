// What was measured, as values: what one process tells another, and what is printed.

/** What led to the last increment of a series, for whoever looks for one request behind a number. */
export type Exemplar = {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly at: number;
};

export type Sample = {
  /** Behind the name of the family. */
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
};

/** A metric with everything that is known of it at one moment. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** How the processes of one issuer are one: `first` where all say the same. */
  readonly across: 'sum' | 'max' | 'min' | 'average' | 'first' | 'omit';
  readonly samples: readonly Sample[];
};

const keyOf = ({ suffix, labels }: Sample): string => JSON.stringify([suffix, labels]);

type Sum = { readonly first: Sample; readonly values: number[]; exemplar: Exemplar | undefined };

/** What all of them say together; the order is that of the first that has each. */
export function combine(lists: readonly (readonly Family[])[]): readonly Family[] {
  const byName = new Map<string, Family[]>();
  for (const family of lists.flat()) {
    const same = byName.get(family.name);
    if (same === undefined) byName.set(family.name, [family]);
    else same.push(family);
  }
  return [...byName.values()].flatMap(combineFamily);
}

function combineFamily(families: readonly Family[]): readonly Family[] {
  const [first] = families;
  if (first === undefined) return [];
  if (families.length === 1) return families;
  if (first.across === 'omit') return [];
  const sums = new Map<string, Sum>();
  for (const sample of families.flatMap(({ samples }) => samples)) {
    const key = keyOf(sample);
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { first: sample, values: [sample.value], exemplar: sample.exemplar });
    } else {
      sum.values.push(sample.value);
      sum.exemplar = later(sum.exemplar, sample.exemplar);
    }
  }
  const value = ACROSS[first.across];
  const samples = [...sums.values()].map((sum) => ({
    ...sum.first,
    value: value(sum.values),
    ...(sum.exemplar === undefined ? {} : { exemplar: sum.exemplar }),
  }));
  return [{ ...first, samples }];
}

const later = (one: Exemplar | undefined, other: Exemplar | undefined): Exemplar | undefined =>
  (other?.at ?? 0) > (one?.at ?? 0) ? other : one;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const ACROSS: {
  readonly [How in Exclude<Family['across'], 'omit'>]: (values: readonly number[]) => number;
} = {
  sum: total,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  average: (values) => total(values) / values.length,
  first: ([value = 0]) => value,
};

/** What goes on counting when its process is gone; what a moment looked like does not. */
export const onlyTotals = (families: readonly Family[]): readonly Family[] =>
  families.filter(({ kind, across }) => across === 'sum' && kind !== 'gauge' && kind !== 'summary');
