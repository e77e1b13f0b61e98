// A length of time that stays, or that a reload may change.

/** Seconds; a function is asked whenever it matters. */
export type Length = number | (() => number);

export const secondsOf = (length: Length): number =>
  typeof length === 'number' ? length : length();
