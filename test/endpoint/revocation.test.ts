import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createTestIssuer, LIFETIMES } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { unevenPause } from '../support/weather.ts';

const DONE = { kind: 'empty', status: 200 };

describe('revocation: requests (RFC 7009 §2.1, §2.2; RV-1)', () => {
  it('answers unknown, malformed and spent tokens with 200 and no effect', async () => {
    const { revoke, code } = createTestIssuer();

    for (const token of [
      'unknown',
      'a.b.c',
      `rt_${'A'.repeat(22)}.x`,
      await code(),
      '🚀',
      '.'.repeat(1_000_000),
    ]) {
      expect((await revoke(token)).response).toEqual(DONE);
    }
  });

  it('refuses a missing and a repeated token with invalid_request', async () => {
    const { revoke } = createTestIssuer();

    for (const form of [{}, { token: '' }, { token: ['a', 'a'] }]) {
      expect(await revoke(undefined, 'conf', form)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });

  it('refuses an ID Token, which cannot be taken back, with unsupported_token_type', async () => {
    const { revoke, signIn } = createTestIssuer();
    const { id_token } = await signIn();

    expect(await revoke(id_token)).toMatchObject({
      status: 400,
      json: { error: 'unsupported_token_type' },
    });
  });

  it('finds the token whatever the hint says', async () => {
    const { revoke, signIn, userinfo } = createTestIssuer();

    for (const token_type_hint of ['access_token', 'refresh_token', 'nonsense']) {
      for (const name of ['access_token', 'refresh_token'] as const) {
        const tokens = await signIn();
        expect((await revoke(tokens[name], 'conf', { token_type_hint })).response).toEqual(DONE);
        expect((await userinfo(tokens.access_token)).status).toBe(401);
      }
    }
  });

  it('lets a public client revoke by its client_id', async () => {
    const { code, redeem, revoke, userinfo } = createTestIssuer();
    const redirect_uri = 'https://spa.example/callback';
    const text = await code({ client_id: 'spa', redirect_uri, ...PKCE });
    const { json } = await redeem(text, { redirect_uri, code_verifier: VERIFIER }, 'spa');

    await revoke(String(json['refresh_token']), 'spa');

    expect((await userinfo(String(json['access_token']))).status).toBe(401);
  });
});

describe('revocation: how far it reaches (RFC 7009 §2.1; RV-3)', () => {
  for (const name of ['access_token', 'refresh_token'] as const) {
    it(`ends the whole authorization with its ${name}, at once`, async () => {
      const { signIn, refresh, revoke, userinfo, introspect, events } = createTestIssuer();
      const first = await signIn();
      const second = (await refresh(first.refresh_token)).json as typeof first;

      expect((await revoke(second[name])).response).toEqual(DONE);

      for (const { access_token, refresh_token } of [first, second]) {
        expect((await userinfo(access_token)).status).toBe(401);
        expect((await introspect(access_token)).json).toEqual({ active: false });
        expect((await introspect(refresh_token)).json).toEqual({ active: false });
        expect((await refresh(refresh_token)).json['error']).toBe('invalid_grant');
      }
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'authorization.ended',
          reason: 'revoked',
          clientId: 'conf',
        }),
      );
    });
  }

  it('ends it with an older refresh token of the family, too: a client may have lost the newest', async () => {
    const { signIn, refresh, revoke, userinfo } = createTestIssuer();
    const first = await signIn();
    const { json } = await refresh(first.refresh_token);

    await revoke(first.refresh_token);

    expect((await userinfo(String(json['access_token']))).status).toBe(401);
  });

  it('ends nothing else of the same End-User and client', async () => {
    const { signIn, revoke, userinfo, refresh } = createTestIssuer();
    const [one, other] = [await signIn(), await signIn()];

    await revoke(one.refresh_token);

    expect((await userinfo(other.access_token)).status).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  it('ends nothing by a made-up refresh token that merely knows the id', async () => {
    const { signIn, revoke, userinfo } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();
    const [id = '', family = '', secret = ''] = refresh_token.replace('rt_', '').split('.');

    await revoke(`rt_${id}.${'A'.repeat(22)}.${secret}`);
    expect((await userinfo(access_token)).status).toBe(200);
    await revoke(`rt_${id}.${family}.${secret}`);
    expect((await userinfo(access_token)).status).toBe(401);
  });

  it('can be asked for again, and makes a replayed code no better', async () => {
    const { code, redeem, revoke } = createTestIssuer();
    const text = await code();
    const { json } = await redeem(text);

    for (const _ of [1, 2]) {
      expect((await revoke(String(json['refresh_token']))).response).toEqual(DONE);
    }
    expect((await redeem(text)).json['error']).toBe('invalid_grant');
  });

  it('remembers the token of a client that acts for itself until it would have expired', async () => {
    const { token, revoke, introspect, clock, weather } = createTestIssuer();
    const { json } = await token({ grant_type: 'client_credentials' }, 'svc');
    const text = String(json['access_token']);

    await revoke(text, 'svc');
    expect(weather.told.at(-1)).toEqual(['revoked', expect.any(String), LIFETIMES.accessToken]);

    clock.advance(LIFETIMES.accessToken - 1);
    expect((await introspect(text, 'svc')).json).toEqual({ active: false });
  });
});

describe('revocation: outages and races (RV-4, RV-5)', () => {
  it('throws Unavailable while the store is down, and never claims to have revoked', async () => {
    const { signIn, revoke, userinfo, weather, events } = createTestIssuer();
    const { access_token, refresh_token } = await signIn();
    events.length = 0;

    for (const verb of ['find', 'revoke'] as const) {
      weather.down.add(verb);
      await expect(revoke(refresh_token)).rejects.toThrow(Unavailable);
      weather.down.clear();
    }
    weather.down.add('revoke');
    await expect(revoke(access_token)).rejects.toThrow(Unavailable);
    weather.down.clear();

    expect(events).toEqual([]);
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('wins against any number of refreshes at the same time: no refresh token survives', async () => {
    const test = createTestIssuer();
    const { signIn, refresh, revoke } = test;
    const { refresh_token } = await signIn();
    test.weather.pause = unevenPause(1);

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => [refresh(refresh_token), revoke(refresh_token)]).flat(),
    );

    test.weather.pause = async () => undefined;
    const survivors = answers.flatMap(({ json }) => json['refresh_token'] ?? []);
    for (const survivor of [refresh_token, ...survivors.map(String)]) {
      expect((await refresh(survivor)).json['error']).toBe('invalid_grant');
    }
  });
});
