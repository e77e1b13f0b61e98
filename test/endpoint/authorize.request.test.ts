import { describe, expect, it } from 'vitest';
import { parseParams } from '../../internal/protocol/params.ts';
import { makeClient } from '../support/clients.ts';
import { AUTHORIZE, createTestIssuer, ISSUER } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import { encodeQuery, identify, type Query, sentTo, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const CALLBACK = 'https://rp.example/callback';

/** An error sent to `conf`, with everything that has to go with it. */
const refused = (error: string) => ({ to: CALLBACK, error, state: 'state-1', iss: ISSUER });

describe('authorization endpoint: the request (OIDC Core §3.1.2.1; AZ-1, AZ-3, AZ-4)', () => {
  it('answers a GET and a POST alike, with code, state and iss', async () => {
    const { authorize } = createTestIssuer();

    for (const method of ['GET', 'POST']) {
      const { params, location } = await authorize({}, undefined, { method });

      expect([...params.keys()]).toEqual(['code', 'state', 'iss']);
      expect(params.get('state')).toBe('state-1');
      expect(params.get('iss')).toBe(ISSUER);
      expect(location).toMatch(/^https:\/\/rp\.example\/callback\?code=/);
    }
  });

  it('gives a code the End-User the header names, whatever login_hint says', async () => {
    const { signIn } = createTestIssuer();

    const { id_token } = await signIn({ login_hint: 'alice' }, identify('bob'));

    expect(claimsOf(id_token)['sub']).toBe('bob');
  });

  it('does not care for the order of parameters or of scope names (G-10)', async () => {
    const { authorize } = createTestIssuer();
    const reversed = Object.fromEntries(
      Object.entries({ ...AUTHORIZE, scope: 'email openid' }).reverse(),
    );

    const { params } = await authorize({}, undefined, { params: toParams(reversed) });

    expect(params.get('code')).not.toBeNull();
  });

  it('ignores unknown parameters, repeated ones and dangerous names included (G-8)', async () => {
    const { authorize } = createTestIssuer();
    const unknown = '&extra=foobar&extra=2&__proto__=x&constructor=y&toString=z&hasOwnProperty=w';

    const { params } = await authorize({}, undefined, {
      params: parseParams(encodeQuery(AUTHORIZE) + unknown),
    });

    expect(params.get('code')).not.toBeNull();
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it('treats empty parameters as parameters that were not sent (G-9)', async () => {
    const { authorize } = createTestIssuer();
    const empty = {
      nonce: '',
      code_challenge: '',
      code_challenge_method: '',
      prompt: '',
      request: '',
    };

    expect((await authorize(empty)).params.get('code')).not.toBeNull();
    expect((await authorize({ redirect_uri: '' })).params.get('code')).not.toBeNull();
    expect(sentTo(await authorize({ scope: '' }))).toEqual(refused('invalid_scope'));
    expect(sentTo(await authorize({ response_type: '' }))).toEqual(refused('invalid_request'));
  });

  for (const [name, value] of [
    ['display', 'page'],
    ['display', 'popup'],
    ['ui_locales', 'se'],
    ['ui_locales', 'not a tag!'],
    ['claims_locales', 'se'],
    ['login_hint', 'buffy@op.example'],
    ['acr_values', '1 2'],
  ] as const) {
    it(`succeeds with ${name}=${value} (OIDC Core §15.1; AZ-9)`, async () => {
      const { authorize } = createTestIssuer();

      expect((await authorize({ [name]: value })).params.get('code')).not.toBeNull();
    });
  }
});

describe('authorization endpoint: errors nobody is redirected for (RFC 6749 §4.1.2.1; AZ-2)', () => {
  const two = makeClient('two', { redirectUris: [CALLBACK, 'https://rp.example/other'] });

  for (const [what, query, reason] of [
    ['a missing client_id', { client_id: undefined }, 'parameter_missing'],
    ['an unknown client_id', { client_id: 'nobody' }, 'unknown_client'],
    ['the client_id __proto__', { client_id: '__proto__' }, 'unknown_client'],
    ['the client_id constructor', { client_id: 'constructor' }, 'unknown_client'],
    ['a repeated client_id', { client_id: ['conf', 'conf'] }, 'parameter_repeated'],
    ['an unregistered redirect_uri', { redirect_uri: `${CALLBACK}/x` }, 'redirect_uri_mismatch'],
    ['a malformed redirect_uri', { redirect_uri: '://' }, 'redirect_uri_mismatch'],
    ['a repeated redirect_uri', { redirect_uri: [CALLBACK, CALLBACK] }, 'parameter_repeated'],
    [
      'no redirect_uri where two are registered',
      { client_id: 'two', redirect_uri: undefined },
      'redirect_uri_mismatch',
    ],
    ['a client without redirect URIs', { client_id: 'svc' }, 'redirect_uri_mismatch'],
    [
      'an unregistered redirect_uri together with a request object',
      { redirect_uri: `${CALLBACK}_invalid`, request: 'e30.e30.' },
      'redirect_uri_mismatch',
    ],
  ] as const satisfies ReadonlyArray<readonly [string, Query, string]>) {
    it(`refuses ${what} with a 400 page and no redirect`, async () => {
      const { authorize } = createTestIssuer({ clients: [two] });

      const { status, location, json } = await authorize(query);

      expect(location).toBeUndefined();
      expect({ status, ...json }).toMatchObject({ status: 400, error: 'invalid_request', reason });
    });
  }

  it('redirects to the registered URI when it is sent, or left out and the only one', async () => {
    const { authorize } = createTestIssuer({ clients: [two] });

    const sent = await authorize({ client_id: 'two', redirect_uri: 'https://rp.example/other' });
    const omitted = await authorize({ redirect_uri: undefined });

    expect(sent.location).toMatch(/^https:\/\/rp\.example\/other\?code=/);
    expect(omitted.location).toMatch(/^https:\/\/rp\.example\/callback\?code=/);
  });
});

describe('authorization endpoint: errors sent to the client (RFC 6749 §4.1.2.1, RFC 9207 §2; AZ-3)', () => {
  for (const [what, query, error] of [
    ['a missing response_type', { response_type: undefined }, 'invalid_request'],
    ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type=id_token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['response_type=code token', { response_type: 'code token' }, 'unsupported_response_type'],
    ['response_type=none', { response_type: 'none' }, 'unsupported_response_type'],
    ['response_type=CODE', { response_type: 'CODE' }, 'unsupported_response_type'],
    ['response_type=code code', { response_type: 'code code' }, 'unsupported_response_type'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['a scope with a tab', { scope: 'openid\temail' }, 'invalid_scope'],
    ['a scope with a quotation mark', { scope: 'openid "' }, 'invalid_scope'],
    ['a scope with two spaces', { scope: 'openid  email' }, 'invalid_scope'],
    ['a scope of unknown names alone', { scope: '__proto__ x' }, 'invalid_scope'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request_uri', { request_uri: 'https://canary.example/' }, 'request_uri_not_supported'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['a resource it may not have', { resource: 'https://x.example' }, 'invalid_target'],
    ['an unknown response_mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['a nonce of more than 1024 characters', { nonce: 'n'.repeat(1025) }, 'invalid_request'],
  ] as const satisfies ReadonlyArray<readonly [string, Query, string]>) {
    it(`answers ${what} with ${error}, state and iss`, async () => {
      const { authorize } = createTestIssuer();

      expect(sentTo(await authorize(query))).toEqual(refused(error));
    });
  }

  it('answers a client without the grant with unauthorized_client', async () => {
    const client = makeClient('cc', { grantTypes: ['client_credentials'] });
    const { authorize } = createTestIssuer({ clients: [client] });

    const answer = await authorize({ client_id: 'cc' });

    expect(sentTo(answer)).toEqual(refused('unauthorized_client'));
  });

  for (const name of [
    'response_type',
    'scope',
    'nonce',
    'prompt',
    'claims',
    'code_challenge',
    'code',
  ]) {
    it(`answers a repeated ${name} with invalid_request (G-7)`, async () => {
      const { authorize } = createTestIssuer();

      const answer = await authorize({ [name]: ['openid', 'openid'] });

      expect(sentTo(answer)).toEqual(refused('invalid_request'));
    });
  }

  it('leaves state out of the error when it was sent twice or not at all', async () => {
    const { authorize } = createTestIssuer();
    const bare = { to: CALLBACK, error: 'invalid_request', iss: ISSUER };

    expect(sentTo(await authorize({ state: ['a', 'b'] }))).toEqual(bare);
    expect(sentTo(await authorize({ state: undefined }))).toEqual(bare);
  });

  it('describes every error in characters that RFC 6749 allows, and repeats nothing sent (G-18)', async () => {
    const { authorize } = createTestIssuer();

    for (const name of Object.keys({
      ...AUTHORIZE,
      prompt: '',
      max_age: '',
      claims: '',
      nonce: '',
    })) {
      if (name === 'client_id' || name === 'redirect_uri' || name === 'state') continue;
      const canary = `canary"\\é\r\n${'x'.repeat(1024)}`;
      const description = (await authorize({ [name]: canary })).params.get('error_description');

      expect(description, name).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(description).not.toContain('canary');
    }
  });
});

describe('authorization endpoint: scope (OIDC Core §3.1.2.1; AZ-6)', () => {
  it('leaves out unknown names and those the client may not have, and says what was granted', async () => {
    const client = makeClient('few', { scope: ['openid', 'email'] });
    const { signIn } = createTestIssuer({ clients: [client] });

    const tokens = await signIn({ client_id: 'few', scope: 'openid email profile x __proto__' });

    expect(tokens.scope).toBe('openid email');
  });

  it('is plain OAuth without openid: no ID Token', async () => {
    const { signIn } = createTestIssuer();

    const tokens = await signIn({ scope: 'email' });

    expect(tokens.scope).toBe('email');
    expect(tokens.id_token).toBeUndefined();
  });
});

describe('authorization endpoint: request objects (OIDC Core §6; PA-5)', () => {
  it('prefers refusing a request object to answering a request the client did not make', async () => {
    const { authorize } = createTestIssuer();
    const outer = { state: undefined, nonce: undefined, request: 'e30.e30.' };

    expect(sentTo(await authorize(outer))).toEqual({
      to: CALLBACK,
      error: 'request_not_supported',
      iss: ISSUER,
    });
  });

  it('accepts a request with PKCE and nothing optional', async () => {
    const { authorize } = createTestIssuer();

    expect((await authorize({ ...PKCE, state: undefined })).params.get('code')).not.toBeNull();
  });
});
