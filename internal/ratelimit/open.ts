// Loaded where somebody limits something: nobody else pays for it.

import type { LimiterOptions } from './limiter.ts';
import type { Limiter } from './limits.ts';

export const openLimiter = async (options: LimiterOptions): Promise<Limiter> =>
  (await import('./limiter.ts')).createLimiter(options);
