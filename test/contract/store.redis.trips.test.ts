import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClientId, type Subject, toClientId, toSubject } from '../../internal/protocol/ids.ts';
import type { ClientRecord } from '../../internal/store/clients.ts';
import type { NewDeviceRequest } from '../../internal/store/device.ts';
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
  newClientRecord,
  newMember,
  newPending,
  newRedemption,
  newSid,
  newUserRecord,
  ofAlice,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { newDevice, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { type Monitor, startMonitor } from '../support/monitor.ts';
import { type ReplicatedRedis, startReplicatedRedis } from '../support/redis-replica.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** Waiting for no replica: a script that only reads, and budgets, which may be forgotten. */
const UNCONFIRMED: ReadonlySet<string> = new Set(['listClients', 'take']);

/** Long enough for whatever is asked without waiting for it to be on its way. */
const DELAY_MS = 50;

type Fixture = {
  readonly granted: NewAuthorization;
  readonly redeemed: NewAuthorization;
  readonly pending: NewPending;
  readonly waiting: NewDeviceRequest;
  readonly grantedDevice: NewDeviceRequest;
  readonly clientId: ClientId;
  readonly client: ClientRecord;
  /** Of alice's. */
  readonly member: NewAuthorization;
  /** Of one authorization and nothing else. */
  readonly owner: Subject;
};

type Verb = (store: Store, fixture: Fixture) => Promise<unknown>;

const membership = { offline: false, until: NOW + 3600 };

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
  [
    'redeemDevice while nobody has answered',
    ['evalsha'],
    (store, { waiting }) => poll(store, waiting),
  ],
  [
    'redeemDevice of what was granted',
    ['evalsha'],
    (store, { grantedDevice }) => poll(store, grantedDevice),
  ],
  [
    'parkDevice',
    ['evalsha', 'evalsha', 'evalsha', 'evalsha'],
    (store) => store.parkDevice(newDevice(), NOW),
  ],
  [
    'decideDevice',
    ['evalsha', 'zrem', 'zrem', 'del'],
    (store, { waiting: { id } }) => store.decideDevice(id, newDeviceGrant(), NOW),
  ],
  ['take', ['evalsha'], (store) => store.take('rule', unique(), { limit: 5, window: 60 })],
  ['count', ['evalsha'], (store) => store.count('guess', unique(), 60)],
  [
    'createClient',
    ['evalsha', 'evalsha'],
    (store) => store.createClient(toClientId(unique()), newClientRecord(), 60),
  ],
  ['findClient', ['get'], (store) => store.findClient(CLIENT)],
  [
    'replaceClient',
    ['evalsha', 'zadd'],
    (store, { clientId, client: { version } }) =>
      store.replaceClient(clientId, version, newClientRecord(), 60),
  ],
  [
    'createUser',
    ['evalsha', 'evalsha'],
    (store) => store.createUser(toSubject(unique()), newUserRecord(), 1000),
  ],
  ['findUser', ['get'], (store, { owner }) => store.findUser(owner)],
  [
    'replaceUser',
    ['evalsha'],
    (store, { owner }) => store.replaceUser(owner, unique(), newUserRecord()),
  ],
  ['findHeld', ['get'], (store, { member: { id } }) => store.findHeld(id, NOW)],
  ['listClients', ['evalsha'], (store) => store.listClients(undefined, 10)],
  ['removeClient', ['del', 'zrem'], (store, { clientId }) => store.removeClient(clientId)],
  [
    'removeClientAt',
    ['evalsha', 'zrem'],
    (store, { clientId, client: { version } }) => store.removeClientAt(clientId, version),
  ],
  ['once', ['evalsha'], (store) => store.once('jti', unique(), 60)],
  [
    'once of what was made before',
    ['evalsha', 'get'],
    (store) => store.once('jti', unique(), 60, { at: NOW, now: NOW }),
  ],
  [
    'happened to what was made before',
    ['exists', 'get'],
    (store) => store.happened('jti', unique(), { at: NOW, now: NOW }),
  ],
  ['happened', ['exists'], (store) => store.happened('jti', unique())],
  ['findConsent', ['get'], (store) => store.findConsent(GRANT.subject, CLIENT)],
  [
    'keepConsent',
    ['set', 'evalsha'],
    (store) => store.keepConsent(GRANT.subject, CLIENT, { scope: [], grantedAt: NOW }, 60),
  ],
  ['endSession', ['evalsha'], (store) => store.endSession(ofAlice(newSid()), 60)],
  ['forgetSession', ['del'], (store) => store.forgetSession(ofAlice(newSid()))],
  [
    'endGranted',
    ['evalsha', 'zrem'],
    (store, { member: { id } }) => store.endGranted(GRANT.subject, id, NOW),
  ],
  [
    'endGranted of what is not there',
    ['evalsha'],
    (store) => store.endGranted(GRANT.subject, newAuthorization().id, NOW),
  ],
  [
    'listGranted of somebody who granted nothing',
    ['zrange'],
    (store) => store.listGranted(toSubject(unique()), NOW),
  ],
  ['ping', ['time', 'evalsha', 'del'], (store) => store.ping()],
];

