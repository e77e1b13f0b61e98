// An import of End-Users while the connection to Redis is cut, or swallows everything: whoever is kept by it is
// on record with the operator who did that, and the same import again does the rest.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredUsers } from '../../internal/admin/api/ports/users.ts';
import { createStoredUsers } from '../../internal/app/stored-users.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { openStore } from '../../internal/store/open.ts';
import type { Store } from '../../internal/store/store.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { untilReady } from '../support/outage.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { exposeStore, fairWeather, type Weather } from '../support/weather.ts';

const ORDER = { actor: 'token:ops', requestId: 'r-1' };
const ADA = { claims: { name: 'Ada' }, isDisabled: false };
const WHICHEVER = { ifMatch: undefined, mustExist: false } as const;
const ROOM = 1000;
/** Milliseconds that no deadline waits for. */
const NEVER = 20_000;
/** Three waves of questions. */
const MANY = 120;

let redis: RedisServer;
let proxy: TcpProxy;
/** As the issuer reaches it, and as it is. */
let store: Store;
let truth: Store;
let weather: Weather;
let issuer: TestIssuer;
let round = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  proxy = await startTcpProxy(redis.port);
  round += 1;
  const open = (port: number) => {
    const url = `redis://127.0.0.1:${port}`;
    const options = { url, issuer: `https://issuer${round}.example`, maxPending: 100 };
    return openStore({ driver: 'redis', options: { ...options, deadlineMs: 1000 } });
  };
  [store, truth] = [await open(proxy.port), await open(redis.port)];
  weather = fairWeather();
  issuer = createTestIssuer({ deps: { store: exposeStore(store, weather) } });
});
afterEach(async () => {
  await Promise.all([store.close(), truth.close()]);
  await proxy.stop();
});

const usersOf = (room = ROOM): StoredUsers => createStoredUsers(issuer.deps, room);
const entries = Array.from({ length: MANY }, (_, n) => ({ sub: `user${n}`, name: 'Before' }));

const kept = async (): Promise<readonly string[]> =>
  (await truth.listUsers(undefined, ROOM)).users.map(([subject]) => subject);

type Told = { readonly type: string; readonly subject?: string; readonly reason?: string };

const onRecord = (type: string): readonly Told[] =>
  issuer.events.filter((event): event is Told & typeof event => event.type === type);

/** Nobody is kept without a word about it, and nobody is said to be kept who is not. */
async function expectOnRecord(): Promise<void> {
  const all = await kept();
  const created = onRecord('user.created');
  const sure = created.filter(({ reason }) => reason === undefined).map(({ subject }) => subject);
  const unsure = created.filter(({ reason }) => reason !== undefined);
  expect(sure.filter((subject) => !all.includes(subject ?? ''))).toEqual([]);
  expect(new Set(unsure.map(({ reason }) => reason)).size).toBeLessThan(2);
  const told = created.map(({ subject }) => subject);
  expect(all.filter((subject) => !told.includes(subject))).toEqual([]);
}

/** What becomes of the connection when a verb is asked for the nth time. */
function when(verb: keyof Store, nth: number, happens: () => void): void {
  const before = weather.calls.filter((name) => name === verb).length;
  weather.pause = async () => {
    const count = weather.calls.filter((name) => name === verb).length - before;
    if (count < nth) return;
    weather.pause = async () => undefined;
    happens();
  };
}

/** The verb is carried out once, and nobody hears of it. */
function loseAnswer(verb: keyof Store, meanwhile: () => Promise<void>): void {
  let passes = 0;
  weather.pause = async () => {
    if (weather.calls.at(-1) !== verb) return;
    passes += 1;
    if (passes === 1) await meanwhile();
    if (passes === 2) throw new Unavailable('store', verb);
  };
}

async function mend(): Promise<void> {
  proxy.delayAnswers(0);
  proxy.swallow(false);
  proxy.cutAll();
  await untilReady(store);
}

async function expectRest(): Promise<void> {
  await untilReady(store);
  const before = (await kept()).length;

  expect(await usersOf().importAll(entries, ORDER)).toEqual({
    kind: 'imported',
    created: MANY - before,
    changed: 0,
    unchanged: before,
  });
  await expectOnRecord();
  expect(await kept()).toHaveLength(MANY);
}

