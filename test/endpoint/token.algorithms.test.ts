import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALG_HASHES, SIGNING_ALGS } from '../../internal/protocol/names.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { claimsOf, headerOf, verifyAsStranger } from '../support/tokens.ts';

/** As a client computes it that knows nothing but the `alg` of the header. */
function halfHash(text: string, alg: string): string {
  const bits = { ES256: 256, RS256: 256, PS256: 256, ES384: 384, ES512: 512, EdDSA: 512 }[alg];
  const bytes = createHash(`sha${bits}`).update(text).digest();
  return bytes.subarray(0, bytes.length / 2).toString('base64url');
}

for (const alg of SIGNING_ALGS)
  describe(`tokens signed with ${alg} (OIDC Core §2, §3.1.3.6; TC-1, TC-2)`, () => {
    const signed = makeClient('signed', {
      idTokenSignedResponseAlg: alg,
      accessTokenSigningAlg: alg,
      idTokenStateHash: true,
    });

    it('verify with the published keys, with at_hash and s_hash of the same hash', async () => {
      const test = createTestIssuer({ clients: [signed] });

      const tokens = await test.signIn({ client_id: 'signed', state: 'state-ü' });

      const { protectedHeader, payload } = await verifyAsStranger(tokens.id_token, test);
      expect(protectedHeader).toMatchObject({ alg, typ: 'JWT' });
      expect(payload['at_hash']).toBe(halfHash(tokens.access_token, alg));
      expect(payload['s_hash']).toBe(halfHash('state-ü', alg));
      const access = await verifyAsStranger(tokens.access_token, test);
      expect(access.protectedHeader).toMatchObject({ alg, typ: 'at+jwt' });
      expect((await test.userinfo(tokens.access_token)).json['sub']).toBe('alice');
    });

    it('are known as hints, and end at their own revocation', async () => {
      const { signIn, authorize, revoke, introspect } = createTestIssuer({ clients: [signed] });
      const { id_token, access_token } = await signIn({ client_id: 'signed' });

      const hinted = await authorize({
        client_id: 'signed',
        prompt: 'none',
        id_token_hint: id_token,
      });
      expect(hinted.params.has('code')).toBe(true);
      expect((await introspect(access_token, 'signed')).json['active']).toBe(true);
      await revoke(access_token, 'signed');
      expect((await introspect(access_token, 'signed')).json).toEqual({ active: false });
    });
  });

describe('keys of algorithms (JW-1)', () => {
  it('are published once a client needed them, one for each algorithm', async () => {
    const clients = SIGNING_ALGS.map((alg) =>
      makeClient(`alg-${alg}`, { idTokenSignedResponseAlg: alg }),
    );
    const test = createTestIssuer({ clients });
    const published = () => test.deps.keys.publicKeys().map(({ alg }) => alg);
    expect(published()).toEqual(['ES256']);

    for (const { clientId } of clients) await test.signIn({ client_id: clientId });

    expect(published()).toEqual([...SIGNING_ALGS]);
    expect(new Set(test.deps.keys.publicKeys().map(({ kid }) => kid)).size).toBe(6);
  });

  it('have a hash each, the one that is in their name', () => {
    expect(ALG_HASHES).toEqual({
      ES256: 'sha256',
      RS256: 'sha256',
      PS256: 'sha256',
      EdDSA: 'sha512',
      ES384: 'sha384',
      ES512: 'sha512',
    });
  });
});

describe('s_hash (FAPI 1.0 Advanced §5.1.1)', () => {
  const hashing = makeClient('hashing', { idTokenStateHash: true });

  it('is in the first ID Token of a client that wants it, and in no refreshed one', async () => {
    const { signIn, refresh } = createTestIssuer({ clients: [hashing] });
    const { id_token, refresh_token } = await signIn({ client_id: 'hashing', state: 's-1' });

    expect(claimsOf(id_token)['s_hash']).toBe(halfHash('s-1', 'ES256'));
    const { json } = await refresh(refresh_token, {}, 'hashing');
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('s_hash');
  });

  it('is left out for everybody else, and where no state was sent', async () => {
    const { signIn, code, redeem } = createTestIssuer({ clients: [hashing] });

    expect(claimsOf((await signIn()).id_token)).not.toHaveProperty('s_hash');
    const verifier = 'v'.repeat(43);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const text = await code({ client_id: 'hashing', state: undefined, ...pkce });
    const { json } = await redeem(text, { code_verifier: verifier }, 'hashing');
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('s_hash');
  });

  it('is left out when the client got another algorithm while the code was on its way', async () => {
    const { clients, code, redeem } = createTestIssuer({ clients: [hashing] });
    const codes = [await code({ client_id: 'hashing' }), await code({ client_id: 'hashing' })];
    const idToken = async (text = '') =>
      String((await redeem(text, {}, 'hashing')).json['id_token']);

    expect(claimsOf(await idToken(codes[0]))).toHaveProperty('s_hash');
    clients.set('hashing', { ...hashing, idTokenSignedResponseAlg: 'ES384' });
    expect(claimsOf(await idToken(codes[1]))).not.toHaveProperty('s_hash');
  });
});

describe('azp (OIDC Core §2; TC-1)', () => {
  const shared = makeClient('shared', { idTokenAudience: ['backend', 'https://api.example'] });

  it('says whose ID Token it is where others may take it too', async () => {
    const { signIn } = createTestIssuer({ clients: [shared] });
    const { id_token } = await signIn({ client_id: 'shared' });

    expect(claimsOf(id_token)).toMatchObject({
      aud: ['shared', 'backend', 'https://api.example'],
      azp: 'shared',
    });
  });

  it('is left out where the audience says it already', async () => {
    const { signIn } = createTestIssuer();

    const claims = claimsOf((await signIn()).id_token);

    expect(claims['aud']).toBe('conf');
    expect(claims).not.toHaveProperty('azp');
  });

  it('makes a hint that of the client it names, and of no other in the audience', async () => {
    const clients = [shared, makeClient('backend')];
    const { signIn, authorize, deps, clock } = createTestIssuer({ clients });
    const { id_token } = await signIn({ client_id: 'shared' });
    const hint = (id_token_hint: string) =>
      authorize({ client_id: 'shared', prompt: 'none', id_token_hint });

    expect((await hint(id_token)).params.has('code')).toBe(true);
    const { azp: _, ...nameless } = claimsOf(id_token);
    const forged = await deps.keys.sign('ES256', 'JWT', {
      iss: ISSUER,
      sub: String(nameless['sub']),
      aud: ['shared', 'backend'],
      exp: clock() + 60,
    });
    expect((await hint(forged)).params.get('error')).toBe('invalid_request');
  });

  it('is no way to the access token of the client: its audience stays what it is', async () => {
    const clients = [shared, makeClient('backend')];
    const { signIn, introspect } = createTestIssuer({ clients });
    const { access_token } = await signIn({ client_id: 'shared' });

    expect(claimsOf(access_token)['aud']).toBe(ISSUER);
    expect((await introspect(access_token, 'backend')).json).toEqual({ active: false });
    expect(headerOf(access_token)['typ']).toBe('at+jwt');
  });
});
