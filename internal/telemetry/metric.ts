// What a metric is: name, meaning, and what its labels may say. A label that a stranger could fill would be a series
// for each of their requests, and memory that is theirs to take; so each has a closed set of values, or words of our
// own code and of the operator's files, of which so many are told apart and no more.

/** Words that are written in our code or in the operator's files; never what a request said. */
type Words = 'words';

/** Name, and what it may say; whatever else is given is `other`. */
type Label = readonly [name: string, values: readonly string[] | Words];

export type Metric = {
  /** Unit last, `_total` behind it where it only grows. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly Label[];
  /**
   * Series that are there from the start: the first of what is rare would else be no increase of anything,
   * and nobody would be told of it.
   */
  readonly zeros?: readonly (readonly string[])[];
  /** What the processes of one issuer say together. */
  readonly across: 'sum' | 'max' | 'min';
};

/** What a label says for all that it has no value for. */
export const OTHER = 'other';

/** So many words of one label are told apart. */
export const MOST_WORDS = 500;
/** So many series of one metric, whatever its labels would allow together. */
export const MOST_SERIES = 2000;

/** Upper bounds in seconds, of every histogram: from a signature to what nobody waits for any longer. */
export const BUCKETS: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
];

/** What only grows, and of several processes is the sum. */
export const counter = (name: string, help: string) =>
  ({ name, help, kind: 'counter', across: 'sum' }) as const;
/** How long something takes, by `BUCKETS`. */
export const histogram = (name: string, help: string) =>
  ({ name, help, kind: 'histogram', across: 'sum' }) as const;
/** What is so at the moment. */
export const gauge = <Across extends Metric['across']>(
  name: string,
  across: Across,
  help: string,
) => ({ name, help, kind: 'gauge', across }) as const;
