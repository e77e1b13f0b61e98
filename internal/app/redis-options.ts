// The way to Redis, from the words of asteroid.yaml and the files that it names.

import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import { present } from '../protocol/present.ts';

/** The same for whatever is kept there: where it is, who we are, and how long we wait. */
export const toRedisOptions = (
  { issuer, store: { redis: terms } }: Config,
  { url, username, password, tls }: NonNullable<Snapshot['redis']>,
) => ({
  url,
  issuer,
  deadlineMs: terms.deadline * 1000,
  maxPending: terms.max_pending,
  ...present({ username, password, tls: tls && present(tls) }),
});
