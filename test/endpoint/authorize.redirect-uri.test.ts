import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';

const QUERY = 'https://c.ex/cb?a=1&b=%2f';
const CLIENTS = [
  makeClient('c', { redirectUris: ['https://c.ex/cb'] }),
  makeClient('query', { redirectUris: [QUERY, 'https://c.ex/open?', 'https://c.ex/x?y=1&'] }),
];

describe('authorization endpoint: redirect URIs (RFC 9700 §2.1; RU-1, RU-2)', () => {
  for (const redirect_uri of [
    'https://C.ex/cb',
    'https://c.ex:443/cb',
    'https://c.ex/cb/',
    'https://c.ex/cb#',
    'https://c.ex/cb?',
    'https://c.ex/cb?x=1',
    'https://c.ex/a/../cb',
    'https://c.ex/%63b',
    'https://c.ex/cb\n',
    'https://c.ex\\@evil.example/cb',
    'https://c.ex@evil.example/cb',
    'https://c.ex.evil.example/cb',
    'https:c.ex/cb',
    'https%3A%2F%2Fc.ex%2Fcb',
    'javascript:alert(1)',
    'data:text/html,x',
  ]) {
    it(`shows a page and redirects nowhere for ${JSON.stringify(redirect_uri)}`, async () => {
      const { authorize } = createTestIssuer({ clients: CLIENTS });

      const { status, location, response } = await authorize({ client_id: 'c', redirect_uri });

      expect(status).toBe(400);
      expect(location).toBeUndefined();
      expect(JSON.stringify(response)).not.toContain('evil');
    });
  }

  for (const redirect_uri of [
    'https://c.ex/cb?b=%2f&a=1',
    'https://c.ex/cb?a=1',
    'https://c.ex/cb',
  ]) {
    it(`shows a page for ${redirect_uri} where ${QUERY} is registered`, async () => {
      const { authorize } = createTestIssuer({ clients: CLIENTS });

      expect((await authorize({ client_id: 'query', redirect_uri })).location).toBeUndefined();
    });
  }
});

describe('authorization endpoint: a client that has to name its redirect URI (PF-1)', () => {
  it('shows a page where it names none, and redirects where it does', async () => {
    const named = makeClient('named', { requireRedirectUri: true });
    const { authorize } = createTestIssuer({ clients: [named] });
    const query = { client_id: 'named' };

    expect(await authorize({ ...query, redirect_uri: undefined })).toMatchObject({
      status: 400,
      location: undefined,
    });
    expect((await authorize(query)).params.has('code')).toBe(true);
    const free = await authorize({ client_id: 'conf', redirect_uri: undefined });
    expect(free.params.has('code')).toBe(true);
  });
});

describe('authorization endpoint: what Location is made of (RFC 6749 §3.1.2; AZ-18, RU-7)', () => {
  for (const [redirect_uri, start] of [
    [QUERY, `${QUERY}&code=`],
    ['https://c.ex/open?', 'https://c.ex/open?code='],
    ['https://c.ex/x?y=1&', 'https://c.ex/x?y=1&code='],
  ] as const) {
    it(`keeps ${redirect_uri} byte for byte and appends to it`, async () => {
      const { authorize } = createTestIssuer({ clients: CLIENTS });

      const { location = '' } = await authorize({ client_id: 'query', redirect_uri });

      expect(location.startsWith(start)).toBe(true);
      expect(location).not.toContain('#');
      expect(location.slice(start.length)).toMatch(
        /^ac_[\w.-]+&state=state-1&iss=https%3A%2F%2Fop/,
      );
    });
  }

  it('sends errors to the registered query too', async () => {
    const { authorize } = createTestIssuer({ clients: CLIENTS });

    const { location } = await authorize({ client_id: 'query', redirect_uri: QUERY, scope: 'x' });

    expect(location?.startsWith(`${QUERY}&error=invalid_scope&`)).toBe(true);
  });
});

describe('authorization endpoint: native apps (RFC 8252 §7, §8.4; RU-4, RU-5)', () => {
  for (const redirect_uri of [
    'http://127.0.0.1:51004/cb',
    'http://[::1]:1/cb',
    'com.example.app:/cb',
  ]) {
    it(`answers at ${redirect_uri}, and redeems only with that very string`, async () => {
      const { code, redeem } = createTestIssuer();
      const text = await code({ client_id: 'native', redirect_uri, ...PKCE });
      const verified = { code_verifier: VERIFIER };

      const other = { redirect_uri: 'http://127.0.0.1/cb', ...verified };
      const wrong = await redeem(text, other, 'native');
      const right = await redeem(text, { redirect_uri, ...verified }, 'native');

      expect(wrong).toMatchObject({ status: 400, json: { reason: 'redirect_uri_mismatch' } });
      expect(right.status).toBe(200);
    });
  }

  for (const redirect_uri of [
    'http://127.0.0.1:0/cb',
    'http://localhost:51004/cb',
    'http://127.0.0.1:5@evil.example/cb',
    'com.example.app:/other',
    'com.example.app:cb',
    'com.example.app://cb',
  ]) {
    it(`shows a page for ${redirect_uri}`, async () => {
      const { authorize } = createTestIssuer();

      const { status, location } = await authorize({ client_id: 'native', redirect_uri, ...PKCE });

      expect({ status, location }).toEqual({ status: 400, location: undefined });
    });
  }
});
