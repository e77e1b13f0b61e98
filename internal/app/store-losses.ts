// What the operator hears when the store may have forgotten something, once for each time.

import type { Clock } from '../protocol/time.ts';
import type { Loss } from '../store/loss.ts';
import type { Log } from '../telemetry/log.ts';

type Report<Kind extends Loss['kind']> = (
  loss: Extract<Loss, { readonly kind: Kind }>,
  log: Log,
  now: Clock,
) => void;

// For whoever is woken by it: what it means for End-Users, and what ends it or keeps it from happening again.
const PERSIST =
  'End-Users have to sign in again; where nobody emptied it on purpose, Redis does not persist: set appendonly yes';
const ACKNOWLEDGE =
  'who was just signing in has to try again; with store.redis.durability: acknowledged nothing is answered that only the lost primary knew';
const CONNECT =
  'issuing goes on by itself when the primary has its replicas: see INFO replication there, and store.redis.acknowledged_by';

const REPORTS: { readonly [Kind in Loss['kind']]: Report<Kind> } = {
  emptied: (_loss, log) => log.error({ advice: PERSIST }, 'the store was emptied'),
  failover({ refusedFor }, log, now) {
    const until = new Date((now() + refusedFor) * 1000).toISOString();
    log.error(
      { until, advice: ACKNOWLEDGE },
      'redis failed over: codes granted before are refused',
    );
  },
  lagging: (_loss, log) =>
    log.error({ advice: CONNECT }, 'too few redis replicas: nothing is issued'),
  caught_up: (_loss, log) => log.info({}, 'redis replicas have caught up'),
};

/** One line for each loss. */
export function reportLoss<Kind extends Loss['kind']>(
  loss: Extract<Loss, { readonly kind: Kind }>,
  log: Log,
  now: Clock,
): void {
  const report: Report<Kind> = REPORTS[loss.kind as Kind];
  report(loss, log, now);
}
