import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, LIFETIMES, type TestIssuer } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';

const refused = (reason: string) => ({ status: 400, json: { error: 'invalid_grant', reason } });

const strict = { policy: { lifetimes: { ...LIFETIMES, refreshTokenGrace: 0 } } };

/** Every refresh token of a family, the oldest first, and every access token beside it. */
async function rotate({ signIn, refresh }: TestIssuer, generations: number) {
  const first = await signIn();
  const family = [first];
  for (let i = 1; i < generations; i += 1) {
    const { json } = await refresh(family.at(-1)?.refresh_token ?? '');
    family.push(json as typeof first);
  }
  return family;
}

async function expectDead(test: TestIssuer, family: Awaited<ReturnType<typeof rotate>>) {
  for (const { access_token, refresh_token } of family) {
    expect((await test.userinfo(access_token)).status).toBe(401);
    expect((await test.introspect(access_token)).json).toEqual({ active: false });
    expect((await test.introspect(refresh_token)).json).toEqual({ active: false });
    expect((await test.refresh(refresh_token)).json['error']).toBe('invalid_grant');
  }
}

describe('refresh token rotation: reuse (RFC 9700 §4.14.2; RT-2)', () => {
  for (const reused of [0, 1, 2, 3]) {
    it(`ends all generations when generation ${reused + 1} of 5 is used again`, async () => {
      const test = createTestIssuer();
      const family = await rotate(test, 5);
      test.clock.advance(LIFETIMES.refreshTokenGrace + 1);

      expect(await test.refresh(family[reused]?.refresh_token ?? '')).toMatchObject(
        refused('refresh_token_replayed'),
      );

      await expectDead(test, family);
      expect(test.events).toContainEqual(
        expect.objectContaining({
          type: 'authorization.ended',
          reason: 'refresh_token_replayed',
          clientId: 'conf',
        }),
      );
    });
  }

  it('leaves other families of the same End-User and client alone', async () => {
    const test = createTestIssuer(strict);
    const [family, other] = [await rotate(test, 2), await test.signIn()];

    await test.refresh(family[0]?.refresh_token ?? '');

    expect((await test.refresh(other.refresh_token)).status).toBe(200);
  });

  it('ends nothing for a token of the right id and a wrong family or secret of nobody', async () => {
    const test = createTestIssuer(strict);
    const { refresh_token } = await test.signIn();
    const [id = '', family = '', secret = ''] = refresh_token.replace('rt_', '').split('.');

    for (const made of [
      `rt_${id}.${'A'.repeat(22)}.${secret}`,
      `rt_${'A'.repeat(22)}.${family}.${secret}`,
    ]) {
      expect(await test.refresh(made)).toMatchObject(refused('refresh_token_unknown'));
    }
    expect((await test.refresh(refresh_token)).status).toBe(200);
  });

  it('knows the replay of a family that a replay has ended', async () => {
    const test = createTestIssuer(strict);
    const family = await rotate(test, 3);

    for (const { refresh_token } of [family[0], family[1], family[2]].filter(
      (it) => it !== undefined,
    )) {
      expect(await test.refresh(refresh_token)).toMatchObject(refused('refresh_token_replayed'));
    }
  });
});

