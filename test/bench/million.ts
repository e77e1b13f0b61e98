// One run of the memory store with a million authorizations, in a process of its own: what they take,
// and how long everybody else waits while they are made, spent and removed. Prints its figures as JSON.

import { createHistogram } from 'node:perf_hooks';
import {
  type AuthorizationId,
  toAuthorizationId,
  toClientId,
  toSessionId,
  toSubject,
} from '../../internal/protocol/ids.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import type { Grant, Store } from '../../internal/store/store.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer } from '../support/issuer.ts';
import type { Figures, Pauses, Room } from './figures.ts';
import { createStopwatch } from './stopwatch.ts';

const COUNT = Number(process.argv[2]);
const stopwatch = createStopwatch();

const ROUNDS = 10;
const EXCHANGES = 200;
/** How many requests are answered in one turn of the event loop. */
const PER_TURN = 10;

const START = 1_800_000_000;
const DAY = 86_400;

// As long as hashes and ids are; nothing in the store cares what they look like.
const text = (what: string, n: number): string => `${what}-${n}`.padEnd(43, '-');
const short = (what: string, n: number): string => `${what}-${n}`.padEnd(22, '-');
const idOf = (n: number): AuthorizationId => toAuthorizationId(short('id', n));

const CLIENT = toClientId('grafana.example.com');
const REDIRECT_URI = 'https://grafana.example.com/login/generic_oauth';

/** Five claims, PKCE, nonce, sid. */
const grantOf = (n: number): Grant => ({
  clientId: CLIENT,
  subject: toSubject(`employee-${n}`),
  scope: ['openid', 'profile', 'email', 'groups', 'offline_access'],
  redirectUri: REDIRECT_URI,
  redirectUriSent: true,
  nonce: short('nonce', n),
  challenge: text('verifier', n),
  authTime: START,
  sid: toSessionId(short('sid', n)),
  resource: [],
  snapshot: {
    name: `Employee Number ${n}`,
    preferred_username: `employee-${n}`,
    email: `employee-${n}@example.com`,
    email_verified: true,
    groups: ['engineering', 'grafana-editors', 'all-employees'],
  },
  grantedAt: START,
});

const newAuthorization = (n: number, now: number) => ({
  id: idOf(n),
  grant: grantOf(n),
  code: { hash: text('code', n), expiresAt: now + 60 },
  refresh: { ttl: 30 * DAY, until: now + 90 * DAY },
  membership: { offline: true, until: now + 90 * DAY },
});

const PARAMS = [
  ['response_type', 'code'],
  ['client_id', CLIENT],
  ['redirect_uri', REDIRECT_URI],
  ['scope', 'openid profile email groups offline_access'],
  ['code_challenge_method', 'S256'],
] as const;

const newPending = (n: number, now: number) => ({
  id: idOf(n),
  request: {
    params: [
      ...PARAMS,
      ['state', short('state', n)],
      ['nonce', short('nonce', n)],
      ['code_challenge', text('verifier', n)],
    ] as const,
    subject: toSubject(`employee-${n}`),
    scope: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    parkedAt: START,
  },
  hash: text('pending', n),
  expiresAt: now + 600,
});

const redeem = (store: Store, n: number, now: number) =>
  store.redeem(
    idOf(n),
    text('code', n),
    {
      ...{ clientId: CLIENT, redirectUri: REDIRECT_URI },
      ...{ challenge: text('verifier', n), jkt: undefined },
    },
    {
      ...{ attempt: short('redeem', n), now, expiresAt: now + 300 },
      refresh: { family: text('family', n), hash: text('token 1', n), binding: undefined },
    },
  );

const rotate = (store: Store, n: number, now: number) =>
  store.rotate(
    idOf(n),
    { family: text('family', n), hash: text('token 1', n) },
    { clientId: CLIENT, binding: undefined },
    {
      ...{ attempt: short('rotate', n), now, expiresAt: now + 300, grace: 30 },
      next: { hash: text('token 2', n), seal: text('seal', n) + text('seal', n) },
    },
  );

