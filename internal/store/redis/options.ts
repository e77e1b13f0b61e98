// Where Redis is and how patient to be with it, as ioredis wants to hear it.

import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';

/** Whether a write is answered when Redis has it, or when its replicas do. */
export type Durability = 'fast' | 'acknowledged';

/** What Redis was told and may not know any more, or may not keep. */
export type Loss =
  | { readonly kind: 'emptied' }
  /** A replica was promoted: codes of before are refused for so many seconds. */
  | { readonly kind: 'failover'; readonly refusedFor: number }
  /** Too few replicas have what was written: nothing is until they do. */
  | { readonly kind: 'lagging' }
  | { readonly kind: 'caught_up' };

export type RedisStoreOptions = {
  /** `redis://`, `rediss://` (TLS) or `unix:///path/to.sock`, with user, password and database. */
  readonly url: string;
  /** The issuer identifier: issuers that share one Redis do not share keys. */
  readonly issuer: string;
  /** Milliseconds within which every call has answered or thrown `Unavailable`; 1000. */
  readonly deadlineMs?: number;
  /** How many requests may be put aside at a time. */
  readonly maxPending: number;
  /** How many clients may be registered at a time; 10,000. */
  readonly maxClients?: number;
  /** Instead of the user and password of the URL. */
  readonly username?: string;
  readonly password?: string;
  /** PEM texts; what is absent is Node's default. Without it, `rediss://` alone means TLS. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
  /** `fast` if absent. */
  readonly durability?: Durability;
  /** How many replicas have an acknowledged write; 1. */
  readonly acknowledgedBy?: number;
  /** Once for each. */
  readonly onLoss?: (loss: Loss) => void;
  /** Redis answers, for the first time or again. */
  readonly onUp?: () => void;
  /** Redis stopped answering; once for each outage, and never with a secret in it. */
  readonly onDown?: (reason: string) => void;
  /** Redis is configured so that promises cannot be kept; once for each connection. */
  readonly onWarning?: (warning: string) => void;
};

type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** @throws an Error that does not repeat the URL, since the URL may hold a password. */
export function toClientOptions(options: RedisStoreOptions, deadlineMs: number): ClientOptions {
  return { ...toAddress(options), ...patience(deadlineMs) };
}

function toAddress(options: RedisStoreOptions): ClientOptions {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  switch (url?.protocol) {
    case 'unix:':
      return {
        ...toIdentity(url, options),
        path: url.pathname,
        db: toDatabase(url.searchParams.get('db') ?? ''),
      };
    case 'redis:':
    case 'rediss:':
      return {
        ...toIdentity(url, options),
        ...toTls(url, options),
        host: toHost(url),
        port: Number(url.port || 6379),
        db: toDatabase(url.pathname.slice(1)),
      };
    default:
      throw new Error('the URL of Redis has to begin with redis://, rediss:// or unix:///');
  }
}

// The client library goes on in database 0 when it cannot select another one.
function toDatabase(text: string): number {
  if (/^\d*$/.test(text)) return Number(text);
  throw new Error('the database in the URL of Redis has to be a number');
}

const toHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '') || 'localhost';

function toIdentity(url: URL, options: RedisStoreOptions): ClientOptions {
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  return {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

function toTls(url: URL, { tls }: RedisStoreOptions): ClientOptions {
  if (tls === undefined && url.protocol === 'redis:') return {};
  const host = toHost(url);
  return { tls: { ...(isIP(host) === 0 ? { servername: host } : {}), ...tls } };
}

const MAX_BACKOFF_MS = 500;

// A command that may have been executed is never sent again by the client library: it would answer
// a redeemed code with "unknown". Nothing waits in a queue for a Redis that is away either.
const patience = (deadlineMs: number): ClientOptions => ({
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  connectTimeout: Math.max(deadlineMs, 1000),
  // A Redis that is frozen keeps its sockets open: silence is what tells it from one that is busy.
  socketTimeout: deadlineMs,
  disconnectTimeout: 200,
  maxLoadingRetryTime: MAX_BACKOFF_MS,
  // Forever, and never in step with the other replicas.
  retryStrategy: (times) => Math.min(20 * 2 ** times, MAX_BACKOFF_MS) * (0.5 + Math.random() / 2),
  disableClientInfo: true,
  connectionName: 'asteroid',
});
