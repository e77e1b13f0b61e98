// What the domain relies on, opened from one configuration: upstream, store, keys, userinfo, outbox.

import type { Config } from '../config/config.ts';
import { openForeignKeys } from '../jwks/open.ts';
import type { KeyEvent } from '../keys/events.ts';
import { openKeys } from '../keys/open.ts';
import type { Snapshot } from '../loader/load.ts';
import { loadUsers } from '../loader/users.ts';
import { RESPONSE_LIFETIME } from '../oidc/authorize/respond.ts';
import { anyAddress, createAddressRule } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import { createQueue } from '../outbound/queue.ts';
import { present } from '../protocol/present.ts';
import type { Random } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { openUpstream } from '../upstream/open.ts';
import { openUserinfo } from '../userinfo/open.ts';
import { toBackendOptions } from './backends.ts';
import { LOOPBACK, resolveUpstream } from './upstream-options.ts';

export type Terms = { readonly log: Log; readonly now: Clock };

/** @param snapshot that of the moment: secrets and keys count from the next request on. */
export async function openConfiguredUpstream(
  config: Config,
  snapshot: () => Snapshot,
  trustsLoopback: boolean,
  { log, now }: Terms,
) {
  const { options, urls } = resolveUpstream(config.upstream, {
    secrets: () => snapshot().upstreamSecrets,
    assertionKeys: () => snapshot().assertionKeys ?? '',
    trustsLoopback,
  });
  const upstream = await openUpstream(options, {
    now,
    outbound: createOutbound(anyAddress),
    onProblem: (problem) => log.error({ error: problem }, 'keys of before go on counting'),
  });
  return { upstream, options, urls };
}

/** For URLs that clients registered. @param isLocal on one's own machine, clients are there too. */
export const createClientOutbound = (
  { outbound: { allow_private: allowed } }: Config,
  isLocal: boolean,
) => createOutbound(createAddressRule(isLocal ? [...allowed, ...LOOPBACK] : allowed));

export const createConfiguredOutbox = (config: Config, isLocal: boolean, random: Random) =>
  createQueue({ send: createClientOutbound(config, isLocal), random });

export const createConfiguredForeignKeys = (
  config: Config,
  isLocal: boolean,
  { log, now }: Terms,
) =>
  openForeignKeys({
    now,
    outbound: {
      operator: createOutbound(anyAddress),
      client: createClientOutbound(config, isLocal),
    },
    onProblem: (problem) => log.error({ error: problem }, 'keys of before go on counting'),
  });

/** Resolves also while Redis is away: then the issuer is up, and not ready. */
export function openConfiguredStore(
  { config, redis }: Snapshot,
  { log, now }: Terms,
): Promise<Store> {
  const { memory, redis: terms } = config.store;
  if (redis === undefined) {
    return openStore({
      driver: 'memory',
      options: {
        maxEntries: memory.max_entries,
        maxPending: memory.max_pending,
        maxClients: memory.max_clients,
        now,
      },
    });
  }
  const { username, password, sentinelPassword, tls, url } = redis;
  const { sentinel, cluster } = terms;
  return openStore({
    driver: 'redis',
    options: {
      url,
      issuer: config.issuer,
      deadlineMs: terms.deadline * 1000,
      maxPending: terms.max_pending,
      maxClients: terms.max_clients,
      ...present({ username, password, cluster, tls: tls && present(tls) }),
      ...present({
        sentinel: sentinel && {
          ...{ name: sentinel.name, nodes: sentinel.nodes },
          ...present({
            username: sentinel.username,
            password: sentinelPassword,
            tls: sentinel.tls,
          }),
        },
      }),
      onUp: () => log.info({}, 'redis answers'),
      onDown: (reason) => log.error({ reason }, 'redis does not answer'),
      onWarning: (warning) => log.warn({ warning }, 'redis is not configured safely'),
    },
  });
}

/** @param clients those of the moment: a longer-lived token keeps its key published for longer. */
export const openConfiguredKeys = (
  config: Config,
  clients: () => Snapshot['clients'],
  { log, now }: Terms,
) =>
  openKeys({
    source: config.keys.source,
    dir: config.keys.dir,
    publishAhead: Math.max(config.keys.publish_ahead, config.policy.metadata_max_age),
    rotateEvery: config.keys.rotate_every,
    watch: true,
    now,
    tokenLifetime: longestLife(config, clients),
    report: (event) => reportKeyEvent(event, log),
  });

/** Seconds that anything signed for any client may live; worked out once for each set of clients. */
function longestLife({ lifetimes }: Config, clients: () => Snapshot['clients']): () => number {
  const own = Math.max(lifetimes.access_token, lifetimes.id_token, RESPONSE_LIFETIME);
  let known: { readonly clients: Snapshot['clients']; readonly longest: number } | undefined;
  return () => {
    const current = clients();
    if (known?.clients !== current) {
      const lives = [...current.values()].flatMap(
        ({ lifetimes: { accessToken = 0, idToken = 0 } }) => [accessToken, idToken],
      );
      known = {
        clients: current,
        longest: lives.reduce((most, life) => Math.max(most, life), own),
      };
    }
    return known.longest;
  };
}

export const openConfiguredUserinfo = ({ userinfo }: Config, { log, now }: Terms) =>
  openUserinfo(toBackendOptions(userinfo.backends), {
    now,
    // Asked again and again, and a handshake costs more than the question.
    outbound: createOutbound(anyAddress, { keepAlive: true }),
    loadUsers,
    onProblem: (problem) => log.error({ error: problem }, 'userinfo goes on with what it knew'),
  });

const FAILED: ReadonlySet<KeyEvent['type']> = new Set([
  'keys.not_writable',
  'keys.reload_failed',
  'keys.rotation_failed',
  'keys.watch_failed',
]);

function reportKeyEvent({ type, ...facts }: KeyEvent, log: Log): void {
  if (FAILED.has(type)) log.error({ ...facts }, type);
  else if (type === 'key.exposed') log.warn({ ...facts }, type);
  else log.info({ ...facts }, type);
}
