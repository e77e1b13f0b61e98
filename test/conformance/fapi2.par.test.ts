// Modules of the plan for FAPI 2.0 about pushed requests: what may be pushed, by whom, and how long the
// reference counts.

import { describe, expect, it } from 'vitest';
import { startHttp } from '../support/http-app.ts';
import { ISSUER } from '../support/issuer.ts';
import { s256 } from '../support/pkce.ts';
import { ask } from '../support/raw-http.ts';
import { encodeQuery, type Query } from '../support/requests.ts';
import { LOGIN, sentToProxy } from '../support/upstream-urls.ts';
import {
  authorize,
  codeOf,
  createSuite,
  errorOf,
  push,
  requestUriOf,
  signIn,
  visit,
} from './fapi2.fixture.ts';

describe('FAPI 2.0 conformance: what cannot be pushed', () => {
  for (const [module, different, error] of [
    [
      'fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails',
      { redirect_uri: undefined },
      'invalid_request',
    ],
    [
      'fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request',
      { redirect_uri: undefined },
      'invalid_request',
    ],
    [
      'fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri',
      { redirect_uri: 'https://suite.example/callback/unregistered' },
      'invalid_request',
    ],
    [
      'fapi2-security-profile-final-ensure-response-type-code-idtoken-fails',
      { response_type: 'code id_token' },
      'unsupported_response_type',
    ],
    [
      'fapi2-security-profile-final-ensure-response-type-token-fails',
      { response_type: 'token' },
      'unsupported_response_type',
    ],
    [
      'fapi2-security-profile-final-par-ensure-pkce-required',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    ],
    [
      'fapi2-security-profile-final-par-plain-pkce-rejected',
      { code_challenge: s256('plain'), code_challenge_method: 'plain' },
      'invalid_request',
    ],
  ] as const satisfies readonly (readonly [string, Query, string])[]) {
    it(`${module}: answers ${error} at PAR`, async () => {
      const suite = await createSuite();

      expect(errorOf((await push(suite, suite.first, different)).answer)).toBe(error);
      requestUriOf(await push(suite, suite.first));
    });
  }

  it('fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param: answers invalid_request', async () => {
    const suite = await createSuite();
    const request_uri = requestUriOf(await push(suite, suite.first));

    expect(errorOf((await push(suite, suite.first, { request_uri })).answer)).toBe(
      'invalid_request',
    );
  });

  it('fapi2-security-profile-final-par-attempt-invalid-http-method: answers PUT with 405', async () => {
    const suite = await createSuite();
    const { target } = await startHttp({
      issuerUrl: ISSUER,
      deps: { issuer: () => suite.test.issuer },
    });
    const send = async (method: string) => {
      const { form } = await suite.first.authenticate();
      const { query } = await push(suite, suite.first);
      const body = encodeQuery({ ...query, ...form });
      return ask(
        target,
        [
          `${method} /a/par HTTP/1.1`,
          'Host: op.example',
          'Content-Type: application/x-www-form-urlencoded',
          `Content-Length: ${body.length}`,
        ],
        body,
      );
    };

    expect((await send('PUT')).status).toBe(405);
    expect((await send('POST')).status).toBe(201);
  });
});

describe('FAPI 2.0 conformance: how long a reference counts, and for whom', () => {
  it('fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds: takes it again while nobody has signed in', async () => {
    const suite = await createSuite({ different: { policy: { loginUrl: LOGIN } } });
    const pushed = await push(suite, suite.first);

    const first = await visit(suite, pushed, undefined, 'nobody');
    expect(sentToProxy(first).path).toBe('start');
    codeOf(pushed, await visit(suite, pushed));
  });

  it('fapi2-security-profile-final-par-attempt-reuse-request_uri: shows a page once there is a code', async () => {
    const suite = await createSuite();
    const { pushed } = await signIn(suite, suite.first);

    const again = await visit(suite, pushed);
    expect(again.location).toBeUndefined();
    expect(errorOf(again)).toBe('invalid_request_uri');
  });

  it('fapi2-security-profile-final-par-attempt-to-use-expired-request_uri: shows a page after expires_in', async () => {
    const suite = await createSuite();
    const pushed = await push(suite, suite.first);
    const inTime = await push(suite, suite.first);
    const lifetime = Number(pushed.answer.json['expires_in']);

    expect(lifetime).toBeLessThan(30 * 60);
    suite.test.clock.advance(lifetime - 1);
    codeOf(inTime, await visit(suite, inTime));
    suite.test.clock.advance(1);
    const late = await visit(suite, pushed);
    expect(late.location).toBeUndefined();
    expect(errorOf(late)).toBe('invalid_request_uri');
  });

  it('fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client: shows a page', async () => {
    const suite = await createSuite();
    const pushed = await push(suite, suite.first);
    const query = { ...pushed.query, client_id: suite.second.client.clientId };

    const stolen = await visit(suite, { ...pushed, query });
    expect(stolen.location).toBeUndefined();
    expect(errorOf(stolen)).toBe('invalid_request_uri');
    codeOf(pushed, await visit(suite, pushed));
  });
});

const audiences = {
  'fapi2-security-profile-final-par-test-array-as-audience-fails': [
    ISSUER,
    'https://other.example',
  ],
  'fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails': `${ISSUER}/par`,
  'fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails': `${ISSUER}/token`,
} as const;

describe('FAPI 2.0 conformance: assertions at PAR', () => {
  for (const [module, aud] of Object.entries(audiences)) {
    it(`${module}: answers invalid_client`, async () => {
      const suite = await createSuite();
      const { first } = suite;
      const wrong = await first.authenticate({ claims: { aud } });

      expect(errorOf((await push(suite, first, {}, wrong)).answer)).toBe('invalid_client');
      requestUriOf(await push(suite, first, {}, await first.authenticate()));
    });
  }

  it('fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted: takes it', async () => {
    const suite = await createSuite();
    const claims = { nbf: suite.test.clock() + 8 };

    await authorize(suite, suite.first, {}, await suite.first.authenticate({ claims }));
  });

  it('fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails: answers invalid_client', async () => {
    const suite = await createSuite();
    const now = suite.test.clock();
    const claims = { nbf: now + 61, exp: now + 121 };
    const early = await suite.first.authenticate({ claims });

    expect(errorOf((await push(suite, suite.first, {}, early)).answer)).toBe('invalid_client');
  });
});
