import { describe, expect, it } from 'vitest';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import type { Answer } from '../support/requests.ts';
import { claimsOf, verifyAsStranger } from '../support/tokens.ts';

const clients = SIGNING_ALGS.map((alg) =>
  makeClient(`signed-${alg}`, { userinfoSignedResponseAlg: alg }),
);

function jwtOf({ response }: Answer): string {
  if (response.kind !== 'text') throw new Error(`no JWT: ${response.kind}`);
  expect(response.mediaType).toBe('application/jwt');
  return response.body;
}

const ask = async (test: TestIssuer, client_id: string) =>
  jwtOf(
    await test.userinfo((await test.signIn({ client_id, nonce: `n-${client_id}` })).access_token),
  );

describe('signed UserInfo (OIDC Core §5.3.2; UI-3)', () => {
  for (const alg of SIGNING_ALGS)
    it(`is a JWT by ${alg} of the claims, the issuer and the client, and nothing else`, async () => {
      const test = createTestIssuer({ clients });

      const { payload, protectedHeader } = await verifyAsStranger(
        await ask(test, `signed-${alg}`),
        test,
      );

      expect(protectedHeader.alg).toBe(alg);
      const { json } = await test.userinfo((await test.signIn()).access_token);
      expect(payload).toEqual({ ...json, iss: ISSUER, aud: `signed-${alg}` });
      expect(payload['sub']).toBe('alice');
    });

  it('is JSON for a client that registered no algorithm', async () => {
    const { userinfo, signIn } = createTestIssuer({ clients });

    const { response } = await userinfo((await signIn()).access_token);

    expect(response.kind).toBe('json');
  });

  it('stays a challenge in JSON where the token is of no use', async () => {
    const { userinfo } = createTestIssuer({ clients });

    expect(await userinfo('x.y.z')).toMatchObject({
      status: 401,
      json: { error: 'invalid_token' },
      headers: { 'WWW-Authenticate': expect.stringContaining('invalid_token') },
    });
  });

  it('is neither an ID Token nor an access token of ours (RFC 8725 §3.12)', async () => {
    const test = createTestIssuer({ clients });
    const text = await ask(test, 'signed-ES256');
    const { id_token } = await test.signIn({ client_id: 'signed-ES256' });
    const hint = (id_token_hint: string) =>
      test.authorize({ client_id: 'signed-ES256', prompt: 'none', id_token_hint });

    expect((await hint(text)).params.get('error')).toBe('invalid_request');
    expect((await hint(id_token)).params.has('code')).toBe(true);
    expect((await test.userinfo(text)).status).toBe(401);
    expect((await test.introspect(text, 'signed-ES256')).json).toEqual({ active: false });
    expect(claimsOf(text)).not.toHaveProperty('nonce');
    expect(claimsOf(text)).not.toHaveProperty('exp');
  });

  it('cannot be given another issuer or audience by what a backend says', async () => {
    const test = createTestIssuer({ clients });
    test.users.set('alice', { iss: 'evil', aud: 'evil', exp: 9, email: 'a@example.test' });

    expect(claimsOf(await ask(test, 'signed-ES256'))).toEqual({
      sub: 'alice',
      email: 'a@example.test',
      iss: ISSUER,
      aud: 'signed-ES256',
    });
  });
});