describe('refresh token rotation: grace for a lost answer (RT-3)', () => {
  it('gives the same successor again within the grace, with a new access token', async () => {
    const test = createTestIssuer();
    const { refresh_token } = await test.signIn();

    const first = (await test.refresh(refresh_token)).json;
    test.clock.advance(LIFETIMES.refreshTokenGrace);
    const again = (await test.refresh(refresh_token)).json;

    expect(again['refresh_token']).toBe(first['refresh_token']);
    expect(again['access_token']).not.toBe(first['access_token']);
    for (const { access_token } of [first, again]) {
      expect((await test.userinfo(String(access_token))).status).toBe(200);
    }
    expect((await test.refresh(String(first['refresh_token']))).status).toBe(200);
  });

  it('is over a second later: then it is a replay', async () => {
    const test = createTestIssuer();
    const { refresh_token } = await test.signIn();
    await test.refresh(refresh_token);

    test.clock.advance(LIFETIMES.refreshTokenGrace + 1);

    expect(await test.refresh(refresh_token)).toMatchObject(refused('refresh_token_replayed'));
  });

  it('is over once the successor was used', async () => {
    const test = createTestIssuer();
    const family = await rotate(test, 3);

    expect(await test.refresh(family[0]?.refresh_token ?? '')).toMatchObject(
      refused('refresh_token_replayed'),
    );
    await expectDead(test, family);
  });

  it('does not exist where it is switched off', async () => {
    const test = createTestIssuer(strict);
    const { refresh_token } = await test.signIn();
    await test.refresh(refresh_token);

    expect(await test.refresh(refresh_token)).toMatchObject(refused('refresh_token_replayed'));
  });

  it('does not revive a refresh token that has expired', async () => {
    const brief = makeClient('brief', { lifetimes: { sessionRefreshToken: 5 } });
    const test = createTestIssuer({ clients: [brief] });
    const { refresh_token } = await test.signIn({ client_id: 'brief', scope: 'openid' });
    test.clock.advance(4);
    await test.refresh(refresh_token, {}, 'brief');

    test.clock.advance(1);

    expect((await test.refresh(refresh_token, {}, 'brief')).json['error']).toBe('invalid_grant');
  });
});

describe('refresh token rotation: a hundred at once (RT-4)', () => {
  it('lets exactly one win without grace; every other is a replay that ends the authorization', async () => {
    const test = createTestIssuer(strict);
    const { refresh_token } = await test.signIn();

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => test.refresh(refresh_token)),
    );

    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ json }) => json['reason'] === 'refresh_token_replayed')).toHaveLength(
      99,
    );
    expect((await test.userinfo(String(won[0]?.json['access_token']))).status).toBe(401);
    expect((await test.refresh(String(won[0]?.json['refresh_token']))).status).toBe(400);
  });

  it('lets all succeed within the grace, and makes one lineage of them', async () => {
    const test = createTestIssuer();
    const { refresh_token } = await test.signIn();

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => test.refresh(refresh_token)),
    );

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const successors = new Set(answers.map(({ json }) => json['refresh_token']));
    expect(successors.size).toBe(1);
    expect((await test.refresh(String([...successors][0]))).status).toBe(200);
  });
});

describe('refresh token rotation: switched off', () => {
  const steady = makeClient('steady', { refreshTokenRotation: 'never' });

  it('keeps the token of a client that authenticates, and extends its life', async () => {
    const test = createTestIssuer({ clients: [steady] });
    const query = { client_id: 'steady', scope: 'openid offline_access' };
    const { refresh_token } = await test.signIn(query);

    for (const _ of [1, 2, 3]) {
      test.clock.advance(29 * 86_400);
      const { json } = await test.refresh(refresh_token, {}, 'steady');
      expect(json['refresh_token']).toBe(refresh_token);
    }
    test.clock.advance(4 * 86_400);
    expect((await test.refresh(refresh_token, {}, 'steady')).json['error']).toBe('invalid_grant');
  });

  it('is never off for a public client', async () => {
    const open = makeClient('open', {
      refreshTokenRotation: 'never',
      tokenEndpointAuthMethod: 'none',
    });
    const test = createTestIssuer({ clients: [open] });
    const text = await test.code({ client_id: 'open', ...PKCE });
    const form = { code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' };
    const { json } = await test.redeem(text, form, 'open');

    const renewed = await test.refresh(String(json['refresh_token']), {}, 'open');

    expect(renewed.status).toBe(200);
    expect(renewed.json['refresh_token']).not.toBe(json['refresh_token']);
  });
});
