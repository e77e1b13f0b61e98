import { describe, expect, it } from 'vitest';
import { clientSchema, toClient } from '../../internal/config/client.ts';
import { resolveProfile } from '../../internal/config/profiles/profile.ts';
import { secretOf, sha256Secret } from '../support/clients.ts';
import { createHolder } from '../support/dpop.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { basic, type Query } from '../support/requests.ts';

const REDIRECT_URI = 'https://rp.example/callback';

/** What the profile makes of a client; how it authenticates is no matter here. */
function makeBank() {
  const said = { client_id: 'bank', profile: 'fapi2', redirect_uris: [REDIRECT_URI] };
  const issuer = { profile: undefined, authorizationCode: 300 };
  const { client } = resolveProfile(clientSchema.parse(said), new Set(Object.keys(said)), issuer);
  return toClient(client, { secrets: [sha256Secret(secretOf('bank'))], keys: undefined });
}

async function createBank() {
  const test = createTestIssuer({ clients: [makeBank()] });
  const holder = await createHolder('ES256', test.clock);
  const caller = async (more: Readonly<Record<string, string>> = {}) => ({
    form: {},
    headers: { authorization: basic('bank'), ...more },
  });
  const prove = async () => caller({ dpop: await holder.prove() });
  const push = async (different: Query = {}) =>
    test.push({ client_id: 'bank', ...PKCE, ...different }, await caller());
  const signIn = async () => {
    const { json } = await push();
    const query = { client_id: 'bank', request_uri: String(json['request_uri']) };
    const { params } = await test.authorize(query);
    return params.get('code') ?? '';
  };
  const form = { redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
  return { test, caller, prove, push, signIn, form };
}

describe('a client with profile: fapi2 (FAPI 2.0 Security Profile §5.3.2; PF-1)', () => {
  it('gets tokens that are bound to its key, by a pushed request', async () => {
    const { test, prove, signIn, form } = await createBank();

    const { status, json } = await test.redeem(await signIn(), form, await prove());

    expect([status, json['token_type']]).toEqual([200, 'DPoP']);
  });

  it('is refused a request that it did not push', async () => {
    const { test } = await createBank();

    const { params } = await test.authorize({ client_id: 'bank', ...PKCE });

    expect(params.has('code')).toBe(false);
    expect(params.get('error')).toBe('invalid_request');
  });

  for (const [what, different] of [
    ['PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a redirect URI, though it has only one', { redirect_uri: undefined }],
  ] as const) {
    it(`is refused a request without ${what}`, async () => {
      const { push } = await createBank();

      expect(await push(different)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
      expect((await push()).status).toBe(201);
    });
  }

  it('is refused tokens without a proof, and the code is not spent', async () => {
    const { test, caller, prove, signIn, form } = await createBank();
    const code = await signIn();

    expect(await test.redeem(code, form, await caller())).toMatchObject({
      status: 400,
      json: { error: 'invalid_dpop_proof' },
    });
    expect((await test.redeem(code, form, await prove())).status).toBe(200);
  });

  it('has a minute for its code', async () => {
    const { test, prove, signIn, form } = await createBank();
    const [one, other] = [await signIn(), await signIn()];

    test.clock.advance(59);
    expect((await test.redeem(one, form, await prove())).status).toBe(200);
    test.clock.advance(1);
    expect(await test.redeem(other, form, await prove())).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
  });

  it('keeps its refresh token', async () => {
    const { test, prove, signIn, form } = await createBank();
    const first = (await test.redeem(await signIn(), form, await prove())).json;
    const refresh_token = String(first['refresh_token']);

    const second = await test.refresh(refresh_token, {}, await prove());
    test.clock.advance(120);
    const third = await test.refresh(refresh_token, {}, await prove());

    expect([second.status, third.status]).toEqual([200, 200]);
    expect(second.json['refresh_token']).toBe(refresh_token);
  });

  it('is answered with the issuer beside its code', async () => {
    const { test, push } = await createBank();
    const { json } = await push();

    const query = { client_id: 'bank', request_uri: String(json['request_uri']) };
    const { params } = await test.authorize(query);

    expect(params.get('iss')).toBe(ISSUER);
  });
});
