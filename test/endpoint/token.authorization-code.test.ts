import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, LIFETIMES } from '../support/issuer.ts';
import { CHALLENGE, PKCE, s256, VERIFIER } from '../support/pkce.ts';
import { identify } from '../support/requests.ts';

const refused = (reason: string) => ({ status: 400, json: { error: 'invalid_grant', reason } });

describe('token endpoint: authorization_code, the redirect URI (RFC 6749 §4.1.3; RU-6, X-5)', () => {
  it('has to be the one of the authorization request, and a wrong one burns nothing', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code();

    for (const redirect_uri of [
      'https://rp.example/callback/',
      'https://RP.example/callback',
      undefined,
    ]) {
      expect(await redeem(text, { redirect_uri })).toMatchObject(refused('redirect_uri_mismatch'));
    }
    expect((await redeem(text)).status).toBe(200);
  });

  it('may be left out when the authorization request left it out', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code({ redirect_uri: undefined });

    expect((await redeem(text, { redirect_uri: undefined })).status).toBe(200);
  });

  it('has to be the registered one when it is sent although it was left out before', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code({ redirect_uri: undefined });

    expect(await redeem(text, { redirect_uri: 'https://evil.example/' })).toMatchObject(
      refused('redirect_uri_mismatch'),
    );
    expect((await redeem(text)).status).toBe(200);
  });
});

describe('token endpoint: authorization_code, the verifier (RFC 7636 §4.6, RFC 9700 §2.1.1; AC-4, AC-5, AC-8)', () => {
  for (const [what, code_verifier] of [
    ['no verifier', undefined],
    ['an empty verifier', ''],
    ['another verifier', `${VERIFIER.slice(1)}A`],
    ['the challenge itself', CHALLENGE],
    ['42 characters', VERIFIER.slice(1)],
    ['129 characters', 'a'.repeat(129)],
    ['characters outside the grammar', `${VERIFIER}+`],
    ['a line break at the end', `${VERIFIER}\n`],
  ] as const) {
    for (const client_id of ['conf', 'spa']) {
      it(`refuses ${what} of ${client_id} with invalid_grant and burns nothing`, async () => {
        const { code, redeem } = createTestIssuer();
        const redirect_uri = client_id === 'spa' ? 'https://spa.example/callback' : undefined;
        const form = redirect_uri === undefined ? {} : { redirect_uri };
        const text = await code({ client_id, ...PKCE, ...form });

        const refusal = await redeem(text, { ...form, code_verifier }, client_id);
        const honest = await redeem(text, { ...form, code_verifier: VERIFIER }, client_id);

        expect(refusal).toMatchObject(refused('code_verifier_mismatch'));
        expect(honest.status).toBe(200);
      });
    }
  }

  it('refuses a verifier where no challenge was sent, and an empty one is none', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code({ code_challenge: '', code_challenge_method: '' });

    for (const code_verifier of [VERIFIER, 'short']) {
      expect(await redeem(text, { code_verifier })).toMatchObject(
        refused('code_verifier_mismatch'),
      );
    }
    expect((await redeem(text, { code_verifier: '' })).status).toBe(200);
  });

  it('refuses a stolen code that is injected with the verifier of the attacker', async () => {
    const { code, redeem } = createTestIssuer();
    const attacker = 'attacker-attacker-attacker-attacker-attacker';
    const stolen = await code(PKCE);
    const own = await code({ ...PKCE, code_challenge: s256(attacker) }, identify('bob'));

    expect(await redeem(stolen, { code_verifier: attacker })).toMatchObject(
      refused('code_verifier_mismatch'),
    );
    expect((await redeem(own, { code_verifier: attacker })).status).toBe(200);
  });
});

describe('token endpoint: authorization_code, bad codes (RFC 6749 §4.1.2; AC-6, AZ-17)', () => {
  it('expires after its life to the second', async () => {
    const { code, redeem, clock } = createTestIssuer();
    const [early, late] = [await code(), await code()];

    clock.advance(LIFETIMES.authorizationCode - 1);
    expect((await redeem(early)).status).toBe(200);
    clock.advance(1);
    expect(await redeem(late)).toMatchObject(refused('code_expired'));
    clock.advance(86_400);
    expect(await redeem(late)).toMatchObject(refused('code_unknown'));
  });

  it('honours the life that the client sets', async () => {
    const hasty = makeClient('hasty', { lifetimes: { authorizationCode: 60 } });
    const { code, redeem, clock } = createTestIssuer({ clients: [hasty] });
    const text = await code({ client_id: 'hasty' });

    clock.advance(60);

    expect(await redeem(text, {}, 'hasty')).toMatchObject(refused('code_expired'));
  });

  it('means nothing when it was never issued, cut, changed or extended', async () => {
    const { code, redeem } = createTestIssuer();
    const text = await code();
    const flipped = text.replace(/[a-z]/gi, (it) =>
      it === it.toUpperCase() ? it.toLowerCase() : it.toUpperCase(),
    );

    for (const bad of [
      `ac_${'A'.repeat(22)}.${'A'.repeat(43)}`,
      `${text.slice(0, 26)}${'A'.repeat(43)}`,
      text.slice(0, -1),
      flipped.replace(/^AC_/, 'ac_'),
      `${text}=`,
      `${text} `,
      `${text}\n`,
      ` ${text}`,
      'x'.repeat(1_000_000),
      '🚀',
    ]) {
      expect(await redeem(bad)).toMatchObject(refused('code_unknown'));
    }
    expect((await redeem(text)).status).toBe(200);
  });
});

describe('token endpoint: authorization_code, used twice (RFC 6749 §4.1.2, §10.5; AC-2)', () => {
  it('refuses the second use with invalid_grant and ends all that came of the first', async () => {
    const { code, redeem, refresh, userinfo, introspect, events, clock } = createTestIssuer();
    const text = await code();
    const { json } = await redeem(text);
    const [access, renewal] = [String(json['access_token']), String(json['refresh_token'])];
    clock.advance(30);

    expect(await redeem(text)).toMatchObject(refused('code_replayed'));

    expect((await userinfo(access)).status).toBe(401);
    expect((await introspect(access)).json).toEqual({ active: false });
    expect((await introspect(renewal)).json).toEqual({ active: false });
    expect((await refresh(renewal)).json['error']).toBe('invalid_grant');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'authorization.ended', reason: 'code_replayed' }),
    );
  });

  it('ends what was refreshed meanwhile, too', async () => {
    const { code, redeem, refresh, userinfo } = createTestIssuer();
    const text = await code();
    const { json } = await redeem(text);
    const renewed = (await refresh(String(json['refresh_token']))).json;

    await redeem(text);

    expect((await userinfo(String(renewed['access_token']))).status).toBe(401);
    expect((await refresh(String(renewed['refresh_token']))).json['error']).toBe('invalid_grant');
  });

  it('ends nothing when the replay comes with a wrong redirect URI, verifier or client', async () => {
    const { code, redeem, userinfo } = createTestIssuer();
    const text = await code();
    const { json } = await redeem(text);

    await redeem(text, { redirect_uri: 'https://evil.example/' });
    await redeem(text, { code_verifier: VERIFIER });
    await redeem(text, {}, 'conf2');

    expect((await userinfo(String(json['access_token']))).status).toBe(200);
  });

  it('does not touch another authorization of the same End-User and client', async () => {
    const { code, redeem, signIn, userinfo } = createTestIssuer();
    const other = await signIn();
    const text = await code();

    await redeem(text);
    await redeem(text);

    expect((await userinfo(other.access_token)).status).toBe(200);
  });
});
