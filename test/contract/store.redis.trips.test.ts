import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedisStore } from '../../internal/store/redis/redis.ts';
import type { NewAuthorization, NewPending, Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newMember,
  newPending,
  newRedemption,
  newSid,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { type Monitor, startMonitor } from '../support/monitor.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** Far more than a loaded machine takes for a verb, and less than half of two trips. */
const DELAY_MS = 200;

type Fixture = {
  readonly granted: NewAuthorization;
  readonly redeemed: NewAuthorization;
  readonly pending: NewPending;
};

type Verb = (store: Store, fixture: Fixture) => Promise<unknown>;

const VERBS: ReadonlyArray<readonly [string, readonly string[], Verb]> = [
  [
    'create',
    ['evalsha', 'evalsha'],
    (store) => store.create(newAuthorization({ grant: { nonce: unique() } }), NOW),
  ],
  [
    'create in a session',
    ['evalsha', 'evalsha', 'evalsha'],
    (store) => store.create(newMember(newSid()), NOW),
  ],
  ['create without nonce', ['evalsha'], (store) => store.create(newAuthorization(), NOW)],
  [
    'redeem',
    ['evalsha'],
    (store, { granted: { id, code } }) => store.redeem(id, code.hash, EXPECTED, newRedemption()),
  ],
  [
    'rotate',
    ['evalsha'],
    (store, { redeemed: { id } }) => store.rotate(id, token(1), EXPECTED, toNext(1)),
  ],
  ['find', ['get'], (store, { redeemed: { id } }) => store.find(id, NOW)],
  ['revoke', ['del'], (store, { redeemed: { id } }) => store.revoke(id)],
  ['park', ['evalsha', 'evalsha'], (store) => store.park(newPending(), NOW)],
  ['findPending', ['get'], (store, { pending: { id, hash } }) => store.findPending(id, hash, NOW)],
  [
    'approve',
    ['evalsha', 'evalsha', 'zrem'],
    (store, { pending: { id, hash } }) =>
      store.approve(hash, newAuthorization({ id, grant: { nonce: unique() } }), NOW),
  ],
  [
    'discard',
    ['evalsha', 'zrem'],
    (store, { pending: { id, hash } }) => store.discard(id, hash, NOW),
  ],
  ['once', ['evalsha'], (store) => store.once('jti', unique(), 60)],
  ['happened', ['exists'], (store) => store.happened('jti', unique())],
  ['findConsent', ['get'], (store) => store.findConsent(GRANT.subject, CLIENT)],
  [
    'keepConsent',
    ['set'],
    (store) => store.keepConsent(GRANT.subject, CLIENT, { scope: [], grantedAt: NOW }, 60),
  ],
  ['endSession', ['evalsha'], (store) => store.endSession(newSid(), 60)],
  ['forgetSession', ['del'], (store) => store.forgetSession(newSid())],
  ['ping', ['time', 'del'], (store) => store.ping()],
];

describe('Redis store: what a verb costs', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let monitor: Monitor;
  let near: Store;
  let far: Store;
  let fixture: Fixture;

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startTcpProxy(server.port);
    const options = { issuer: 'https://issuer.example', maxPending: 1000, deadlineMs: 5000 };
    near = await openRedisStore({ ...options, url: server.url });
    far = await openRedisStore({ ...options, url: `redis://127.0.0.1:${proxy.port}` });
    for (const [, , verb] of VERBS) await verb(near, await prepare());
    await far.ping();
    monitor = await startMonitor(server.port);
  });
  beforeEach(async () => {
    proxy.delayAnswers(0);
    fixture = await prepare();
    await monitor.take();
  });
  afterAll(async () => {
    monitor.stop();
    proxy.delayAnswers(0);
    await Promise.all([near.close(), far.close()]);
    await proxy.stop();
    await server.stop();
  });

  async function prepare(): Promise<Fixture> {
    const pending = newPending();
    await near.park(pending, NOW);
    return { granted: await createGranted(near), redeemed: await createRedeemed(near), pending };
  }

  for (const [name, commands, verb] of VERBS) {
    // A machine that stalls for a fifth of a second is no second round trip: it may try again.
    it(`${name} is one round trip of ${commands.length} command(s)`, { retry: 2 }, async () => {
      proxy.delayAnswers(DELAY_MS);
      const startedAt = performance.now();

      await verb(far, fixture);

      expect(performance.now() - startedAt).toBeLessThan(2 * DELAY_MS);
      expect(performance.now() - startedAt).toBeGreaterThan(DELAY_MS - 10);
      expect(await monitor.take()).toEqual(commands);
    });
  }
});
