import type { Clock } from '../protocol/time.ts';

/** The system's, in whole seconds. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
