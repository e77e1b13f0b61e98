// A store that stops answering, seen by everybody who asks meanwhile.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import type { RawAnswer, RawTarget } from '../support/raw-http.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import {
  APP,
  ask,
  attempt,
  codeOf,
  HOST,
  honest,
  redeem,
  redirected,
  refresh,
  SIGNED_IN,
  signIn,
  submit,
  type Tokens,
} from './threats.fixture.ts';

const DEADLINE_MS = 1000;
/** What a machine that is busy with other things may add. */
const SLACK_MS = 20_000;

const get = (target: RawTarget, path: string, ...lines: readonly string[]) =>
  ask(target, [`GET ${path} HTTP/1.1`, HOST, ...lines]);

const untilReady = (program: Program): Promise<unknown> =>
  until(async () => (await get(program.at('admin'), '/readyz')).status === 200);

const BASIC = `Authorization: ${APP}`;

/** Everything that a store has to answer for; each is asked at the same time. */
const QUESTIONS: Readonly<
  Record<string, (target: RawTarget, tokens: Tokens, code: string) => Promise<RawAnswer>>
> = {
  'a redemption': (target, _, code) =>
    submit(
      target,
      '/token',
      { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
      BASIC,
    ),
  'a refresh': (target, { refresh_token }) => refresh(target, refresh_token),
  'an introspection': (target, { access_token }) =>
    submit(target, '/introspect', { token: access_token }, BASIC),
  'a revocation': (target, { refresh_token }) =>
    submit(target, '/revoke', { token: refresh_token }, BASIC),
  UserInfo: (target, { access_token }) =>
    get(target, '/userinfo', `Authorization: Bearer ${access_token}`),
};

describe('a store that stops answering (N5, N6, DI-7)', () => {
  let redis: RedisServer;
  let program: Program;
  beforeAll(async () => {
    redis = await startRedis();
    const terms = { url: redis.url, deadline: `${DEADLINE_MS}ms` };
    program = await startProgram({ config: { store: { driver: 'redis', redis: terms } } });
  });
  afterAll(async () => {
    redis.resume();
    await program.stop();
    await redis.stop();
  });

  it('is 503 in time for whoever needs it, a word to the client at /authorize, and nothing to others', async () => {
    const tokens = await signIn(program);
    const code = codeOf(await ask(program.public, honest())) ?? '';
    redis.pause();
    const begun = performance.now();
    const answers = await Promise.all(
      Object.values(QUESTIONS).map((question) => question(program.public, tokens, code)),
    );
    const authorized = await ask(program.public, honest());
    const took = performance.now() - begun;
    const unaffected = await Promise.all([
      get(program.public, '/.well-known/openid-configuration'),
      get(program.public, '/jwks.json'),
      get(program.at('admin'), '/livez'),
    ]);
    const readiness = await get(program.at('admin'), '/readyz');
    redis.resume();

    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(headers['content-type']).toMatch(/^application\/json\b/);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' });
    }
    expect(redirected(authorized)).toMatchObject({
      error: 'temporarily_unavailable',
      state: 'state-of-the-client',
      iss: 'https://sso.example',
    });
    expect(took).toBeLessThan(2 * DEADLINE_MS + SLACK_MS);
    expect(unaffected.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(readiness.status).toBe(503);
  });

  it('has lost nothing when it answers again, and nobody has to be told (N1, N4)', async () => {
    await untilReady(program);
    const tokens = await signIn(program);
    const code = codeOf(await ask(program.public, honest())) ?? '';
    redis.pause();
    const [redeemed, refreshed] = await Promise.all([
      QUESTIONS['a redemption']?.(program.public, tokens, code),
      refresh(program.public, tokens.refresh_token),
    ]);
    redis.resume();
    await untilReady(program);

    expect([redeemed?.status, refreshed.status]).toEqual([503, 503]);
    expect(await redeem(program.public, code)).toHaveProperty('access_token');
    expect((await refresh(program.public, tokens.refresh_token)).status).toBe(200);
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('keeps no queue: two hundred who ask meanwhile are all answered (N7)', async () => {
    await untilReady(program);
    const { refresh_token } = await signIn(program);
    redis.pause();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => refresh(program.public, refresh_token)),
    );
    redis.resume();
    await untilReady(program);

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });
});
