// One connection to one Redis that comes back by itself: whether it is up, and what time it is over there.

import { Redis } from 'ioredis';
import { type Call, createCall } from './call.ts';
import { outOfStep } from './chance.ts';
import { isReply, reasonOf } from './errors.ts';
import type { ClientOptions } from './options.ts';
import { createPresence } from './presence.ts';
import { createSetupCheck } from './setup.ts';

export type Node = {
  readonly redis: Redis;
  readonly call: Call;
  readonly host: string;
  isUp(): boolean;
  /** Whether it is up within so many milliseconds; false at once when it has been away for long. */
  whenUp(milliseconds: number): Promise<boolean>;
  /** A moment of our monotonic clock in the milliseconds of this Redis: never later than it really is. */
  toRedisTime(moment: number): number;
  /** This Redis just said that it is this late, in milliseconds. */
  learnTime(redisTime: number): void;
  /** Asks for the time, which shows that it answers. */
  greet(): Promise<void>;
  /** What is sent from here to the end of this turn of the event loop leaves in one write. */
  gather(): void;
  /** Begins anew, once a second at most: the address may stand for another server by now. */
  renew(): void;
  /** Begins anew at once: this is known to be the wrong server. */
  restart(): void;
  close(): Promise<void>;
};

export type NodeHooks = {
  readonly onUp?: (() => void) | undefined;
  readonly onDown?: ((reason: string) => void) | undefined;
  readonly onWarning?: ((warning: string) => void) | undefined;
} & NodeTerms;

/** What happens to each connection, whatever it leads to. */
export type NodeTerms = {
  readonly onCreated?: ((node: Node) => void) | undefined;
  /** Before anything is asked over a connection, and at each greeting; while it rejects, nothing is. */
  readonly beforeUp?: ((node: Node) => Promise<void>) | undefined;
};

const RENEWAL_MS = 1000;
const AGAIN_MS = 500;

/** Whoever may not be used at once may be in a moment. */
const SECOND_TRY_MS = 200;

/** Resolves when Redis has answered, or is known not to: an unreachable Redis is no error here. */
export async function openNode(
  clientOptions: ClientOptions,
  deadlineMs: number,
  hooks: NodeHooks,
): Promise<Node> {
  const { node, settled } = createNode(clientOptions, deadlineMs, hooks);
  await settled;
  return node;
}

/** `settled` when it has answered, or is known not to. */
export function createNode(
  clientOptions: ClientOptions,
  deadlineMs: number,
  hooks: NodeHooks,
): { readonly node: Node; readonly settled: Promise<unknown> } {
  const redis = new Redis(clientOptions);
  const presence = createPresence(deadlineMs, hooks);
  const setup = createSetupCheck(redis, hooks.onWarning);
  let offset = 0;
  let renewedAt = 0;
  let lastError: unknown;
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  const learnTime = (redisTime: number) => {
    offset = redisTime - performance.now();
  };
  const restart = () => redis.status === 'ready' && redis.disconnect(true);
  async function begin() {
    // What went wrong with the connection before is nothing against this one.
    clearTimeout(again);
    learnTime(await askTime(redis));
    await hooks.beforeUp?.(node);
    presence.rise();
    await setup.check();
  }
  const failed = (error: unknown) => {
    lastError = error;
    again = setTimeout(restart, SECOND_TRY_MS);
  };
  redis.on('ready', () => void begin().catch(failed));
  redis.on('error', (error) => {
    lastError = error;
  });
  const fall = () => {
    const error = lastError ?? new Error('the connection was closed');
    if (!closed) presence.fall(reasonOf(error), isReply(error));
    lastError = undefined;
  };
  redis.on('close', fall);
  // The client library gives up when a connection cannot even be attempted; an issuer does not.
  redis.on('end', () => {
    fall();
    if (!closed)
      again = setTimeout(() => void redis.connect().catch(() => {}), outOfStep(AGAIN_MS));
  });

  const refused = new Promise((resolve) => redis.once('close', resolve).once('end', resolve));
  const node: Node = {
    redis,
    call: createCall(redis),
    host: clientOptions.host ?? '',
    isUp: () => presence.isUp() && redis.status === 'ready',
    whenUp: presence.whenUp,
    toRedisTime: (moment) => Math.floor(moment + offset),
    learnTime,
    async greet() {
      const [time] = await Promise.all([askTime(redis), hooks.beforeUp?.(node)]);
      learnTime(time);
      setup.checkNowAndThen();
    },
    gather: createGathering(redis),
    renew() {
      if (performance.now() - renewedAt < RENEWAL_MS) return;
      renewedAt = performance.now();
      restart();
    },
    restart,
    async close() {
      closed = true;
      clearTimeout(again);
      if (redis.status === 'ready') await redis.quit().catch(() => {});
      if (redis.status !== 'end') redis.disconnect();
      presence.leave();
    },
  };
  hooks.onCreated?.(node);
  return { node, settled: Promise.race([presence.whenUp(deadlineMs), refused]) };
}

// Half the system calls here and in Redis. Unlike the pipelines of the client library, which go
// one at a time, it makes no queue in which commands would outlive their deadline.
function createGathering(redis: Redis): Node['gather'] {
  let gathering = false;
  return () => {
    if (gathering) return;
    gathering = true;
    const { stream } = redis;
    stream.cork();
    setImmediate(() => {
      gathering = false;
      stream.uncork();
    });
  };
}

/** Redis' clock in milliseconds. */
async function askTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
