// A Redis whose primary dies before its replica has everything, as clients of the issuer see it.

import { afterEach, describe, expect, it } from 'vitest';
import { type Program, startProgram } from '../support/program.ts';
import { type ReplicatedRedis, startReplicatedRedis } from '../support/redis-replica.ts';
import { untilTrue } from '../support/until.ts';
import { APP, ask, codeOf, HOST, honest, redeem, signIn, submit } from './threats.fixture.ts';

const BASIC = `Authorization: ${APP}`;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(
  durability: 'fast' | 'acknowledged',
): Promise<readonly [ReplicatedRedis, Program]> {
  const redis = await startReplicatedRedis();
  cleanups.push(() => redis.stop());
  const terms = { url: redis.url, durability };
  const program = await startProgram({ config: { store: { driver: 'redis', redis: terms } } });
  cleanups.push(() => program.stop());
  return [redis, program];
}

const readiness = async (program: Program) =>
  (await ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST])).status;

const code = async (program: Program) => codeOf(await ask(program.public, honest())) ?? '';

const logged = (program: Program, message: string) =>
  program.logged().filter(({ msg }) => msg === message);

describe('a failover that loses what was written last', () => {
  it('brings back no code where it is noticed, and says until when (F-9, N2)', async () => {
    const [redis, program] = await start('fast');
    const spent = await code(program);
    await redis.caughtUp();
    redis.partition();
    expect(await redeem(program.public, spent)).toHaveProperty('access_token');

    await redis.failOver();
    await untilTrue('the issuer is ready', async () => (await readiness(program)) === 200);

    expect(await redeem(program.public, spent)).toMatchObject({ error: 'invalid_grant' });
    const [line, ...more] = logged(program, 'redis failed over: codes granted before are refused');
    expect(Date.parse(String(line?.['until']))).toBeGreaterThan(Date.now());
    expect(line?.['advice']).toContain('durability: acknowledged');
    expect(more).toEqual([]);
    await untilTrue('codes are taken again', async () =>
      Object.hasOwn(await redeem(program.public, await code(program)), 'access_token'),
    );
  });

  it('has nothing to lose where replicas acknowledge: without them the answer is 503 (F-8, N2, N3)', async () => {
    const [redis, program] = await start('acknowledged');
    const tokens = await signIn(program);
    const granted = await code(program);
    redis.partition();

    const fields = { token: tokens.refresh_token };
    const revoked = await submit(program.public, '/revoke', fields, BASIC);
    const introspected = await submit(program.public, '/introspect', fields, BASIC);

    expect(revoked.status).toBe(503);
    // Only this primary knows that it is gone.
    expect(introspected.status).toBe(503);
    expect(await redeem(program.public, granted)).toMatchObject({
      error: 'temporarily_unavailable',
    });
    expect(await readiness(program)).toBe(503);
    expect(logged(program, 'too few redis replicas: nothing is issued')).toHaveLength(1);

    redis.heal();
    await untilTrue('the issuer is ready', async () => (await readiness(program)) === 200);
    expect(await redeem(program.public, granted)).toHaveProperty('access_token');
    expect(logged(program, 'redis replicas have caught up')).toHaveLength(1);
  });
});
