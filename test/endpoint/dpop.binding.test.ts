import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createHolder, type Holder } from '../support/dpop.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { type Answer, basic, type Credentials, type Query } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const SPA: Query = {
  client_id: 'spa',
  redirect_uri: 'https://spa.example/callback',
  ...PKCE,
};

/** A confidential client, and its key if it proves one. */
const conf = async (holder?: Holder): Promise<Credentials> => ({
  form: {},
  headers: {
    authorization: basic('conf'),
    ...(holder === undefined ? {} : { dpop: await holder.prove() }),
  },
});

const spa = async (holder?: Holder): Promise<Credentials> => ({
  form: { client_id: 'spa' },
  headers: holder === undefined ? {} : { dpop: await holder.prove() },
});

const redeemSpa = async (test: TestIssuer, code: string, holder?: Holder): Promise<Answer> =>
  test.redeem(
    code,
    { redirect_uri: 'https://spa.example/callback', code_verifier: VERIFIER },
    await spa(holder),
  );

const refreshTokenOf = ({ json }: Answer): string => String(json['refresh_token']);

describe('token response (RFC 9449 §5; DP-2)', () => {
  it('is of type DPoP, and its access token names the key', async () => {
    const { code, redeem } = createTestIssuer();
    const holder = await createHolder();

    const { json } = await redeem(await code(), {}, await conf(holder));

    expect(json['token_type']).toBe('DPoP');
    expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('cnf');
  });

  it('is of type Bearer and names no key without a proof', async () => {
    const { code, redeem } = createTestIssuer();

    const { json } = await redeem(await code(), {}, await conf());

    expect(json['token_type']).toBe('Bearer');
    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('cnf');
  });

  it('is refused to a client of dpop_bound_access_tokens that proves no key, and spends nothing', async () => {
    const { clients, code, redeem } = createTestIssuer();
    clients.set('conf', makeClient('conf', { dpopBoundAccessTokens: true }));
    const text = await code();

    expect(await redeem(text, {}, await conf())).toMatchObject({
      status: 400,
      json: { error: 'invalid_dpop_proof', reason: 'dpop_proof_missing' },
    });
    const { json } = await redeem(text, {}, await conf(await createHolder()));
    expect(json['token_type']).toBe('DPoP');
  });
});

describe('dpop_jkt in the authorization request (RFC 9449 §10; DP-2)', () => {
  it('lets the holder of that key redeem the code, and nobody else', async () => {
    const { code, redeem } = createTestIssuer();
    const [holder, thief] = [await createHolder(), await createHolder()];
    const text = await code({ dpop_jkt: holder.jkt });

    for (const caller of [await conf(thief), await conf()]) {
      expect(await redeem(text, {}, caller)).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant', reason: 'jkt_mismatch' },
      });
    }
    expect((await redeem(text, {}, await conf(holder))).json['token_type']).toBe('DPoP');
  });

  it('does so for public clients, where a thief may have the verifier', async () => {
    const test = createTestIssuer();
    const [holder, thief] = [await createHolder(), await createHolder()];
    const text = await test.code({ ...SPA, dpop_jkt: holder.jkt });

    expect((await redeemSpa(test, text, thief)).json['reason']).toBe('jkt_mismatch');
    expect((await redeemSpa(test, text)).json['reason']).toBe('jkt_mismatch');
    expect((await redeemSpa(test, text, holder)).status).toBe(200);
  });

  it('is not needed: a code without it takes the key that comes', async () => {
    const { code, redeem } = createTestIssuer();

    expect((await redeem(await code(), {}, await conf(await createHolder()))).status).toBe(200);
  });

  for (const [what, dpop_jkt] of [
    ['a short one', 'A'.repeat(42)],
    ['a long one', 'A'.repeat(44)],
    ['padding', `${'A'.repeat(42)}=`],
    ['base64 that is not base64url', `${'A'.repeat(42)}+`],
    ['a line break behind it', `${'A'.repeat(43)}\n`],
  ] as const) {
    it(`is refused with invalid_request when it is ${what}`, async () => {
      const { authorize } = createTestIssuer();

      const { params } = await authorize({ dpop_jkt });

      expect(params.get('error')).toBe('invalid_request');
      expect(params.get('code')).toBeNull();
    });
  }

  it('is refused when it is sent twice', async () => {
    const { authorize } = createTestIssuer();
    const { jkt } = await createHolder();

    expect((await authorize({ dpop_jkt: [jkt, jkt] })).params.get('error')).toBe('invalid_request');
    expect((await authorize({ dpop_jkt: jkt })).params.get('code')).not.toBeNull();
  });

  it('outlives the page that asks for consent', async () => {
    const test = createTestIssuer({ clients: [makeClient('asks', { consent: 'always' })] });
    const [holder, thief] = [await createHolder(), await createHolder()];
    const { page } = await test.authorize({ client_id: 'asks', dpop_jkt: holder.jkt });
    if (page?.kind !== 'consent') throw new Error('no page');
    const { params } = await test.consent({ handle: page.handle, decision: 'allow' });
    const text = String(params.get('code'));
    const asks = async (by: Holder) => ({
      form: {},
      headers: { authorization: basic('asks'), dpop: await by.prove() },
    });

    expect((await test.redeem(text, {}, await asks(thief))).json['reason']).toBe('jkt_mismatch');
    expect((await test.redeem(text, {}, await asks(holder))).status).toBe(200);
  });
});

