import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { claimsOf, headerOf } from '../support/tokens.ts';
import { HOST, signIn } from '../threats/threats.fixture.ts';
import { start } from './testissuer.fixture.ts';

/** A thumbprint (RFC 7638), and nothing before it. */
const PLAIN = /^[\w-]{43}$/;

const isMarked = (token: string): boolean =>
  'asteroid_dev' in claimsOf(token) || !PLAIN.test(String(headerOf(token)['kid']));

describe('what is signed for development', () => {
  it('is marked, and what is signed in production never is, by whatever keys', async () => {
    const program = await startProgram();
    const { id_token, access_token } = await signIn(program);
    const { body } = await ask(program.public, ['GET /jwks.json HTTP/1.1', HOST]);
    const issuer = await start();
    const marked = await issuer.issue({ as: 'alice', client: 'web' });

    for (const token of [id_token, access_token]) expect(isMarked(token)).toBe(false);
    for (const { kid } of JSON.parse(body).keys) expect(kid).toMatch(PLAIN);
    for (const token of [marked.id_token ?? '', marked.access_token]) {
      expect(isMarked(token)).toBe(true);
    }
  });

  it('is marked where it is a token, and not where it is anything else', async () => {
    const [SECRET, CALLBACK] = ['signed-secret-signed-secret-signed', 'http://localhost:3000/cb'];
    const signed = {
      client_id: 'signed',
      client_secret: SECRET,
      redirect_uris: [CALLBACK],
      userinfo_signed_response_alg: 'ES256',
      authorization_signed_response_alg: 'ES256',
    };
    const issuer = await start({ clients: [signed] });
    issuer.signIn('alice');
    const { access_token } = await issuer.issue({ as: 'alice', client: 'signed' });
    const headers = { Authorization: `Bearer ${access_token}` };
    const userinfo = await (await fetch(`${issuer.url}/userinfo`, { headers })).text();
    const query = {
      client_id: 'signed',
      redirect_uri: CALLBACK,
      response_type: 'code',
      response_mode: 'jwt',
      scope: 'openid',
      state: 's',
    };
    const url = `${issuer.url}/authorize?${new URLSearchParams(query)}`;
    const answer = await fetch(url, { redirect: 'manual' });
    const location = new URL(answer.headers.get('location') ?? '');

    for (const jwt of [userinfo, location.searchParams.get('response') ?? '']) {
      expect(claimsOf(jwt)).not.toHaveProperty('asteroid_dev');
      expect(headerOf(jwt)['kid']).toMatch(/^dev-/);
    }
  });
});
