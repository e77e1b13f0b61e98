// Time is counted in seconds everywhere inside; only the clock knows milliseconds.

/** Whole seconds since 1970, UTC. */
export type Clock = () => number;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
