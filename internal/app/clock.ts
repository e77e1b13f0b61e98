import type { Clock } from '../protocol/time.ts';

/** The system's, in whole seconds. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/** Milliseconds since 1970 by the same clock, as finely as it knows them. */
export const toMilliseconds = (clock: Clock): (() => number) =>
  clock === systemClock ? Date.now : () => clock() * 1000;