/** A second round trip where keys of two slots change in an order, of verbs that wait for a person. */
const TWO_TRIPS: typeof VERBS = [
  ['listGranted', ['zrange', 'get'], (store, { owner }) => store.listGranted(owner, NOW)],
  [
    'endAllGranted',
    ['zrange', 'evalsha', 'zrem'],
    (store, { owner }) => store.endAllGranted(owner, {}, NOW),
  ],
  [
    'findDevice',
    ['get', 'get'],
    (store, { waiting: { userCodeHash } }) => store.findDevice(userCodeHash, NOW),
  ],
  [
    'decideDevice in a session',
    ['evalsha', 'evalsha', 'zrem', 'zrem', 'del'],
    (store, { waiting: { id } }) =>
      store.decideDevice(
        ...([id, newDeviceGrant({ membership, grant: { sid: newSid() } }), NOW] as const),
      ),
  ],
];

/** What Redis is asked where replicas acknowledge: behind what a turn wrote, and all of it, one WAIT. */
function acknowledged(commands: readonly string[]): readonly string[] {
  const turns = commands.map((command, index) => {
    const next = commands[index + 1];
    const writes = commands.slice(0, index + 1).some((one) => WRITES.includes(one));
    const ends = writes && TURN.includes(command) && (next === undefined || !TURN.includes(next));
    return ends ? [command, 'wait'] : [command];
  });
  // Whether both connections are good.
  const again = commands[0] === 'time' ? commands : [];
  return [...turns.flat(), ...again];
}

const WRITES = ['evalsha', 'set', 'del'];

/** What may leave in the turn of a write. */
const TURN = [...WRITES, 'get'];

/** Whose two scripts leave one after the other. */
const inTurns = (commands: readonly string[]): readonly string[] =>
  commands.flatMap((command) =>
    command === 'evalsha' ? ['evalsha', 'wait'] : acknowledged([command]),
  );

const DURABILITIES = [
  ['fast', (commands: readonly string[]) => commands, (commands: readonly string[]) => commands],
  ['acknowledged', acknowledged, inTurns],
] as const;

describe.each(DURABILITIES)(
  'Redis store: what a verb costs, %s',
  (durability, asked, askedInTurns) => {
    let redis: ReplicatedRedis;
    let proxy: TcpProxy;
    let monitor: Monitor;
    let near: Store;
    let far: Store;
    let fixture: Fixture;

    beforeAll(async () => {
      redis = await startReplicatedRedis();
      const server = redis.primary;
      proxy = await startTcpProxy(server.port);
      const options = { issuer: 'https://issuer.example', maxPending: 1000, deadlineMs: 5000 };
      near = await openRedisStore({ ...options, url: server.url });
      const url = `redis://127.0.0.1:${proxy.port}`;
      far = await openRedisStore({ ...options, url, durability });
      for (const [, , verb] of [...VERBS, ...TWO_TRIPS]) await verb(near, await prepare());
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
      await redis.stop();
    });

    async function countTrips(ask: () => Promise<unknown>): Promise<number> {
      const before = proxy.turns();
      proxy.delayAnswers(DELAY_MS);
      await ask();
      return proxy.turns() - before;
    }
    async function prepare(): Promise<Fixture> {
      const pending = newPending();
      await near.park(pending, NOW);
      const grantedDevice = await parkDevice(near);
      await near.decideDevice(grantedDevice.id, newDeviceGrant(), NOW);
      const [clientId, client] = [toClientId(unique()), newClientRecord()];
      await near.createClient(clientId, client, 60);
      const [member, owner] = [newMember(newSid()), toSubject(unique())];
      await near.create(member, NOW);
      await near.create(newMember(newSid(), { grant: { subject: owner } }), NOW);
      return {
        ...{ member, owner },
        ...{ granted: await createGranted(near), redeemed: await createRedeemed(near), pending },
        ...{ waiting: await parkDevice(near), grantedDevice, clientId, client },
      };
    }

    for (const [name, commands, verb] of TWO_TRIPS) {
      it(`${name} is two round trips`, async () => {
        expect(await countTrips(() => verb(far, fixture))).toBe(2);
        const all = askedInTurns(commands);
        expect(await monitor.take(all.length)).toEqual(all);
      });
    }

    for (const [name, commands, verb] of VERBS) {
      it(`${name} is one round trip of ${commands.length} command(s)`, async () => {
        expect(await countTrips(() => verb(far, fixture))).toBe(1);
        const all = UNCONFIRMED.has(name) ? commands : asked(commands);
        expect(await monitor.take(all.length)).toEqual(all);
      });
    }
  },
);
