import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTestClock } from '../../internal/testissuer/clock.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  authorizeUrl,
  CALLBACK,
  CLIENTS,
  complaint,
  configure,
  get,
  post,
  signIn,
  start,
  visit,
} from './testissuer.fixture.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

describe('clock.advance', () => {
  it.each([
    ['90s', 90],
    ['2h', 2 * HOUR],
    ['1d', 24 * HOUR],
    [5, 5],
    [0, 0],
  ])('takes %s', (by, seconds) => {
    const clock = createTestClock(() => 1000);
    clock.advance(by);
    clock.advance('1s');

    expect(clock.now()).toBe(1000 + seconds + 1);
  });

  it.each(['2 hours', '2', '', '-2h', '1500ms', 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'says what to write in place of %s, and stands still',
    async (by) => {
      const clock = createTestClock(() => 1000);

      expect(await complaint(() => clock.advance(by))).toBe(
        "Misuse: clock.advance: has to be a length of time, as in '2h' or '90s', or a number of whole seconds",
      );
      expect(clock.now()).toBe(1000);
    },
  );

  it('never goes back', async () => {
    const clock = createTestClock(() => 1000);
    clock.advance(10);

    expect(await complaint(() => clock.advance(-1))).toMatch(
      'Misuse: clock.advance: no clock goes',
    );
    expect(clock.now()).toBe(1010);
  });

  it('is a way ahead of the time of the system, which goes on', () => {
    let system = 1000;
    const clock = createTestClock(() => system);
    clock.advance('1h');
    system += 7;

    expect(clock.now()).toBe(1000 + HOUR + 7);
  });
});

describe('a client in the same process', () => {
  it('may be told another time, which the issuer does not follow', async () => {
    const issuer = await start();
    issuer.clock.advance('2h');
    const { id_token = '' } = await issuer.issue({ as: 'alice', client: 'web', expiresIn: '1h' });
    const { json } = await get(`${issuer.url}/jwks.json`);
    const verify = () => jwtVerify(id_token, createLocalJWKSet(json), { maxTokenAge: '5m' });
    const early = await complaint(verify);
    vi.useFakeTimers({ toFake: ['Date'], now: issuer.clock.now() * 1000 });
    onTestFinished(() => void vi.useRealTimers());

    expect(early).toContain('iat');
    expect((await verify()).payload.sub).toBe('alice');
    expect(Math.abs(issuer.clock.now() * 1000 - Date.now())).toBeLessThan(60_000);
  });
});

describe('everything of the issuer follows its clock', () => {
  it('access tokens expire, and what is refreshed is of the later time', async () => {
    const issuer = await start();
    const { access_token, refresh_token } = await issuer.issue({ as: 'alice', client: 'web' });
    const userinfo = (token: string) => get(`${issuer.url}/userinfo`, token);
    const before = await userinfo(access_token);
    issuer.clock.advance(HOUR - MINUTE);
    const late = await userinfo(access_token);
    issuer.clock.advance('1m');
    const after = await userinfo(access_token);
    const form = { grant_type: 'refresh_token', refresh_token: refresh_token ?? '' };
    const { json } = await post(`${issuer.url}/token`, form);

    expect([before.status, late.status, after.status]).toEqual([200, 200, 401]);
    expect((await userinfo(json.access_token)).status).toBe(200);
    expect(Number(claimsOf(json.access_token)['iat'])).toBeGreaterThanOrEqual(
      Number(claimsOf(access_token)['exp']),
    );
  });

  it('codes expire', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const redeem = async (wait: string) => {
      const code = (await visit(authorizeUrl(issuer))).searchParams.get('code') ?? '';
      issuer.clock.advance(wait);
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
      return post(`${issuer.url}/token`, form);
    };

    expect((await redeem('4m')).status).toBe(200);
    expect((await redeem('5m')).json.error).toBe('invalid_grant');
  });

  it('refresh tokens end, with the working day or with the patience of offline_access', async () => {
    const issuer = await start();
    const refresh = async (scope: string, wait: string) => {
      const { refresh_token = '' } = await issuer.issue({ as: 'alice', client: 'web', scope });
      issuer.clock.advance(wait);
      return post(`${issuer.url}/token`, { grant_type: 'refresh_token', refresh_token });
    };

    expect((await refresh('openid', '7h')).status).toBe(200);
    expect((await refresh('openid', '9h')).json.error).toBe('invalid_grant');
    expect((await refresh('openid offline_access', '29d')).status).toBe(200);
    expect((await refresh('openid offline_access', '31d')).json.error).toBe('invalid_grant');
  });

  it('an End-User has signed in some time ago, and max_age notices', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const ask = async () =>
      (await visit(authorizeUrl(issuer, { max_age: '600', prompt: 'none' }))).searchParams;
    issuer.clock.advance('9m');
    const soon = await ask();
    issuer.clock.advance('2m');
    const late = await ask();
    issuer.signIn('alice');

    expect(soon.has('code')).toBe(true);
    expect(late.get('error')).toBe('login_required');
    expect((await ask()).has('code')).toBe(true);
  });

  it('keys that were rotated leave the JWKS when nothing of theirs can be alive', async () => {
    const issuer = await start();
    const keys = async () => (await get(`${issuer.url}/jwks.json`)).json.keys.length;
    await issuer.keys.rotate();
    const both = await keys();
    issuer.clock.advance('59m');
    const still = await keys();
    issuer.clock.advance('2m');

    expect([both, still, await keys()]).toEqual([2, 2, 1]);
  });

  it('a nonce may be used again when its code has long expired, and no sooner', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const ask = async () =>
      (await visit(authorizeUrl(issuer, { nonce: 'n-1' }))).searchParams.get('error');
    const first = await ask();
    const again = await ask();
    issuer.clock.advance('1h');

    expect([first, again, await ask()]).toEqual([null, 'invalid_request', null]);
  });

  it('a client that knows the later time accepts what is signed', async () => {
    const issuer = await start({ clients: CLIENTS });
    issuer.signIn('alice');
    issuer.clock.advance('10s');
    const tokens = await signIn(await configure(issuer));

    expect(tokens.claims()?.iat).toBeGreaterThanOrEqual(issuer.clock.now() - 5);
  });
});
