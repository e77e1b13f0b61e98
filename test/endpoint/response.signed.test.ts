import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type Different, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import type { Answer, Query } from '../support/requests.ts';
import { claimsOf, headerOf, keySetOf } from '../support/tokens.ts';

const CLIENTS = [
  makeClient('rsa', { authorizationSignedResponseAlg: 'RS256' }),
  makeClient('always', { consent: 'always' }),
];
const create = (more: Different = {}) => createTestIssuer({ clients: CLIENTS, ...more });

/** As a client reads it (JARM §2.4); throws what it would throw. */
async function read(test: TestIssuer, answer: Answer, clientId = 'conf') {
  const response = answer.params.get('response');
  if (response === null) throw new Error(`no response: ${JSON.stringify(answer.response)}`);
  const { payload, protectedHeader } = await jwtVerify(response, await keySetOf(test), {
    issuer: ISSUER,
    audience: clientId,
    currentDate: new Date(test.clock() * 1000),
    requiredClaims: ['exp'],
  });
  return { payload, alg: protectedHeader.alg };
}

describe('signed authorization responses (JARM §2; JR-1)', () => {
  for (const [response_mode, start] of [
    ['jwt', 'https://rp.example/callback?response='],
    ['query.jwt', 'https://rp.example/callback?response='],
    ['fragment.jwt', 'https://rp.example/callback#response='],
  ] as const) {
    it(`by ${response_mode}: nothing but the response`, async () => {
      const test = create();
      const answer = await test.authorize({ response_mode });

      expect(answer.location?.startsWith(start)).toBe(true);
      expect([...answer.params.keys()]).toEqual(['response']);
      const { payload } = await read(test, answer);
      expect(payload).toEqual({
        iss: ISSUER,
        aud: 'conf',
        exp: test.clock() + 300,
        code: expect.any(String),
        state: 'state-1',
      });
      expect((await test.redeem(String(payload['code']))).status).toBe(200);
    });
  }

  it('by form_post.jwt: a form to exactly the redirect URI, with the response alone', async () => {
    const test = create();
    const answer = await test.authorize({ response_mode: 'form_post.jwt' });

    expect(answer.response).toMatchObject({
      kind: 'form_post',
      action: 'https://rp.example/callback',
    });
    expect([...answer.params.keys()]).toEqual(['response']);
    expect((await read(test, answer)).payload).toHaveProperty('code');
  });

  it('keep the query of the redirect URI', async () => {
    const redirect_uri = 'https://rp.example/cb?a=b';
    const test = create({ clients: [makeClient('query', { redirectUris: [redirect_uri] })] });
    const { location } = await test.authorize({
      client_id: 'query',
      redirect_uri,
      response_mode: 'jwt',
    });

    expect(location?.startsWith(`${redirect_uri}&response=`)).toBe(true);
  });

  it('are signed by the algorithm of the client', async () => {
    const test = create();
    const ours = await test.authorize({ response_mode: 'jwt' });
    const rsa = await test.authorize({ client_id: 'rsa', response_mode: 'jwt' });

    expect((await read(test, ours)).alg).toBe('ES256');
    expect((await read(test, rsa, 'rsa')).alg).toBe('RS256');
  });

  it('carry errors with their state, and their description', async () => {
    const test = create();
    const query = { response_mode: 'query.jwt', prompt: 'none' };
    const { payload } = await read(test, await test.authorize(query, 'nobody'));

    expect(payload).toEqual({
      iss: ISSUER,
      aud: 'conf',
      exp: expect.any(Number),
      error: 'login_required',
      error_description: expect.any(String),
      state: 'state-1',
    });
  });

  it('have no state where none was sent', async () => {
    const test = create();
    const answer = await test.authorize({ response_mode: 'jwt', state: undefined, ...PKCE });

    expect((await read(test, answer)).payload).not.toHaveProperty('state');
  });

  it('are of no use to another client, nor for long', async () => {
    const test = create();
    const answer = await test.authorize({ response_mode: 'jwt' });

    await expect(read(test, answer, 'conf2')).rejects.toThrow('"aud"');
    test.clock.advance(300);
    await expect(read(test, answer)).rejects.toThrow('"exp"');
  });

  it('come from pages as well, whatever was answered there', async () => {
    const test = create();
    for (const [decision, name] of [
      ['allow', 'code'],
      ['deny', 'error'],
    ] as const) {
      const { page } = await test.authorize({ client_id: 'always', response_mode: 'jwt' });
      if (page?.kind !== 'consent') throw new Error('no page');
      const answer = await test.consent({ handle: page.handle, decision });

      expect([...answer.params.keys()]).toEqual(['response']);
      expect((await read(test, answer, 'always')).payload).toHaveProperty(name);
    }
  });

  it('come of a pushed request', async () => {
    const test = create();
    const { json } = await test.push({ response_mode: 'jwt' });
    const nothing: Query = { redirect_uri: undefined, scope: undefined, state: undefined };
    const answer = await test.authorize({
      ...nothing,
      response_type: undefined,
      request_uri: String(json['request_uri']),
    });

    expect((await read(test, answer)).payload).toHaveProperty('code');
  });

  it('cannot be taken for ID Tokens, nor for access tokens', async () => {
    const test = create();
    const { params } = await test.authorize({ response_mode: 'jwt' });
    const response = params.get('response') ?? '';

    expect(claimsOf(response)).not.toHaveProperty('sub');
    expect(headerOf(response)['typ']).toBe('JWT');
    const hinted = await test.authorize({ id_token_hint: response });
    expect(hinted.params.get('error')).toBe('invalid_request');
    expect((await test.userinfo(response)).status).toBe(401);
    expect((await test.introspect(response)).json).toEqual({ active: false });
  });
});

describe('the addresses of signed responses are those of plain ones (JR-1)', () => {
  it('no form is sent to the scheme of an app', async () => {
    const { authorize } = create();
    const query = {
      client_id: 'native',
      redirect_uri: 'com.example.app:/cb',
      response_mode: 'form_post.jwt',
      ...PKCE,
    };
    const { location } = await authorize(query);

    expect(location).toMatch(/^com\.example\.app:\/cb\?error=invalid_request&/);
    const signed = await authorize({ ...query, response_mode: 'jwt' });
    expect(signed.location).toMatch(/^com\.example\.app:\/cb\?response=/);
  });

  it('an address that is not registered gets none', async () => {
    const { authorize } = create();

    for (const response_mode of ['form_post.jwt', 'jwt']) {
      const answer = await authorize({ response_mode, redirect_uri: 'https://evil.example' });
      expect(answer.json['reason']).toBe('redirect_uri_mismatch');
    }
  });

  it('a refused request costs no signature in a plain mode', async () => {
    const plain = create();
    const signatures: string[] = [];
    const { keys } = plain.deps;
    const test = create({
      deps: {
        keys: {
          ...keys,
          sign(alg, ...rest) {
            signatures.push(alg);
            return keys.sign(alg, ...rest);
          },
        },
      },
    });
    await test.authorize({ prompt: 'none' }, 'nobody');
    await test.authorize();

    expect(signatures).toEqual([]);
  });
});
