// What a store that forgets would bring back to life: tokens of which nothing is recorded but that they
// were revoked, and whatever may be used once.

import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import {
  APP,
  ask,
  codeOf,
  HOST,
  honest,
  redeem,
  refresh,
  signIn,
  submit,
} from './threats.fixture.ts';

const BASIC = `Authorization: ${APP}`;
const API = 'https://api.example';
const CHECK = `GET /check?audience=${API} HTTP/1.1`;

const CLIENTS: readonly Metadata[] = [
  {
    ...{ client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    ...{ grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] },
    resources: [API],
  },
];

async function ownToken({ public: target }: Program): Promise<string> {
  const fields = { grant_type: 'client_credentials', resource: API };
  return JSON.parse((await submit(target, '/token', fields, BASIC)).body).access_token;
}

/** What introspection and /check say of it. */
async function standing({ public: target }: Program, token: string) {
  const introspected = await submit(target, '/introspect', { token }, BASIC);
  const checked = await ask(target, [CHECK, HOST, `Authorization: Bearer ${token}`]);
  return [JSON.parse(introspected.body).active, checked.status];
}

const STANDS = [true, 200];
const ENDED = [false, 401];

describe('a Redis that is emptied while the issuer runs (F-18, N2, N3)', () => {
  let redis: RedisServer;
  let program: Program;

  beforeAll(async () => {
    redis = await startRedis();
    const store = { driver: 'redis', redis: { url: redis.url } };
    program = await startProgram({
      ...{ clients: CLIENTS, config: { check: { enabled: true }, store } },
    });
  });
  afterAll(async () => {
    await program.stop();
    await redis.stop();
  });

  it('brings back to life no token that was revoked, and lets clients ask for others', async () => {
    const [kept, revoked] = [await ownToken(program), await ownToken(program)];
    await submit(program.public, '/revoke', { token: revoked }, BASIC);
    const signedIn = await signIn(program);
    const code = codeOf(await ask(program.public, honest())) ?? '';
    expect(await standing(program, kept)).toEqual(STANDS);
    expect(await standing(program, revoked)).toEqual(ENDED);

    const admin = new Redis(redis.url);
    await admin.flushall();
    admin.disconnect();

    expect(await standing(program, revoked)).toEqual(ENDED);
    expect(await standing(program, kept)).toEqual(ENDED);
    expect(await standing(program, signedIn.access_token)).toEqual(ENDED);
    expect((await refresh(program.public, signedIn.refresh_token)).status).toBe(400);
    expect(await redeem(program.public, code)).toMatchObject({ error: 'invalid_grant' });
    const told = program.logged().filter(({ msg }) => msg === 'the store was emptied');
    expect(told.map(({ advice }) => advice)).toEqual([expect.stringContaining('appendonly yes')]);

    // The seconds of it go by.
    const next = async () => standing(program, await ownToken(program));
    await expect.poll(next, { timeout: 15_000 }).toEqual(STANDS);
  });
});

describe('a process that keeps all in its memory, started anew (N3)', () => {
  it('brings back to life no token that was revoked before', async () => {
    let now = Math.floor(Date.now() / 1000);
    const store = { driver: 'memory' };
    const keys = { source: 'file', dir: 'keys' };
    const before = await startProgram({
      ...{ now: () => now, clients: CLIENTS, config: { check: { enabled: true }, store, keys } },
    });
    const revoked = await ownToken(before);
    await submit(before.public, '/revoke', { token: revoked }, BASIC);
    await before.stop();
    now += 2;

    const after = await startProgram({
      now: () => now,
      clients: CLIENTS,
      config: {
        check: { enabled: true },
        store,
        keys: { ...keys, dir: before.folder.file('keys') },
      },
    });

    expect(await standing(after, revoked)).toEqual(ENDED);
    expect(await standing(after, await ownToken(after))).toEqual(STANDS);
  });
});