describe('refresh tokens of public clients (RFC 9449 §5; RT-10, DP-2)', () => {
  it('are of use with the key of their redemption, and with no other or none', async () => {
    const test = createTestIssuer();
    const [holder, thief] = [await createHolder(), await createHolder()];
    const token = refreshTokenOf(await redeemSpa(test, await test.code(SPA), holder));

    for (const caller of [await spa(thief), await spa()]) {
      expect(await test.refresh(token, {}, caller)).toMatchObject({
        status: 400,
        json: { error: 'invalid_grant', reason: 'binding_mismatch' },
      });
    }
    const renewed = await test.refresh(token, {}, await spa(holder));
    expect(renewed.json['token_type']).toBe('DPoP');
    const again = await test.refresh(refreshTokenOf(renewed), {}, await spa(holder));
    expect(claimsOf(String(again.json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
  });

  it('end nothing when a thief presents an old one, who could end any sign-in otherwise', async () => {
    const test = createTestIssuer();
    const [holder, thief] = [await createHolder(), await createHolder()];
    const first = refreshTokenOf(await redeemSpa(test, await test.code(SPA), holder));
    const second = refreshTokenOf(await test.refresh(first, {}, await spa(holder)));
    const third = refreshTokenOf(await test.refresh(second, {}, await spa(holder)));
    test.clock.advance(20);
    // Its own proofs, by its own clock.
    const late = async (key: Holder) => ({
      form: { client_id: 'spa' },
      headers: { dpop: await key.prove({ claims: { iat: test.clock() } }) },
    });

    expect((await test.refresh(first, {}, await late(thief))).json['reason']).toBe(
      'binding_mismatch',
    );
    expect((await test.refresh(third, {}, await late(holder))).status).toBe(200);
  });

  it('are bound to nothing when they were issued without a proof', async () => {
    const test = createTestIssuer();
    const token = refreshTokenOf(await redeemSpa(test, await test.code(SPA)));

    const renewed = await test.refresh(token, {}, await spa(await createHolder()));

    expect(renewed.json['token_type']).toBe('DPoP');
    expect((await test.refresh(refreshTokenOf(renewed), {}, await spa())).status).toBe(200);
  });
});

describe('refresh tokens of clients that authenticate (RFC 9449 §5, fapi2-refresh-token; DP-2)', () => {
  it('take a new key, to which the new access token is bound', async () => {
    const test = createTestIssuer();
    const [old, fresh] = [await createHolder(), await createHolder()];
    const token = refreshTokenOf(await test.redeem(await test.code(), {}, await conf(old)));

    const renewed = await test.refresh(token, {}, await conf(fresh));

    expect(claimsOf(String(renewed.json['access_token']))['cnf']).toEqual({ jkt: fresh.jkt });
  });

  it('need a proof where the client always does', async () => {
    const test = createTestIssuer();
    test.clients.set('conf', makeClient('conf', { dpopBoundAccessTokens: true }));
    const holder = await createHolder();
    const token = refreshTokenOf(await test.redeem(await test.code(), {}, await conf(holder)));

    expect((await test.refresh(token, {}, await conf())).json['error']).toBe('invalid_dpop_proof');
    expect((await test.refresh(token, {}, await conf(holder))).status).toBe(200);
  });
});
