// The keys of one configuration, wherever they live.

import type { Audit } from '../audit/events.ts';
import type { Config } from '../config/config.ts';
import type { KeyEvent } from '../keys/events.ts';
import { KeyConfigError } from '../keys/key-config-error.ts';
import { openKeys, type SharedKeys } from '../keys/open.ts';
import type { Snapshot } from '../loader/load.ts';
import { RESPONSE_LIFETIME } from '../oidc/authorize/respond.ts';
import { Unavailable } from '../protocol/errors.ts';
import { openKeyShelf } from '../store/open.ts';
import type { KeyShelf } from '../store/shelf.ts';
import type { Log } from '../telemetry/log.ts';
import { DEV_KID_PREFIX } from './dev-tokens.ts';
import type { Terms } from './parts.ts';
import { toRedisOptions } from './redis-options.ts';

export type KeyTerms = Pick<Terms, 'log' | 'now'> & {
  readonly mode: 'serve' | 'dev';
  readonly audit: Audit;
  /** Told of what somebody has to look at; absent: nobody is. */
  readonly onKeyFailure?: ((type: KeyEvent['type']) => void) | undefined;
};

/** @param snapshot that of the moment: a longer-lived token keeps its key published for longer. */
export async function openConfiguredKeys(
  first: Snapshot,
  snapshot: () => Snapshot,
  { log, now, mode, onKeyFailure, audit }: KeyTerms,
) {
  const { config } = first;
  return openKeys({
    source: config.keys.source,
    dir: config.keys.dir,
    shared: config.keys.source === 'store' ? await openShared(first, snapshot) : undefined,
    publishAhead: () => toPublishAhead(snapshot().config),
    cachedFor: () => snapshot().config.policy.metadata_max_age,
    rotateEvery: config.keys.rotate_every,
    watch: true,
    kidPrefix: mode === 'dev' ? DEV_KID_PREFIX : undefined,
    now,
    tokenLifetime: longestLife(snapshot),
    report: (event) => {
      reportKeyEvent(event, log);
      recordKeyEvent(event, audit);
      if (FAILED.has(event.type)) onKeyFailure?.(event.type);
    },
  });
}

async function openShared(first: Snapshot, snapshot: () => Snapshot): Promise<SharedKeys> {
  const shelf = await openConfiguredShelf(first);
  return { shelf, issuer: first.config.issuer, secrets: () => snapshot().keySecrets };
}

/** Opens also while Redis is away; the store of the issuer says in the log that it is. */
export function openConfiguredShelf({ config, redis }: Snapshot): Promise<KeyShelf> {
  if (redis === undefined) throw new Error('keys.source: store without store.driver: redis');
  return openKeyShelf(toRedisOptions(config, redis));
}

/** Seconds a key is published before it signs. */
export const toPublishAhead = ({ keys, policy }: Config): number =>
  Math.max(keys.publish_ahead, policy.metadata_max_age);

/**
 * Seconds that anything signed for any client may live; worked out once for each configuration. Never less
 * than before: what was signed under another one lives as long as it says.
 */
export function longestLife(snapshot: () => Pick<Snapshot, 'config' | 'clients'>): () => number {
  let known: ReturnType<typeof snapshot> | undefined;
  let longest = 0;
  return () => {
    const current = snapshot();
    if (known !== current) longest = Math.max(longest, longestIn(current));
    known = current;
    return longest;
  };
}

function longestIn({ config, clients }: Pick<Snapshot, 'config' | 'clients'>): number {
  const { access_token, id_token } = config.lifetimes;
  return [...clients.values()]
    .flatMap(({ lifetimes: { accessToken = 0, idToken = 0 } }) => [accessToken, idToken])
    .reduce(
      (most, life) => Math.max(most, life),
      Math.max(access_token, id_token, RESPONSE_LIFETIME),
    );
}

const FAILED: ReadonlySet<KeyEvent['type']> = new Set([
  'keys.not_writable',
  'keys.not_loaded',
  'keys.reload_failed',
  'keys.rotation_failed',
  'keys.watch_failed',
]);

function reportKeyEvent({ type, ...facts }: KeyEvent, log: Log): void {
  const told = 'error' in facts ? toReason(facts.error) : facts;
  if (FAILED.has(type)) log.error(told, type);
  else if (type === 'key.exposed' || ('early' in facts && facts.early)) log.warn(told, type);
  else log.info(told, type);
}

/** Where the mistake is not ours, nobody needs to read where in the program it was noticed. */
function toReason(error: Error): { readonly reason: string } | { readonly error: Error } {
  if (error instanceof KeyConfigError) return { reason: error.message };
  if (!(error instanceof Unavailable)) return { error };
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return { reason: `${error.message}${cause}` };
}

/** What became another; what failed changed nothing, and is in the log. */
function recordKeyEvent(event: KeyEvent, audit: Audit): void {
  if (event.type === 'key.created' || event.type === 'key.added') {
    const { type, kind, activeFrom } = event;
    const since = new Date(activeFrom * 1000).toISOString();
    audit({ type, kind, ...whichKey(event), activeFrom: since });
  }
  if (event.type === 'key.removed' || event.type === 'key.deleted') {
    const kind = 'kind' in event ? event.kind : undefined;
    audit({ type: event.type, kind, ...whichKey(event) });
  }
}

const whichKey = (event: { readonly kid?: string; readonly file?: string }) => ({
  kid: event.kid,
  file: event.file,
});
