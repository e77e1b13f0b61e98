// From the words of asteroid.yaml to the rules that are counted by.

import type { Audit } from '../audit/events.ts';
import type { Config } from '../config/config.ts';
import type { Snapshot } from '../loader/load.ts';
import { isRegisteredId } from '../protocol/client-description.ts';
import { GUESSED } from '../protocol/limits.ts';
import { type Random, SECRET_BYTES } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import type { Limiter } from '../ratelimit/limits.ts';
import { openLimiter } from '../ratelimit/open.ts';
import type { Rule } from '../ratelimit/rule.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { createPeerMatch } from '../upstream/peers.ts';
import { createKept } from './kept.ts';

type Configured = NonNullable<Config['rate_limits']>;

type Terms = {
  readonly store: Pick<Store, 'take'>;
  readonly audit: Audit;
  readonly now: Clock;
  readonly random: Random;
  /** Absent: nobody counts refusals. */
  readonly onRefused: ((rule: string) => void) | undefined;
};

/** What was counted stays counted until the rules are others. */
export const createKeptLimits = (terms: Terms) =>
  createKept<Limiter | undefined>({
    of: ({ config: { rate_limits: limits, upstream } }) =>
      limits === undefined ? undefined : [limits, upstream.trust.peers],
    open: ({ config }, latest) => openConfiguredLimiter(config, latest, terms),
  });

/** @param latest for what clients.yaml says of a client at the moment. */
async function openConfiguredLimiter(
  config: Config,
  latest: () => Pick<Snapshot, 'clients'>,
  { store, audit, now, random, onRefused }: Terms,
): Promise<Limiter | undefined> {
  const { rate_limits: limits, upstream } = config;
  if (limits === undefined) return undefined;
  const { take } = limits.store === 'memory' ? await openOwnMemory(now) : store;
  const { peers = upstream.trust.peers, header } = limits.proxies;
  return openLimiter({
    rules: limits.rules.map(toRule),
    proxies: { isProxy: createPeerMatch(peers), header },
    maxKeys: limits.max_keys,
    take,
    budgetsOf: (clientId) => latest().clients.get(clientId)?.rateLimits,
    isClient: (clientId) => latest().clients.has(clientId) || isRegisteredId(clientId),
    ...{ audit, now, salt: random(SECRET_BYTES), onRefused },
  });
}

/** Nothing but budgets is ever in it. */
const openOwnMemory = (now: Clock) =>
  openStore({ driver: 'memory', options: { maxEntries: 0, maxPending: 0, maxClients: 0, now } });

function toRule({
  name,
  on,
  by,
  limit,
  exempt,
  when_store_fails,
}: Configured['rules'][number]): Rule {
  const isGuessed = on.some((occasion) => GUESSED.has(occasion));
  return {
    ...{ name, on, by },
    budget: limit,
    exempt: {
      clients: new Set(exempt.clients),
      subjects: new Set(exempt.subjects),
      networks: createPeerMatch(exempt.networks),
    },
    whenStoreFails: when_store_fails ?? (isGuessed ? 'refuse' : 'allow'),
  };
}
