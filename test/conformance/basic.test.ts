// What the OpenID Foundation's plan for the code flow sends, parameter for parameter, and what it
// wants back: once with the default response mode and once with form_post, as its two plans do.

import { describe, expect, it } from 'vitest';
import { entropyOf } from '../support/entropy.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { CHALLENGE, VERIFIER } from '../support/pkce.ts';
import { type Answer, identify, type Query, toParams } from '../support/requests.ts';
import { claimsOf, verifyAsStranger } from '../support/tokens.ts';
import { ANEW, comingBack } from '../support/upstream-urls.ts';

const CALLBACK = 'https://rp.example/callback';
const LONG_STATE = `${'aZ09-._~'.repeat(16)}`;
const LONG_NONCE = `${'bY18-._~'.repeat(5)}abc`;
/** The suite signs its End-User in a minute before it looks. */
const SIGNED_IN_AGO = 60;

const CHARSET = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;
const B64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let words = 0;
/** Ten letters and digits, another ten every time. */
const word = (): string => `w${(words++).toString(36).padStart(9, '0')}`;

const sortByName = (query: Query): Query =>
  Object.fromEntries(Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1)));

const MODES = [undefined, 'form_post'] as const;
type Mode = (typeof MODES)[number];

const COMMON: Query = { redirect_uri: CALLBACK, response_type: 'code', scope: 'openid' };

/** An authorization request as the suite makes it, and the answer with all that has to hold of it. */
type Sent = { readonly query: Query; readonly answer: Answer };

async function send(test: TestIssuer, mode: Mode, different: Query = {}): Promise<Sent> {
  const query = {
    client_id: 'conf',
    nonce: word(),
    state: word(),
    ...COMMON,
    response_mode: mode,
    ...different,
  };
  const params = toParams(sortByName(query));
  const identity = identify('alice', { authTime: test.clock() - SIGNED_IN_AGO });
  return { query, answer: await test.authorize({}, identity, { params }) };
}

