import path from 'node:path';
import * as client from 'openid-client';
import supertest, { type Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  beginSignIn,
  CALLBACK,
  CLIENT_ID,
  CLIENT_SECRET,
  CLIENTS,
  discover,
} from './relying-party.ts';
import {
  type Asteroid,
  cleanUp,
  startAsteroid,
  startRedis,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

const REDEMPTIONS = 100;

/** What the proxy says of alice. */
const ALICE = { 'X-Asteroid-Upstream-Secret': UPSTREAM_SECRET, 'X-Authenticated-User': 'alice' };

/** One replica, by the address that every replica answers to. */
const ask = ({ port, issuer }: Asteroid) =>
  supertest.agent(`http://127.0.0.1:${port}`).set('Host', new URL(issuer).host);

/** As the client: Basic credentials are form-encoded first (RFC 6749 §2.3.1). */
const post = (replica: Asteroid, path: string, form: Record<string, string>) =>
  ask(replica)
    .post(path)
    .auth(CLIENT_ID, encodeURIComponent(CLIENT_SECRET))
    .type('form')
    .send(form);

const redeem = (replica: Asteroid, code: string) =>
  post(replica, '/token', { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });

const refresh = (replica: Asteroid, token: string) =>
  post(replica, '/token', { grant_type: 'refresh_token', refresh_token: token });

const userinfo = (replica: Asteroid, token: string) =>
  ask(replica).get('/userinfo').auth(token, { type: 'bearer' });

/** A code for alice, without PKCE so that many requests can redeem it. */
async function codeFrom(replica: Asteroid): Promise<string> {
  const answer = await ask(replica).get('/authorize').set(ALICE).query({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: CALLBACK,
    scope: 'openid offline_access',
    state: 'a state',
    nonce: crypto.randomUUID(),
  });
  const code = new URL(answer.headers['location'] ?? 'about:blank').searchParams.get('code');
  if (code === null) throw new Error(`no code: ${answer.status} ${answer.text}`);
  return code;
}

describe('two issuers on one Redis', () => {
  let first: Asteroid;
  let second: Asteroid;

  beforeAll(async () => {
    const shared = {
      clients: CLIENTS,
      redisUrl: (await startRedis()).url,
      keysDir: path.join(temporaryFolder(), 'keys'),
    };
    first = await startAsteroid(shared);
    second = await startAsteroid({ ...shared, issuer: first.issuer });
  });
  afterAll(cleanUp);

  it('redeem each other’s codes and refresh tokens', async () => {
    const { body: tokens } = await redeem(second, await codeFrom(first)).expect(200);

    await refresh(first, tokens.refresh_token).expect(200);
    await userinfo(first, tokens.access_token).expect(200);
  });

  it('answer one of a hundred parallel redemptions, and end what it got', async () => {
    const code = await codeFrom(first);

    const answers: readonly Response[] = await Promise.all(
      Array.from({ length: REDEMPTIONS }, (_, n) => redeem(n % 2 === 0 ? first : second, code)),
    );

    const won = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ body }) => body.error === 'invalid_grant');
    expect([won.length, refused.length]).toEqual([1, REDEMPTIONS - 1]);
    const tokens = won[0]?.body;
    expect(tokens.refresh_token).toEqual(expect.any(String));
    for (const replica of [first, second]) {
      const again = await refresh(replica, tokens.refresh_token).expect(400);
      expect(again.body.error).toBe('invalid_grant');
      await userinfo(replica, tokens.access_token).expect(401);
      const look = await post(replica, '/introspect', { token: tokens.access_token });
      expect(look.body).toEqual({ active: false });
    }
  });
});

describe('an issuer that is killed and started again, with Redis and file keys', () => {
  afterAll(cleanUp);

  it('still knows the tokens from before', async () => {
    const options = {
      clients: CLIENTS,
      redisUrl: (await startRedis()).url,
      keysDir: path.join(temporaryFolder(), 'keys'),
    };
    const before = await startAsteroid(options);
    const { body: tokens } = await redeem(before, await codeFrom(before)).expect(200);
    await before.stop('SIGKILL');

    const after = await startAsteroid({ ...options, port: before.port });

    const config = await discover(after.issuer);
    await userinfo(after, tokens.access_token).expect(200);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    expect(refreshed.claims()?.sub).toBe('alice');
    // The ID Token from before is good as a hint, which has to be one of ours.
    const { url, finish } = await beginSignIn(config);
    url.searchParams.set('id_token_hint', tokens.id_token);
    const answer = await ask(after).get(`${url.pathname}${url.search}`).set(ALICE).expect(303);
    expect((await finish(answer.headers['location'] ?? '')).claims()?.sub).toBe('alice');
  });
});

describe('an issuer that is told to end', () => {
  afterAll(cleanUp);

  it('exits with 0 on SIGTERM', async () => {
    const asteroid = await startAsteroid({ clients: CLIENTS });
    await supertest(`http://127.0.0.1:${asteroid.admin}`).get('/readyz').expect(200);

    await asteroid.stop('SIGTERM');

    expect(asteroid.process.exitCode).toBe(0);
  });
});
