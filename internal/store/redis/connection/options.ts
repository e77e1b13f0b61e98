// Where Redis is and how patient to be with it, as ioredis wants to hear it.

import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';
import type { Loss } from '../../loss.ts';
import { type Address, parseAddress } from './addresses.ts';
import { outOfStep } from './chance.ts';

/** Whether a write is answered when Redis has it, or when its replicas do. */
type Durability = 'fast' | 'acknowledged';

export type RedisStoreOptions = {
  /** `redis://`, `rediss://` (TLS) or `unix:///path/to.sock`, with user, password and database. */
  readonly url: string;
  /** Instead of the host of the URL: who knows where the primary is. */
  readonly sentinel?: {
    readonly name: string;
    /** HOST:PORT; 26379 without a port. */
    readonly nodes: readonly string[];
    readonly username?: string;
    readonly password?: string;
    /** As to Redis itself when absent. */
    readonly tls?: boolean;
  };
  /** Instead of the host of the URL: nodes that know all the others. HOST:PORT; 6379 without a port. */
  readonly cluster?: { readonly nodes: readonly string[] };
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
  /**
   * Redis stopped answering: once for each outage, and once more for each way in which it refuses us when it is
   * there again. Never with a secret in it.
   */
  readonly onDown?: (reason: string) => void;
  /** It answers, and refuses what it is asked; each kind of refusal once a minute. */
  readonly onRefused?: (reason: string) => void;
  /** Redis is configured so that promises cannot be kept; once for each connection. */
  readonly onWarning?: (warning: string) => void;
};

const SENTINEL_PORT = 26_379;
const LISTENING_MS = 1000;

/** An address is no name that a certificate could carry. */
const NO_NAME = '0.0.0.0';

export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/**
 * @param at the node of a cluster.
 * @throws an Error that does not repeat the URL, since the URL may hold a password.
 */
export function toClientOptions(
  options: RedisStoreOptions,
  deadlineMs: number,
  at?: Address,
): ClientOptions {
  return { ...toAddress(options, deadlineMs, at), ...patience(deadlineMs) };
}

function toAddress(options: RedisStoreOptions, deadlineMs: number, at?: Address): ClientOptions {
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
        db: toDatabase(url.pathname.slice(1)),
        ...(options.sentinel === undefined
          ? toServer(url, options, at ?? { host: toHost(url), port: Number(url.port || 6379) })
          : toSentinels(url, options, options.sentinel, deadlineMs)),
      };
    default:
      throw new Error('the URL of Redis has to begin with redis://, rediss:// or unix:///');
  }
}

const toServer = (
  url: URL,
  options: RedisStoreOptions,
  { host, port }: Address,
): ClientOptions => ({
  ...toTls(url, options, host),
  host,
  port,
});

// The sentinels name the primary by an address, which is why no name is expected of its certificate unless
// one is configured.
function toSentinels(
  url: URL,
  options: RedisStoreOptions,
  sentinel: NonNullable<RedisStoreOptions['sentinel']>,
  deadlineMs: number,
): ClientOptions {
  const { name, nodes, username, password } = sentinel;
  const ofData = toTls(url, options, NO_NAME);
  const ofSentinels = toSentinelTls(url, options);
  return {
    ...ofData,
    ...(ofData.tls === undefined ? {} : { enableTLSForSentinelMode: true }),
    ...(ofSentinels === undefined ? {} : { sentinelTLS: ofSentinels }),
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    name,
    sentinels: nodes.map((node) => parseAddress(node, SENTINEL_PORT)),
    // Those of the configuration are enough, and may be all that this network reaches.
    updateSentinels: false,
    // Nobody names a primary: that is an outage, which the client library would keep to itself.
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: deadlineMs,
  };
}

/** Of a connection to each sentinel, to listen to it. */
export function toSentinelClients(options: RedisStoreOptions): readonly ClientOptions[] {
  const { sentinel } = options;
  const tls = toSentinelTls(new URL(options.url), options);
  return (sentinel?.nodes ?? []).map((node) => ({
    ...parseAddress(node, SENTINEL_PORT),
    ...(sentinel?.username === undefined ? {} : { username: sentinel.username }),
    ...(sentinel?.password === undefined ? {} : { password: sentinel.password }),
    ...(tls === undefined ? {} : { tls }),
    // It may wait for as long as it takes, and be silent for as long as nothing happens.
    ...{ enableReadyCheck: false, disableClientInfo: true, maxRetriesPerRequest: null },
    retryStrategy: () => outOfStep(LISTENING_MS),
  }));
}

function toSentinelTls(url: URL, options: RedisStoreOptions): ClientOptions['tls'] {
  const isSecured = options.sentinel?.tls ?? toTls(url, options, NO_NAME).tls !== undefined;
  return isSecured ? { ...options.tls } : undefined;
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

function toTls(url: URL, { tls }: RedisStoreOptions, host: string): ClientOptions {
  if (tls === undefined && url.protocol === 'redis:') return {};
  return { tls: { ...(isIP(host) === 0 ? { servername: host } : {}), ...tls } };
}

const MAX_BACKOFF_MS = 500;

const backOff = (times: number): number => outOfStep(Math.min(20 * 2 ** times, MAX_BACKOFF_MS));

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
  // Forever.
  retryStrategy: backOff,
  disableClientInfo: true,
  connectionName: 'asteroid',
});
