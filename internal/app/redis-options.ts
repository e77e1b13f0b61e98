// The way to Redis, from the words of asteroid.yaml and the files that it names.

import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import { present } from '../protocol/present.ts';

type Secrets = NonNullable<Snapshot['redis']>;
type Terms = Config['store']['redis'];

/** The same for whatever is kept there: where it is, who we are, and how long we wait. */
export const toRedisOptions = ({ issuer, store: { redis: terms } }: Config, secrets: Secrets) => ({
  url: secrets.url,
  issuer,
  deadlineMs: terms.deadline * 1000,
  maxPending: terms.max_pending,
  durability: terms.durability,
  acknowledgedBy: terms.acknowledged_by,
  ...present({
    username: secrets.username,
    password: secrets.password,
    tls: secrets.tls && present(secrets.tls),
    cluster: terms.cluster,
    sentinel: terms.sentinel && toSentinel(terms.sentinel, secrets),
  }),
});

const toSentinel = (
  { name, nodes, username, tls }: NonNullable<Terms['sentinel']>,
  { sentinelPassword: password }: Secrets,
) => ({ name, nodes, ...present({ username, password, tls }) });
