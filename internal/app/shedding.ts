// From the words of asteroid.yaml to what is refused when there is too much to do.

import type { Config } from '../config/config.ts';
import type { HttpDeps } from '../http/app.ts';
import { createShedding } from '../http/shedding.ts';
import type { Log } from '../telemetry/log.ts';

/** One for the process: its listeners share what it can do. */
export const createConfiguredShedding = (
  { limits: { requests, queue, connections } }: Config,
  log: Log,
): Pick<HttpDeps, 'shedding' | 'maxConnections'> => ({
  shedding: createShedding({ requests, queueMs: queue * 1000 }, log),
  maxConnections: connections,
});
