// What the domain relies on, opened from one configuration: upstream, store, userinfo, outbox.

import type { Config } from '../config/config.ts';
import { openForeignKeys } from '../jwks/open.ts';
import type { Snapshot } from '../loader/load.ts';
import { loadUsers } from '../loader/users.ts';
import { rememberLast } from '../oidc/remember-last.ts';
import { anyAddress, createAddressRule } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { createQueue } from '../outbound/queue.ts';
import type { Random } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Purpose } from '../telemetry/measured/outbound.ts';
import { openUpstream } from '../upstream/open.ts';
import { type OpenedUserinfo, openUserinfo } from '../userinfo/open.ts';
import { toBackendOptions } from './backends.ts';
import { toRedisOptions } from './redis-options.ts';
import { reportLoss } from './store-losses.ts';
import type { Telemetry } from './telemetry.ts';
import { LOOPBACK, resolveUpstream } from './upstream-options.ts';

export type Terms = {
  readonly log: Log;
  readonly now: Clock;
  /** Absent: nothing is measured, and nothing traced. */
  readonly telemetry?: Pick<Telemetry, 'outbound' | 'backend' | 'cached'> | undefined;
};

/** @param purpose what its requests are for. */
export const watchOutbound = (
  { telemetry }: Pick<Terms, 'telemetry'>,
  purpose: Purpose,
  outbound: Outbound,
): Outbound => telemetry?.outbound(outbound, purpose) ?? outbound;

/** @param snapshot that of the moment: secrets and keys count from the next request on. */
export async function openConfiguredUpstream(
  config: Config,
  snapshot: () => Snapshot,
  trustsLoopback: boolean,
  terms: Terms,
) {
  const { log, now } = terms;
  const { options, urls } = resolveUpstream(config.upstream, {
    secrets: () => snapshot().upstreamSecrets,
    assertionKeys: () => snapshot().assertionKeys ?? '',
    trustsLoopback,
  });
  const upstream = await openUpstream(options, {
    now,
    outbound: watchOutbound(terms, 'upstream_keys', createOutbound(anyAddress)),
    onProblem: (problem) => log.error({ error: problem }, 'keys of before go on counting'),
  });
  return { upstream, options, urls };
}

/** For URLs that clients registered. @param isLocal on one's own machine, clients are there too. */
export const createClientOutbound = (
  { outbound: { allow_private: allowed } }: Config,
  isLocal: boolean,
) => createOutbound(createAddressRule(isLocal ? [...allowed, ...LOOPBACK] : allowed));

/** @param snapshot that of the moment: each attempt is made by what is in force then. */
export function createConfiguredOutbox(
  snapshot: () => Pick<Snapshot, 'config'>,
  isLocal: boolean,
  random: Random,
  terms: Pick<Terms, 'telemetry'> = {},
) {
  const outboundFor = rememberLast((config: Config) =>
    watchOutbound(terms, 'back_channel_logout', createClientOutbound(config, isLocal)),
  );
  return createQueue({ send: (request) => outboundFor(snapshot().config)(request), random });
}

export const createConfiguredForeignKeys = (config: Config, isLocal: boolean, terms: Terms) =>
  openForeignKeys({
    now: terms.now,
    outbound: {
      operator: watchOutbound(terms, 'token_issuer_keys', createOutbound(anyAddress)),
      client: watchOutbound(terms, 'client_keys', createClientOutbound(config, isLocal)),
    },
    onProblem: (problem) => terms.log.error({ error: problem }, 'keys of before go on counting'),
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
  return openStore({
    driver: 'redis',
    options: {
      ...toRedisOptions(config, redis),
      maxClients: terms.max_clients,
      onUp: () => log.info({}, 'redis answers'),
      onDown: (reason) => log.error({ reason }, 'redis does not answer'),
      onRefused: (reason) => log.error({ reason }, 'redis refuses'),
      onWarning: (warning) => log.warn({ warning }, 'redis is not configured safely'),
      onLoss: (loss) => reportLoss(loss, log, now),
    },
  });
}

/** A query that is wrong is in the log before anybody is turned away for it. Never rejects. */
export async function reportProblems(
  { findProblems }: Pick<OpenedUserinfo, 'findProblems'>,
  { log }: Terms,
): Promise<void> {
  for (const problem of (await findProblems?.()) ?? []) {
    log.error({ error: problem }, 'userinfo cannot be asked');
  }
}

export async function openConfiguredUserinfo(
  { userinfo }: Config,
  store: Pick<Store, 'findUser'>,
  terms: Terms,
): Promise<OpenedUserinfo> {
  const { log, now, telemetry } = terms;
  // Asked again and again, and a handshake costs more than the question.
  const outbound = createOutbound(anyAddress, { keepAlive: true });
  const opened = await openUserinfo(toBackendOptions(userinfo.backends), {
    now,
    outbound: watchOutbound(terms, 'userinfo', outbound),
    loadUsers,
    onFind: telemetry?.cached,
    around: telemetry?.backend,
    findUser: async (subject) => (await store.findUser(subject))?.text,
    onProblem: (problem) => log.error({ error: problem }, 'userinfo goes on with what it knew'),
  });
  const closeBackends = opened.close;
  // Not copied: whether it is remote changes.
  return Object.assign(opened, {
    close: async (): Promise<void> => {
      await closeBackends();
      outbound.close();
    },
  });
}
