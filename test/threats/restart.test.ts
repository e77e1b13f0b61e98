// What was acknowledged, after Redis was killed and every process was started anew.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, startProgram } from '../support/program.ts';
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
  type Tokens,
} from './threats.fixture.ts';

const BASIC = `Authorization: ${APP}`;

let home: string;
let redis: RedisServer;
let program: Program;
let before: Awaited<ReturnType<typeof live>>;
/** Grace is over before the restart begins: what is replayed afterwards is a replay. */
const LIFETIMES = { refresh_token_grace: '0s' };

const openRedis = (port?: number): Promise<RedisServer> =>
  startRedis(['--dir', home, '--appendonly', 'yes', '--appendfsync', 'always'], port);

const open = (): Promise<Program> =>
  startProgram({
    config: {
      store: { driver: 'redis', redis: { url: redis.url } },
      keys: { source: 'file', dir: path.join(home, 'keys') },
      lifetimes: LIFETIMES,
    },
  });

const tokensOf = async (token: string): Promise<Tokens> =>
  JSON.parse((await refresh(program.public, token)).body);
const statusOf = async (token: string) => (await refresh(program.public, token)).status;
const introspect = async (token: string): Promise<unknown> =>
  JSON.parse((await submit(program.public, '/introspect', { token }, BASIC)).body);
const userinfo = async ({ access_token }: Tokens) =>
  (
    await ask(program.public, [
      'GET /userinfo HTTP/1.1',
      HOST,
      `Authorization: Bearer ${access_token}`,
    ])
  ).status;

/** One of everything that has to outlive a restart. */
async function live() {
  const kept = await signIn(program);
  const code = codeOf(await ask(program.public, honest())) ?? '';
  const rotated = await signIn(program);
  const successor = await tokensOf(rotated.refresh_token);
  const replayed = await signIn(program);
  const current = await tokensOf(replayed.refresh_token);
  await refresh(program.public, replayed.refresh_token);
  const revoked = await signIn(program);
  await submit(program.public, '/revoke', { token: revoked.refresh_token }, BASIC);
  const spent = codeOf(await ask(program.public, honest())) ?? '';
  const ofSpent = await redeem(program.public, spent);
  return { kept, code, rotated, successor, current, revoked, spent, ofSpent };
}

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'asteroid-restart-'));
  redis = await openRedis();
  program = await open();
  before = await live();
  await program.stop();
  await redis.kill();
  redis = await openRedis(redis.port);
  program = await open();
});

afterAll(async () => {
  await program.stop();
  await redis.stop();
  await rm(home, { recursive: true, force: true });
});

describe('after Redis was killed and every process was started anew', () => {
  it('live tokens and codes are as good as before (N1)', async () => {
    expect(await userinfo(before.kept)).toBe(200);
    expect(await introspect(before.kept.access_token)).toMatchObject({ active: true });
    expect(await redeem(program.public, before.code)).toHaveProperty('access_token');
    expect(await statusOf(before.kept.refresh_token)).toBe(200);
  });

  it('a refresh token that was rotated stays dead, and using it ends its successor (RT-5, N2)', async () => {
    expect(await introspect(before.successor.refresh_token)).toMatchObject({ active: true });
    expect(await statusOf(before.rotated.refresh_token)).toBe(400);
    expect(await statusOf(before.successor.refresh_token)).toBe(400);
    expect(await userinfo(before.successor)).toBe(401);
  });

  it('a family that a replay has ended stays ended (RT-5, N3)', async () => {
    expect(await statusOf(before.current.refresh_token)).toBe(400);
    expect(await userinfo(before.current)).toBe(401);
  });

  it('what was revoked stays revoked (N3)', async () => {
    expect(await statusOf(before.revoked.refresh_token)).toBe(400);
    expect(await userinfo(before.revoked)).toBe(401);
    expect(await introspect(before.revoked.access_token)).toEqual({ active: false });
  });

  it('a code that was spent stays spent, and presenting it ends what it gave (N2)', async () => {
    expect(await userinfo(before.ofSpent)).toBe(200);
    expect(await redeem(program.public, before.spent)).toMatchObject({ error: 'invalid_grant' });
    expect(await userinfo(before.ofSpent)).toBe(401);
  });
});