async function drive(count: number, act: (n: number) => Promise<unknown>): Promise<Pauses> {
  const turns = createHistogram();
  const startedAt = stopwatch();
  for (let n = 0; n < count; n += PER_TURN) {
    const turnedAt = stopwatch();
    for (let m = n; m < Math.min(count, n + PER_TURN); m += 1) await act(m);
    await new Promise(setImmediate);
    turns.record(Math.max(1, Math.round((stopwatch() - turnedAt) * 1000)));
  }
  return {
    worst: turns.max / 1000,
    p999: turns.percentile(99.9) / 1000,
    each: ((stopwatch() - startedAt) * 1000) / count,
  };
}

async function expectKind(kind: string, answer: Promise<{ readonly kind: string }>): Promise<void> {
  const found = await answer;
  if (found.kind !== kind) throw new Error(`${found.kind} instead of ${kind}`);
}

async function settle(): Promise<Room> {
  // Memory outside of the heap goes when its owner was collected, and a moment later.
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, used: heapUsed + external };
}

const since = (before: Room, after: Room, count: number): Room => ({
  rss: (after.rss - before.rss) / count,
  used: (after.used - before.used) / count,
});

async function measurePending(): Promise<Room> {
  const count = Math.ceil(COUNT / 10);
  const store = createMemoryStore({ maxEntries: 1, maxPending: count, now: () => START });
  const before = await settle();
  await drive(count, (n) => store.park(newPending(n, START), START));
  const room = since(before, await settle(), count);
  await store.close();
  return room;
}

/** Microseconds of a token exchange, two signatures included, in the quietest of some rounds. */
async function timeExchanges(stores: readonly Store[]): Promise<readonly number[]> {
  const quickest = stores.map(() => Number.POSITIVE_INFINITY);
  const issuers = stores.map((store) => createTestIssuer({ deps: { store } }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [n, test] of issuers.entries()) {
      const codes: string[] = [];
      for (let m = 0; m < EXCHANGES; m += 1) codes.push(await test.code());
      const { each } = await drive(codes.length, (m) => test.redeem(codes[m] ?? ''));
      quickest[n] = Math.min(quickest[n] ?? each, each);
    }
  }
  return quickest;
}

async function measure(): Promise<Figures> {
  const pending = await measurePending();
  const clock = createTestClock(START);
  const store = createMemoryStore({ maxEntries: 3 * COUNT + 200_000, maxPending: 10, now: clock });
  // Compiles what is measured, and makes the heap as large as it will be.
  for (let n = 0; n < 2; n += 1) {
    await drive(Math.min(COUNT, 20_000), async (m) => {
      await store.create(newAuthorization(m, clock()), clock());
      await redeem(store, m, clock());
      await rotate(store, m, clock());
      await store.revoke(idOf(m));
    });
    clock.advance(100 * DAY);
  }
  await drive(Math.min(COUNT, 20_000), (n) => store.once('warm', `${n}`, 1));
  clock.advance(2);

  const before = await settle();
  const created = await drive(COUNT, (n) =>
    expectKind(
      'created',
      store.create(newAuthorization(n, clock()), clock()).then((kind) => ({ kind })),
    ),
  );
  const live = since(before, await settle(), COUNT);
  const nothing = createMemoryStore({ maxEntries: 1_000_000, maxPending: 10, now: clock });
  const [empty = 0, full = 0] = await timeExchanges([nothing, store]);
  const redeemed = await drive(COUNT, (n) => expectKind('fresh', redeem(store, n, clock())));
  const withRefresh = since(before, await settle(), COUNT);
  clock.advance(3600);
  const rotated = await drive(COUNT, (n) => expectKind('fresh', rotate(store, n, clock())));
  const afterRotation = since(before, await settle(), COUNT);
  clock.advance(100 * DAY);
  // Every write removes some of what has ended, and of the writes before it.
  const removed = await drive(COUNT, (n) => {
    if (n % 1000 === 0) clock.advance(1);
    return store.once('write', `${n}`, 1);
  });
  const left = since(before, await settle(), COUNT);
  return {
    pauses: { create: created, redeem: redeemed, rotate: rotated, 'expire and remove': removed },
    rooms: {
      'request put aside': pending,
      'live, its code not redeemed': live,
      'redeemed, with a refresh token': withRefresh,
      'the same, rotated once': afterRotation,
      'expired and removed': left,
    },
    exchange: { empty, full },
  };
}

console.log(JSON.stringify(await measure()));
