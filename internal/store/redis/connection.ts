// One connection to Redis that comes back by itself: whether it is up, what time it is over there,
// and whether Redis is set up to keep what it is given.

import { Redis } from 'ioredis';
import { reasonOf } from './errors.ts';
import { type RedisStoreOptions, toClientOptions } from './options.ts';
import { createPresence } from './presence.ts';

export type Connection = {
  readonly redis: Redis;
  isUp(): boolean;
  /** Whether it is up within so many milliseconds; false at once when it has been away for long. */
  whenUp(milliseconds: number): Promise<boolean>;
  /** A moment of our monotonic clock in Redis' milliseconds: never later than it really is. */
  toRedisTime(moment: number): number;
  /** Redis just said that it is this late, in milliseconds. */
  learnTime(redisTime: number): void;
  /** What is sent from here to the end of this turn of the event loop leaves in one write. */
  gather(): void;
  /** Begins anew, once a second at most: the address may stand for another server by now. */
  renew(): void;
  close(): Promise<void>;
};

const RENEWAL_MS = 1000;

/** Who does not greet as a primary does may do so in a moment. */
const GREETING_MS = 200;

/**
 * Resolves when Redis has answered, or is known not to: an unreachable Redis is no error here.
 *
 * @param look at what has connected, before anybody else may use it; what rejects is not used.
 */
export async function openConnection(
  options: RedisStoreOptions,
  deadlineMs: number,
  look: (redis: Redis) => Promise<void>,
): Promise<Connection> {
  const redis = new Redis(toClientOptions(options, deadlineMs));
  const presence = createPresence(deadlineMs, options);
  let offset = 0;
  let renewedAt = 0;
  let lastError: unknown;
  let again: NodeJS.Timeout | undefined;
  let gathering = false;
  let closed = false;

  const learnTime = (redisTime: number) => {
    offset = redisTime - performance.now();
  };
  const restart = () => {
    if (redis.status === 'ready') redis.disconnect(true);
  };
  async function greet() {
    const [time] = await Promise.all([askTime(redis), look(redis)]);
    learnTime(time);
    presence.rise();
    await checkEviction(redis, options.onWarning);
  }
  redis.on('ready', () => {
    greet().catch((error: unknown) => {
      lastError = error;
      again = setTimeout(restart, GREETING_MS);
    });
  });
  redis.on('error', (error) => {
    lastError = error;
  });
  const fall = () => {
    if (!closed) presence.fall(reasonOf(lastError ?? new Error('the connection was closed')));
    lastError = undefined;
  };
  redis.on('close', fall);
  // The client library gives up when a connection cannot even be attempted; an issuer does not.
  redis.on('end', () => {
    fall();
    if (!closed) again = setTimeout(() => void redis.connect().catch(() => {}), RENEWAL_MS);
  });

  const refused = new Promise((resolve) => redis.once('close', resolve).once('end', resolve));
  await Promise.race([presence.whenUp(deadlineMs), refused]);

  return {
    redis,
    isUp: () => presence.isUp() && redis.status === 'ready',
    whenUp: presence.whenUp,
    toRedisTime: (moment) => Math.floor(moment + offset),
    learnTime,
    // Half the system calls here and in Redis. Unlike the pipelines of the client library, which go
    // one at a time, it makes no queue in which commands would outlive their deadline.
    gather() {
      if (gathering) return;
      gathering = true;
      const { stream } = redis;
      stream.cork();
      setImmediate(() => {
        gathering = false;
        stream.uncork();
      });
    },
    renew() {
      if (performance.now() - renewedAt < RENEWAL_MS) return;
      renewedAt = performance.now();
      restart();
    },
    async close() {
      closed = true;
      clearTimeout(again);
      if (redis.status === 'ready') await redis.quit().catch(() => {});
      if (redis.status !== 'end') redis.disconnect();
    },
  };
}

/** Redis' clock in milliseconds. */
export async function askTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

// Evicted keys are replays that are not noticed and sessions that end without a reason. CONFIG is
// forbidden on many managed servers; INFO says the same.
async function checkEviction(redis: Redis, warn: RedisStoreOptions['onWarning']): Promise<void> {
  const [policy] = await redis
    .config('GET', 'maxmemory-policy')
    .then((answer) => (Array.isArray(answer) ? answer.slice(1) : []))
    .catch(async () => /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.slice(1) ?? [])
    .catch(() => []);
  if (typeof policy !== 'string' || policy === 'noeviction') return;
  warn?.(`Redis may drop live tokens: its maxmemory-policy is ${policy}, and has to be noeviction`);
}