/** Where it arrived, in the one place where the mode puts it. */
function checkPlace({ query, answer }: Sent, mode: Mode): void {
  const { response, location } = answer;
  if (mode === 'form_post') {
    expect(response).toMatchObject({ kind: 'form_post', action: CALLBACK });
  } else {
    expect(location).toMatch(/^https:\/\/rp\.example\/callback\?[^#]*$/);
  }
  expect(answer.params.get('state')).toBe(query['state'] ?? null);
  expect(answer.params.get('iss')).toBe(ISSUER);
}

function codeOf(sent: Sent, mode: Mode): string {
  checkPlace(sent, mode);
  expect([...sent.answer.params.keys()].sort()).toEqual(['code', 'iss', 'state']);
  const code = sent.answer.params.get('code') ?? '';
  expect(code.length).toBeGreaterThanOrEqual(16);
  expect(entropyOf(code)).toBeGreaterThan(96);
  return code;
}

function errorOf(sent: Sent, mode: Mode): string | null {
  checkPlace(sent, mode);
  const names = [...sent.answer.params.keys()].filter((name) => name !== 'state').sort();
  expect(names).toEqual(['error', 'error_description', 'iss']);
  expect(sent.answer.params.get('error_description')).toMatch(CHARSET);
  return sent.answer.params.get('error');
}

type Tokens = { readonly access_token: string; readonly id_token: string };

function checkTokens({ status, json }: Answer): Tokens & Record<string, string> {
  expect(status).toBe(200);
  expect(String(json['token_type']).toLowerCase()).toBe('bearer');
  expect(json['expires_in']).toBeTypeOf('number');
  expect(json['expires_in']).toBeGreaterThan(0);
  for (const name of ['access_token', 'refresh_token']) {
    const token = String(json[name]);
    expect(token).toMatch(/^[\x21-\x7e]{16,}$/);
    expect(entropyOf(token)).toBeGreaterThan(96);
  }
  return json as Tokens & Record<string, string>;
}

async function checkIdToken(test: TestIssuer, { id_token }: Tokens, { query }: Sent) {
  const { payload } = await verifyAsStranger(id_token, test);
  const now = test.clock();
  expect(payload).toMatchObject({ iss: ISSUER, aud: query['client_id'], iat: now });
  expect(payload.exp).toBeGreaterThan(now);
  expect(payload['nonce']).toBe(query['nonce']);
  expect(payload.sub).toMatch(/^[\x21-\x7e]{1,255}$/);
  for (const [name, value] of Object.entries(payload)) {
    expect([null, '', 'null'], name).not.toContain(value);
  }
  return payload;
}

/** UserInfo, by a GET as most modules ask. */
async function checkUserinfo(test: TestIssuer, { access_token, id_token }: Tokens) {
  const { status, json } = await test.userinfo(access_token);
  expect(status).toBe(200);
  expect(json['sub']).toBe(claimsOf(id_token)['sub']);
  return json;
}

type AskUserinfo = (test: TestIssuer, token: string) => Promise<Answer>;

const secretOf = (query: Query): string => String(query['client_id']);

/** The whole flow of a module that wants nothing special. */
async function flow(test: TestIssuer, mode: Mode, different: Query = {}) {
  const sent = await send(test, mode, different);
  const code = codeOf(sent, mode);
  const tokens = checkTokens(await test.redeem(code, {}, secretOf(sent.query)));
  const idToken = await checkIdToken(test, tokens, sent);
  return { code, tokens, idToken, userinfo: await checkUserinfo(test, tokens) };
}

/** An issuer whose alice has every standard claim, as the suite wants its End-User to have. */
function createFull(): TestIssuer {
  const test = createTestIssuer();
  const names =
    'name given_name family_name middle_name nickname preferred_username profile picture website gender zoneinfo locale';
  const texts = Object.fromEntries(names.split(' ').map((name) => [name, `a ${name}`]));
  test.users.set('alice', {
    ...test.users.get('alice'),
    ...texts,
    birthdate: '2000-02-29',
  });
  return test;
}

const PROFILE = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'updated_at',
];
const EMAIL = ['email', 'email_verified'];
const PHONE = ['phone_number', 'phone_number_verified'];

for (const mode of MODES) {
  describe(`relying-party conformance: code flow, ${mode ?? 'default'} mode`, () => {
    it('oidcc-server: signs in with alphabetical parameters and no PKCE', async () => {
      await flow(createTestIssuer(), mode);
    });

    it('oidcc-response-type-missing: sends invalid_request to the client', async () => {
      const sent = await send(createTestIssuer(), mode, { response_type: undefined });

      expect(errorOf(sent, mode)).toBe('invalid_request');
    });

    for (const [module, ask] of [
      ['oidcc-userinfo-get', (test, token) => test.userinfo(token)],
      ['oidcc-userinfo-post-header', (test, token) => test.userinfo(token, { method: 'POST' })],
      [
        'oidcc-userinfo-post-body',
        (test, access_token) =>
          test.userinfo(undefined, { method: 'POST', params: toParams({ access_token }) }),
      ],
    ] as const satisfies readonly (readonly [string, AskUserinfo])[]) {
      it(`${module}: tells the claims as they have to be`, async () => {
        const test = createFull();
        const { tokens, userinfo } = await flow(test, mode, { scope: 'openid profile' });
        const { status, json } = await ask(test, tokens.access_token);

        expect({ status, json }).toEqual({ status: 200, json: userinfo });
        expect(userinfo).toMatchObject({ birthdate: '2000-02-29' });
      });
    }

    it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow: makes a code, and no nonce', async () => {
      const { idToken } = await flow(createTestIssuer(), mode, { nonce: undefined });

      expect(idToken).not.toHaveProperty('nonce');
    });

    for (const [module, scope, names] of [
      ['oidcc-scope-profile', 'openid profile', PROFILE],
      ['oidcc-scope-email', 'openid email', EMAIL],
      ['oidcc-scope-address', 'openid address', ['address']],
      ['oidcc-scope-phone', 'openid phone', PHONE],
      [
        'oidcc-scope-all',
        'openid email phone address profile',
        [...PROFILE, ...EMAIL, ...PHONE, 'address'],
      ],
    ] as const) {
      it(`${module}: tells exactly its claims at userinfo`, async () => {
        const { userinfo } = await flow(createFull(), mode, { scope });

        expect(Object.keys(userinfo).sort()).toEqual(['sub', ...names].sort());
      });
    }

    it('oidcc-alternate-happy-flow: takes a reversed scope and reversed parameters', async () => {
      const test = createFull();
      const query = { ...COMMON, client_id: 'conf', nonce: word(), state: word() };
      const reversed = Object.fromEntries(
        Object.entries(
          sortByName({ ...query, scope: 'email openid', response_mode: mode }),
        ).reverse(),
      );
      const answer = await test.authorize({}, undefined, { params: toParams(reversed) });
      const code = codeOf({ query: reversed, answer }, mode);

      expect(await checkUserinfo(test, checkTokens(await test.redeem(code)))).toHaveProperty(
        'email',
      );
    });

    for (const [module, more] of [
      ['oidcc-display-page', { display: 'page' }],
      ['oidcc-display-popup', { display: 'popup' }],
      ['oidcc-ensure-request-with-unknown-parameter-succeeds', { extra: 'foobar' }],
      ['oidcc-login-hint', { login_hint: 'buffy@op.example' }],
      ['oidcc-ui-locales', { ui_locales: 'se' }],
      ['oidcc-claims-locales', { claims_locales: 'se' }],
      ['oidcc-ensure-request-with-acr-values-succeeds', { acr_values: '1 2' }],
      ['a state of 128 characters', { state: LONG_STATE }],
      ['a nonce of 43 characters', { nonce: LONG_NONCE }],
    ] as const) {
      it(`${module}: changes nothing about the sign-in`, async () => {
        await flow(createTestIssuer(), mode, more);
      });
    }

    it('oidcc-prompt-none-not-logged-in: answers login_required with a state of 128 characters', async () => {
      const test = createTestIssuer();
      const query = { ...COMMON, client_id: 'conf', nonce: word(), state: LONG_STATE };
      const params = toParams(sortByName({ ...query, prompt: 'none', response_mode: mode }));
      const answer = await test.authorize({}, 'nobody', { params });

      expect(LONG_STATE).toHaveLength(128);
      expect(errorOf({ query, answer }, mode)).toBe('login_required');
    });

    for (const [module, more] of [
      ['oidcc-prompt-none-logged-in', () => ({})],
      ['oidcc-id-token-hint', ({ id_token }) => ({ id_token_hint: id_token })],
    ] as const satisfies readonly (readonly [string, (tokens: Tokens) => Query])[]) {
      it(`${module}: succeeds at once as the same End-User`, async () => {
        const test = createTestIssuer();
        const first = await flow(test, mode);
        const { idToken } = await flow(test, mode, { prompt: 'none', ...more(first.tokens) });

        expect(idToken.sub).toBe(first.idToken.sub);
        expect(idToken['auth_time']).toBe(first.idToken['auth_time']);
      });
    }

    it('oidcc-max-age-10000: needs no new sign-in, and says when the old one was', async () => {
      const test = createTestIssuer();
      const first = await flow(test, mode, { max_age: '15000' });
      const second = await flow(test, mode, { max_age: '10000' });

      expect(first.idToken['auth_time']).toBe(test.clock() - SIGNED_IN_AGO);
      expect(second.idToken['auth_time']).toBe(first.idToken['auth_time']);
    });

    for (const [module, query] of [
      ['oidcc-prompt-login', { prompt: 'login' }],
      ['oidcc-max-age-1', { max_age: '1' }],
    ] as const) {
      it(`${module}: answers login_required where no proxy can prove a new sign-in`, async () => {
        expect(errorOf(await send(createTestIssuer(), mode, query), mode)).toBe('login_required');
      });

      it(`${module}: signs in anew at an upstream that proves it, with a later auth_time`, async () => {
        const test = createTestIssuer({ policy: { reauthenticateUrl: ANEW } });
        const first = await flow(test, mode);
        test.clock.advance(2);
        const left = await send(test, mode, query);
        const authTime = test.clock() + 3;
        test.clock.advance(5);
        const identity = identify('alice', { authTime });
        const answer = await test.authorize({}, identity, { params: comingBack(left.answer) });
        const code = codeOf({ ...left, answer }, mode);
        const { id_token } = checkTokens(await test.redeem(code));

        expect(claimsOf(id_token)['auth_time']).toBe(authTime);
        expect(authTime).toBeGreaterThan(Number(first.idToken['auth_time']));
      });
    }

    for (const [module, seconds] of [
      ['oidcc-codereuse', 0],
      ['oidcc-codereuse-30seconds', 30],
    ] as const) {
      it(`${module}: answers invalid_grant and ends the first access token`, async () => {
        const test = createTestIssuer();
        const { code, tokens } = await flow(test, mode);
        test.clock.advance(seconds);
        const { status, json } = await test.redeem(code);

        expect({ status, error: json['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
        expect((await test.userinfo(tokens.access_token)).status).toBe(401);
      });
    }

    it('oidcc-ensure-registered-redirect-uri: shows a page, and redirects nowhere', async () => {
      const redirect_uri = `${CALLBACK}/${word()}`;
      const { answer } = await send(createTestIssuer(), mode, { redirect_uri });

      expect(answer).toMatchObject({ status: 400, location: undefined });
    });

    it('oidcc-ensure-post-request-succeeds: takes the request as a form', async () => {
      const test = createTestIssuer();
      const query = { ...COMMON, client_id: 'conf', nonce: word(), state: word() };
      const params = toParams(sortByName({ ...query, response_mode: mode }));
      const answer = await test.authorize({}, undefined, { method: 'POST', params });

      checkTokens(await test.redeem(codeOf({ query, answer }, mode)));
    });

    it('oidcc-server-client-secret-post: signs in a client that posts its secret', async () => {
      await flow(createTestIssuer(), mode, { client_id: 'post' });
    });

    it('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported: answers request_not_supported, never as if it were not there', async () => {
      const inside = { ...COMMON, client_id: 'conf', state: 'inside', nonce: 'inside' };
      const request = `${B64({ alg: 'none' })}.${B64(inside)}.`;
      const sent = await send(createTestIssuer(), mode, { request });

      expect(errorOf(sent, mode)).toBe('request_not_supported');
    });

    it('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: answers request_uri_not_supported', async () => {
      const sent = await send(createTestIssuer(), mode, {
        request_uri: 'https://rp.example/r.jwt',
      });

      expect(errorOf(sent, mode)).toBe('request_uri_not_supported');
    });

    it('oidcc-ensure-request-object-with-redirect-uri: looks at the outer redirect_uri first', async () => {
      const request = `${B64({ alg: 'none' })}.${B64({ ...COMMON, client_id: 'conf' })}.`;
      const redirect_uri = `${CALLBACK}_invalid`;
      const { answer } = await send(createTestIssuer(), mode, { redirect_uri, request });

      expect(answer).toMatchObject({ status: 400, location: undefined, page: undefined });
    });

    it('oidcc-claims-essential: tells the name at userinfo, and not in the ID Token', async () => {
      const claims = '{"userinfo":{"name":{"essential":true}}}';
      const { userinfo, idToken } = await flow(createTestIssuer(), mode, { claims });

      expect(userinfo).toHaveProperty('name');
      expect(idToken).not.toHaveProperty('name');
    });

    it('oidcc-refresh-token: refreshes for two clients, and for neither with the other’s token', async () => {
      const test = createTestIssuer();
      const scope = 'openid offline_access';
      const first = await flow(test, mode, { scope });
      const second = await flow(test, mode, { scope, client_id: 'conf2', nonce: LONG_NONCE });
      for (const [{ tokens, idToken }, caller, form] of [
        [first, 'conf', { scope }],
        [second, 'conf2', {}],
      ] as const) {
        test.clock.advance(1);
        const next = checkTokens(await test.refresh(tokens['refresh_token'] ?? '', form, caller));
        const renewed = claimsOf(next.id_token);

        for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time']) {
          expect(renewed[name], name).toEqual(idToken[name]);
        }
        expect(renewed['iat']).not.toBe(idToken.iat);
        await checkUserinfo(test, next);
      }
      const { status, json } = await test.refresh(second.tokens['refresh_token'] ?? '', {}, 'conf');

      expect({ status, error: json['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
      expect(json['error_description']).toMatch(CHARSET);
    });

    it('oidcc-ensure-request-with-valid-pkce-succeeds: takes the challenge and its verifier', async () => {
      const test = createTestIssuer();
      const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      const sent = await send(test, mode, pkce);
      const code = codeOf(sent, mode);

      checkTokens(await test.redeem(code, { code_verifier: VERIFIER }));
    });
  });
}
