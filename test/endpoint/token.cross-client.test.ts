import { describe, expect, it } from 'vitest';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { basic, identify, NO_CREDENTIALS, withForm, withHeader } from '../support/requests.ts';

/** Everything that `conf` holds still works for `conf`. */
async function expectUnharmed(
  test: TestIssuer,
  tokens: { access_token: string; refresh_token: string },
) {
  expect((await test.userinfo(tokens.access_token)).json['sub']).toBe('alice');
  expect((await test.introspect(tokens.access_token)).json['active']).toBe(true);
  expect((await test.introspect(tokens.refresh_token)).json['active']).toBe(true);
  expect((await test.refresh(tokens.refresh_token)).status).toBe(200);
}

describe('another client, valid itself, with a code of conf (RFC 6749 §4.1.3; AC-1)', () => {
  it('gets invalid_grant even with the right redirect URI and verifier, and conf its tokens', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code(PKCE);
    const proof = { code_verifier: VERIFIER };

    expect(await redeem(text, proof, 'conf2')).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant', reason: 'client_mismatch' },
    });
    expect((await redeem(text, proof)).status).toBe(200);
  });

  it('gets invalid_grant alike for a wrong client, a wrong redirect URI and both', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code();
    const wrong = { redirect_uri: 'https://rp.example/other' };

    for (const [form, caller] of [
      [{}, 'conf2'],
      [wrong, 'conf'],
      [wrong, 'conf2'],
    ] as const) {
      expect((await redeem(text, form, caller)).json['error']).toBe('invalid_grant');
    }
    expect((await redeem(text)).status).toBe(200);
  });

  it('cannot claim to be conf beside its own credentials', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code();

    for (const [caller, error] of [
      [withHeader(basic('conf2'), { client_id: 'conf' }), 'invalid_request'],
      [withHeader(basic('conf'), { client_id: 'conf2' }), 'invalid_request'],
      [withForm({ client_id: 'conf' }), 'invalid_client'],
      [NO_CREDENTIALS, 'invalid_client'],
    ] as const) {
      expect((await redeem(text, {}, caller)).json['error']).toBe(error);
    }
    expect((await redeem(text)).status).toBe(200);
  });

  it('ends nothing when the code was spent before', async () => {
    const test = createTestIssuer();
    const text = await test.code();
    const { json } = await test.redeem(text);

    await test.redeem(text, {}, 'conf2');
    await test.redeem(text, {}, 'spa');

    await expectUnharmed(test, json as never);
  });

  it('gets invalid_grant as a public client with the code of another public client', async () => {
    const { code, redeem } = createTestIssuer();
    const redirect_uri = 'https://spa.example/callback';
    const text = await code({ client_id: 'spa', redirect_uri, ...PKCE });
    const form = { redirect_uri, code_verifier: VERIFIER };

    expect((await redeem(text, form, 'native')).json['error']).toBe('invalid_grant');
    expect((await redeem(text, form, 'spa')).status).toBe(200);
  });
});

describe('another client with a refresh token of conf (RFC 6749 §6; RT-1)', () => {
  it('gets invalid_grant, and the family is unharmed', async () => {
    const test = createTestIssuer();
    const tokens = await test.signIn();

    for (const caller of ['conf2', 'spa', 'post']) {
      expect(await test.refresh(tokens.refresh_token, {}, caller)).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant' },
      });
    }
    await expectUnharmed(test, tokens);
  });

  it('ends nothing with an older one: only its client can be replayed', async () => {
    const test = createTestIssuer();
    const tokens = await test.signIn();
    const { json } = await test.refresh(tokens.refresh_token);
    test.clock.advance(60);

    const answer = await test.refresh(tokens.refresh_token, {}, 'conf2');

    expect(answer.json).toMatchObject({ error: 'invalid_grant', reason: 'client_mismatch' });
    await expectUnharmed(test, json as never);
  });

  it('is refused without a client_id where the client is public (RFC 6749 §6)', async () => {
    const { code, redeem, refresh } = createTestIssuer();
    const form = { redirect_uri: 'https://spa.example/callback', code_verifier: VERIFIER };
    const text = await code({ client_id: 'spa', redirect_uri: form.redirect_uri, ...PKCE });
    const refreshToken = String((await redeem(text, form, 'spa')).json['refresh_token']);

    expect((await refresh(refreshToken, {}, NO_CREDENTIALS)).json['error']).toBe('invalid_client');
    expect((await refresh(refreshToken, {}, 'spa')).status).toBe(200);
  });
});

describe('another client asking about tokens of conf (RFC 7662 §4; IN-2)', () => {
  it('hears active:false and nothing more, of access and refresh tokens', async () => {
    const test = createTestIssuer();
    const tokens = await test.signIn();

    for (const caller of ['conf2', 'post', 'rs1', 'svc']) {
      expect((await test.introspect(tokens.access_token, caller)).json).toEqual({ active: false });
      expect((await test.introspect(tokens.refresh_token, caller)).json).toEqual({ active: false });
    }
    await expectUnharmed(test, tokens);
  });
});

describe('another client revoking tokens of conf (RFC 7009 §2.1; RV-2, X-6)', () => {
  it('is answered like for an unknown token, and the tokens stay alive', async () => {
    const test = createTestIssuer();
    const tokens = await test.signIn();

    for (const caller of ['conf2', 'post', 'spa']) {
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        const foreign = await test.revoke(token, caller);
        const unknown = await test.revoke('unknown', caller);
        expect(foreign.response).toEqual(unknown.response);
        expect(foreign.response).toEqual({ kind: 'empty', status: 200 });
      }
    }
    expect(test.events.filter(({ type }) => type === 'authorization.ended')).toEqual([]);
    await expectUnharmed(test, tokens);
  });
});

describe('another End-User', () => {
  it('gets a code of their own with the very same request', async () => {
    const { code, redeem, userinfo } = createTestIssuer();
    const [alices, bobs] = [await code(), await code({}, identify('bob'))];

    const [alice, bob] = [await redeem(alices), await redeem(bobs)];

    expect((await userinfo(String(alice.json['access_token']))).json['sub']).toBe('alice');
    expect((await userinfo(String(bob.json['access_token']))).json['sub']).toBe('bob');
  });
});
