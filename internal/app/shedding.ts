// From the words of asteroid.yaml to what is refused when there is too much to do.

import type { Config } from '../config/config.ts';
import type { Limits } from '../http/overload.ts';
import { rememberLast } from '../oidc/remember-last.ts';

/** The same object until the configuration is another one: it is asked for with every request. */
export const toShedLimits = rememberLast(
  ({ limits: { requests, queue } }: Config): Limits => ({ requests, queueMs: queue * 1000 }),
);