describe('an import that meets an outage', () => {
  for (const answers of [0, 1, 2, 3, 4, 5]) {
    it(`has on record what it made where answer ${answers} and its connection are lost`, async () => {
      proxy.cutAnswerAfter(answers);

      await usersOf()
        .importAll(entries, ORDER)
        .catch((error) => expect(error).toBeInstanceOf(Unavailable));

      expect(proxy.cuts()).toBe(1);
      await expectOnRecord();
      await expectRest();
    });
  }

  it('has on record what it made, and what it cannot know, where no answer comes any more', async () => {
    when('createUser', 60, () => proxy.delayAnswers(NEVER));

    await expect(usersOf().importAll(entries, ORDER)).rejects.toBeInstanceOf(Unavailable);

    const all = await kept();
    expect(all.length).toBeGreaterThan(0);
    expect(all.length).toBeLessThan(MANY);
    await expectOnRecord();
    expect(onRecord('user.created')).toContainEqual(
      expect.objectContaining({ reason: 'outcome_unknown', ...ORDER }),
    );
    await mend();
    await expectRest();
  });

  it('has on record whom it could not take back where there is no room for all', async () => {
    when('removeUser', 10, () => proxy.swallow(true));

    await expect(usersOf(70).importAll(entries, ORDER)).rejects.toBeInstanceOf(Unavailable);

    expect(await kept()).toHaveLength(70 - 9);
    await expectOnRecord();
    await mend();
    await expectRest();
  });

  it('leaves nobody, and no word, where there is no room and no outage', async () => {
    expect(await usersOf(70).importAll(entries, ORDER)).toEqual({ kind: 'full' });

    expect(await kept()).toEqual([]);
    expect(onRecord('user.created')).toEqual([]);
  });

  it('has on record whom it changed', async () => {
    await usersOf().importAll(entries, ORDER);
    const others = entries.map(({ sub }) => ({ sub, name: 'After' }));
    const changed = async () =>
      (await truth.listUsers(undefined, ROOM)).users
        .filter(([, { text }]) => text.includes('After'))
        .map(([subject]) => subject);
    when('replaceUser', 60, () => proxy.delayAnswers(NEVER));

    await expect(usersOf().importAll(others, ORDER)).rejects.toBeInstanceOf(Unavailable);

    expect((await changed()).length).toBeGreaterThan(0);
    const told = onRecord('user.changed').map(({ subject }) => subject);
    expect((await changed()).filter((subject) => !told.includes(subject))).toEqual([]);
    await mend();
    expect(await usersOf().importAll(others, ORDER)).toMatchObject({ created: 0 });
    const all = new Set(onRecord('user.changed').map(({ subject }) => subject));
    expect(all.size).toBe(MANY);
  });
});

describe('an End-User who is put while the answer is lost', () => {
  it('is on record, though whoever asks again finds them there', async () => {
    const { put } = usersOf();
    for (const answers of [0, 1, 2]) {
      proxy.cutAnswerAfter(answers);
      await put(`ada${answers}`, ADA, WHICHEVER, ORDER).catch(() => undefined);
      await untilReady(store);
      await put(`ada${answers}`, ADA, WHICHEVER, ORDER);

      const told = onRecord('user.created').filter(({ subject }) => subject === `ada${answers}`);
      expect(told).not.toEqual([]);
    }
  });

  for (const [type, verb, kind] of [
    ['user.created', 'createUser', 'created'],
    ['user.changed', 'replaceUser', 'changed'],
  ] as const) {
    const begin = async () => {
      const { put } = usersOf();
      if (kind === 'changed') await put('ada', { ...ADA, claims: {} }, WHICHEVER, ORDER);
      return () => put('ada', ADA, WHICHEVER, ORDER);
    };

    it(`is ${kind}, where the answer alone was lost`, async () => {
      const put = await begin();
      loseAnswer(verb, async () => undefined);

      expect(await put()).toMatchObject({ kind, user: { claims: ADA.claims } });

      expect(onRecord(type)).toEqual([{ type, subject: 'ada', ...ORDER }]);
    });

    it(`is not said to be ${kind}, where they are what somebody else made of them`, async () => {
      const put = await begin();
      loseAnswer(verb, async () => {
        const subject = toSubject('ada');
        await truth.removeUser(subject);
        await truth.createUser(subject, { text: '{}', version: 'theirs' }, ROOM);
      });

      await expect(put()).rejects.toBeInstanceOf(Unavailable);

      const unknown = { type, subject: 'ada', reason: 'outcome_unknown', ...ORDER };
      expect(onRecord(type)).toEqual([unknown]);
    });
  }

  it('is on record as deleted where the answer to that is lost', async () => {
    const { put, remove } = usersOf();
    await put('ada', ADA, WHICHEVER, ORDER);
    when('removeUser', 1, () => proxy.cutNextAnswer());

    expect(await remove('ada', undefined, ORDER)).toBe('removed');

    expect(proxy.cuts()).toBe(1);
    expect(await kept()).toEqual([]);
    expect(onRecord('user.deleted')).toEqual([{ type: 'user.deleted', subject: 'ada', ...ORDER }]);
  });
});
