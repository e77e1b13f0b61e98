import { Redis } from 'ioredis';
import type { KeyEvent } from '../../internal/keys/events.ts';
import type { Content } from '../../internal/keys/store/content.ts';
import { openContent, sealContent } from '../../internal/keys/store/content-seal.ts';
import { openStoreKeys, type StoreKeysOptions } from '../../internal/keys/store/store.ts';
import { openKeyShelf } from '../../internal/store/open.ts';
import { createKeyNames } from '../../internal/store/redis/keys.ts';
import type { KeyShelf } from '../../internal/store/shelf.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { HOUR, START } from './keys.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

export const SECRET = Buffer.from('what-only-the-replicas-know-0123456789');
export const OTHER_SECRET = Buffer.from('what-nobody-here-knows-0123456789-abc');

/** Milliseconds between two looks of a replica: short, so that tests need not wait. */
export const CHECK_EVERY = 40;

export type Replica = Awaited<ReturnType<KeyHouse['open']>>;

/** One Redis in which any number of issuers keep their keys, and what an attacker does to it. */
export type KeyHouse = Awaited<ReturnType<typeof startKeyHouse>>;

export async function startKeyHouse(redis?: RedisServer) {
  const server = redis ?? (await startRedis());
  const raw = new Redis(server.url, { lazyConnect: true, retryStrategy: () => 20 });
  raw.on('error', () => undefined);
  const opened: { close(): Promise<void> }[] = [];
  let issuers = 0;

  const openShelf = (issuer: string, url = server.url, deadlineMs = 1000): Promise<KeyShelf> =>
    openKeyShelf({ url, issuer, deadlineMs, maxPending: 1 });

  async function open(issuer: string, different: Partial<StoreKeysOptions> & Place = {}) {
    const { url, deadlineMs, clock = createTestClock(START), ...options } = different;
    const events: KeyEvent[] = [];
    const keys = await openStoreKeys({
      shelf: await openShelf(issuer, url, deadlineMs),
      issuer,
      secrets: () => [SECRET],
      now: clock,
      tokenLifetime: () => HOUR,
      publishAhead: 600,
      checkEvery: CHECK_EVERY,
      report: (event) => events.push(event),
      ...options,
    });
    opened.push(keys);
    return { keys, clock, events };
  }

  const nameOf = (issuer: string) => createKeyNames(issuer).keys;
  return {
    server,
    raw,
    open,
    openShelf,
    /** Makes the first keys, and leaves nobody behind who has them loaded. */
    async fill(issuer: string) {
      const { keys } = await open(issuer);
      await keys.close();
    },
    /** An issuer whose keys nobody has made yet. */
    newIssuer() {
      issuers += 1;
      return `https://issuer-${issuers}.example`;
    },
    leaseOf: (issuer: string) => createKeyNames(issuer).keysLease,
    nameOf,
    text: (issuer: string) => raw.get(nameOf(issuer)),
    put: (issuer: string, text: string) => raw.set(nameOf(issuer), text),
    empty: (issuer: string) => raw.del(nameOf(issuer)),
    async content(issuer: string, secret: Uint8Array = SECRET): Promise<Content> {
      const text = await raw.get(nameOf(issuer));
      return openContent(text ?? '', [secret], issuer).content;
    },
    /** As only somebody with the secret can. */
    write: (issuer: string, content: Content, secret: Uint8Array = SECRET) =>
      raw.set(nameOf(issuer), sealContent(content, secret, issuer)),
    async stop() {
      await Promise.all(opened.splice(0).map((keys) => keys.close()));
      raw.disconnect();
      await server.stop();
    },
  };
}

type Place = {
  readonly url?: string;
  readonly deadlineMs?: number;
  readonly clock?: TestClock;
};
