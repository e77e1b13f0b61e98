import { describe, expect, it } from 'vitest';
import { athOf, createHolder, TOKEN_URL, USERINFO_URL } from '../support/dpop.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { BAD, claims, GOOD, SPELLINGS } from '../support/proofs.ts';
import { basic } from '../support/requests.ts';

/** A token that is bound to the key, and who holds it. */
async function bound(different: { readonly alg?: string } = {}) {
  const test = createTestIssuer();
  const holder = await createHolder(different.alg);
  const { json } = await test.redeem(
    await test.code(),
    {},
    { form: {}, headers: { authorization: basic('conf'), dpop: await holder.prove() } },
  );
  const token = String(json['access_token']);
  const ask = (dpop: string | undefined, scheme = 'DPoP') =>
    test.userinfo(undefined, {
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) },
    });
  return { test, holder, token, ask };
}

const BAD_THERE: typeof BAD = [
  ...BAD.filter(([what]) => !what.includes('htm')),
  ['no htm', claims({ htm: undefined }), 'dpop_proof_malformed'],
  ['htm in small letters', claims({ htm: 'get' }), 'dpop_proof_method'],
  ['the htm of a POST', claims({ htm: 'POST' }), 'dpop_proof_method'],
  ['no ath', claims({ ath: undefined }), 'dpop_proof_token'],
  ['an empty ath', claims({ ath: '' }), 'dpop_proof_token'],
  ['the ath of another token', claims({ ath: athOf('other') }), 'dpop_proof_token'],
  ['the URL of the token endpoint', claims({ htu: TOKEN_URL }), 'dpop_proof_uri'],
];

describe('proofs at UserInfo (RFC 9449 §7; DP-1, UI-4, fapi2-dpop-negative-tests)', () => {
  for (const [what, make] of BAD_THERE) {
    it(`refuses ${what}`, async () => {
      const { holder, token, ask } = await bound();

      const answer = await ask(await make((parts) => holder.proveAt(token, parts), holder));

      expect({ status: answer.status, ...answer.json }).toMatchObject({
        status: 401,
        error: 'invalid_dpop_proof',
      });
      expect(answer.headers['WWW-Authenticate']).toMatch(
        /^DPoP realm="[^"]+", error="invalid_dpop_proof", error_description="[^"\\]+", algs="[^"]+"$/,
      );
      expect((await ask(await holder.proveAt(token))).json['sub']).toBe('alice');
    });
  }

  for (const [what, make] of GOOD.filter(([name]) => name !== 'unknown claims')) {
    it(`accepts ${what}`, async () => {
      const { holder, token, ask } = await bound();
      const dpop = await make((parts) => holder.proveAt(token, parts), holder);

      expect((await ask(dpop)).json['sub']).toBe('alice');
    });
  }

  for (const [what, spell] of SPELLINGS) {
    it(`accepts the URL ${what}`, async () => {
      const { holder, token, ask } = await bound();
      const dpop = await holder.proveAt(token, { claims: { htu: spell(USERINFO_URL) } });

      expect((await ask(dpop)).status).toBe(200);
    });
  }

  for (const alg of ['PS256', 'EdDSA']) {
    it(`accepts a key for ${alg}`, async () => {
      const { holder, token, ask } = await bound({ alg });

      expect((await ask(await holder.proveAt(token))).status).toBe(200);
    });
  }

  it('accepts the scheme in any letters, in a GET and a POST', async () => {
    const { test, holder, token, ask } = await bound();

    for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPOp']) {
      expect((await ask(await holder.proveAt(token), scheme)).status).toBe(200);
    }
    const dpop = await holder.proveAt(token, { claims: { htm: 'POST' } });
    const headers = { authorization: `DPoP ${token}`, dpop };
    expect((await test.userinfo(undefined, { method: 'POST', headers })).status).toBe(200);
  });

  it('refuses no proof', async () => {
    const { ask } = await bound();

    expect(await ask(undefined)).toMatchObject({
      status: 401,
      json: { error: 'invalid_dpop_proof' },
    });
  });

  it('refuses the proof of a second holder, whose own token it opens', async () => {
    const { token, ask } = await bound();
    const thief = await bound();

    const answer = await ask(await thief.holder.proveAt(token));

    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
    expect(answer.headers['WWW-Authenticate']).toMatch(/^DPoP .*error="invalid_token"/);
    expect((await thief.ask(await thief.holder.proveAt(thief.token))).status).toBe(200);
  });

  it('refuses a bound token as a bearer token, with or without a proof, and in a form', async () => {
    const { test, holder, token, ask } = await bound();
    const params = new Map([['access_token', [token]]]);

    for (const answer of [
      await ask(undefined, 'Bearer'),
      await ask(await holder.proveAt(token), 'Bearer'),
      await test.userinfo(undefined, { method: 'POST', params }),
    ]) {
      expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
      expect(answer.headers['WWW-Authenticate']).toMatch(
        /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"]+", DPoP realm="[^"]+", algs="ES256 /,
      );
    }
  });

  it('refuses a bearer token under the scheme DPoP, whoever proves a key', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const holder = await createHolder();
    const headers = {
      authorization: `DPoP ${access_token}`,
      dpop: await holder.proveAt(access_token),
    };

    expect((await userinfo(undefined, { headers })).json['error']).toBe('invalid_token');
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('refuses both schemes at once, and a token in the form beside the header', async () => {
    const { test, holder, token } = await bound();
    const params = new Map([['access_token', [token]]]);
    const authorization = `DPoP ${token}`;
    const dpop = await holder.proveAt(token, { claims: { htm: 'POST' } });

    for (const more of [
      { method: 'POST', params, headers: { authorization, dpop } },
      { headers: { authorization: `DPoP ${token}, Bearer ${token}`, dpop } },
    ]) {
      expect(await test.userinfo(undefined, more)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });

  it('refuses the bound token once it is revoked, whatever is proven', async () => {
    const { test, holder, token, ask } = await bound();

    await test.revoke(token);

    expect((await ask(await holder.proveAt(token))).json['error']).toBe('invalid_token');
  });
});

describe('introspection of a bound token (RFC 9449 §6.2; DP-2)', () => {
  it('says DPoP and which key', async () => {
    const { test, holder, token } = await bound();

    expect((await test.introspect(token)).json).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: holder.jkt },
    });
  });

  it('says Bearer and no key of one that is not bound', async () => {
    const { signIn, introspect } = createTestIssuer();

    const { json } = await introspect((await signIn()).access_token);

    expect(json['token_type']).toBe('Bearer');
    expect(json).not.toHaveProperty('cnf');
  });
});
