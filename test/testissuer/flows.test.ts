import { describe, expect, it } from 'vitest';
import type { Issuer } from '../../internal/oidc/issuer.ts';
import type { StepName } from '../../internal/testissuer/api.ts';
import {
  authorizeUrl,
  CALLBACK,
  complaint,
  configure,
  get,
  post,
  SECRET,
  signIn,
  start,
  visit,
} from './testissuer.fixture.ts';

/** The compiler compares: a step is an endpoint of the domain, and each of those is a step. */
const isStep = (name: keyof Issuer): StepName => name;
const isEndpoint = (name: StepName): keyof Issuer => name;

describe('flows', () => {
  it('are the steps of a client, the same in every run', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const config = await configure(issuer);
    const tokens = await signIn(config, { scope: 'openid', prompt: 'none' });
    await get(`${issuer.url}/userinfo`, tokens.access_token);
    await post(`${issuer.url}/introspect`, { token: tokens.access_token });
    await post(`${issuer.url}/revoke`, { token: tokens.access_token });
    await get(`${issuer.url}/userinfo`, tokens.access_token);

    expect(issuer.flows()).toEqual([
      { step: 'discovery', request: {}, status: 200 },
      {
        step: 'authorize',
        client: 'web',
        user: 'alice',
        request: {
          response_type: 'code',
          redirect_uri: CALLBACK,
          scope: 'openid',
          prompt: 'none',
          state: '[redacted]',
          code_challenge: '[redacted]',
          code_challenge_method: 'S256',
        },
        status: 303,
      },
      {
        step: 'token',
        client: 'web',
        user: 'alice',
        request: {
          grant_type: 'authorization_code',
          redirect_uri: CALLBACK,
          code: '[redacted]',
          code_verifier: '[redacted]',
        },
        status: 200,
      },
      { step: 'jwks', request: {}, status: 200 },
      { step: 'userinfo', client: 'web', user: 'alice', request: {}, status: 200 },
      {
        step: 'introspect',
        client: 'web',
        user: 'alice',
        request: { token: '[redacted]' },
        status: 200,
      },
      {
        step: 'revoke',
        client: 'web',
        user: 'alice',
        request: { token: '[redacted]' },
        status: 200,
      },
      {
        step: 'userinfo',
        client: 'web',
        user: 'alice',
        request: {},
        status: 401,
        error: 'invalid_token',
      },
    ]);
  });

  it('say what was refused, wherever the answer says it', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    await fetch(authorizeUrl(issuer, { client_id: 'nobody' }));
    await visit(authorizeUrl(issuer, { response_type: 'token' }));
    await visit(authorizeUrl(issuer, { response_type: 'token', response_mode: 'jwt' }));
    await fetch(authorizeUrl(issuer, { response_type: 'token', response_mode: 'form_post' }));
    await post(`${issuer.url}/token`, { grant_type: 'password', username: 'x', password: 'y' });
    await post(`${issuer.url}/token`, { grant_type: 'client_credentials' });

    expect(
      issuer.flows().map(({ step, client, status, error }) => [step, client, status, error]),
    ).toEqual([
      ['authorize', 'nobody', 400, 'invalid_request'],
      ['authorize', 'web', 303, 'unsupported_response_type'],
      ['authorize', 'web', 303, 'unsupported_response_type'],
      ['authorize', 'web', 200, 'unsupported_response_type'],
      ['token', 'web', 400, 'unsupported_grant_type'],
      ['token', 'web', 400, 'unauthorized_client'],
    ]);
  });

  it('say why, which the answer does not, and nothing where nothing was refused', async () => {
    const issuer = await start();
    const form = { grant_type: 'authorization_code', code: 'ac_unknown', redirect_uri: CALLBACK };
    const inBody = new URLSearchParams({ ...form, client_id: 'web', client_secret: SECRET });
    const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body: inBody });
    await post(`${issuer.url}/token`, form);
    issuer.signIn('alice');
    await visit(authorizeUrl(issuer));

    expect(await answer.text()).not.toContain('client_auth_method_mismatch');
    expect(issuer.flows().map(({ step, error, reason }) => [step, error, reason])).toEqual([
      ['token', 'invalid_client', 'client_auth_method_mismatch'],
      ['token', 'invalid_grant', 'code_unknown'],
      ['authorize', undefined, undefined],
    ]);
  });

  it('hold no secret, code, token or verifier, under whatever name it was sent', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const tokens = await issuer.issue({ as: 'alice', client: 'web' });
    const secrets = {
      client_secret: SECRET,
      code: 'ac_something-secret',
      code_verifier: 'verifier-verifier-verifier-verifier-verifier',
      refresh_token: tokens.refresh_token ?? '',
      token: tokens.access_token,
      access_token: tokens.access_token,
      subject_token: tokens.access_token,
      id_token_hint: tokens.id_token ?? '',
      assertion: 'assertion-assertion',
      client_assertion: 'client-assertion-client-assertion',
      request: 'request-object-request-object',
      request_uri: 'urn:ietf:params:oauth:request_uri:pu_secret',
      state: 'state-that-is-secret',
      nonce: 'nonce-that-is-secret',
      device_code: 'dc_something-secret',
      password: 'password-of-somebody',
      a_name_nobody_knows: 'a-value-nobody-knows',
    };
    for (const path of ['/token', '/introspect', '/revoke', '/par']) {
      await post(`${issuer.url}${path}`, { grant_type: 'x', ...secrets });
    }
    await fetch(authorizeUrl(issuer, secrets));
    const recorded = issuer.flows();
    const text = JSON.stringify(recorded);

    expect(recorded).toHaveLength(5);
    for (const value of Object.values(secrets)) expect(text).not.toContain(value);
    for (const { request } of recorded) {
      for (const name of Object.keys(secrets)) expect(request[name]).toBe('[redacted]');
    }
  });

  it('know clients that do not name themselves, and clients that act for themselves', async () => {
    const issuer = await start();
    await post(`${issuer.url}/token`, { grant_type: 'client_credentials' }, 'machine');
    const { access_token } = await issuer.issue({ client: 'machine' });
    await get(`${issuer.url}/userinfo`, access_token);
    await get(`${issuer.url}/userinfo`, 'nobody-s-token');

    expect(issuer.flows()).toMatchObject([
      { step: 'token', client: 'machine', request: { grant_type: 'client_credentials' } },
      { step: 'userinfo', client: 'machine', status: 403, error: 'insufficient_scope' },
      { step: 'userinfo', status: 401, error: 'invalid_token' },
    ]);
    for (const step of issuer.flows()) expect(step).not.toHaveProperty('user');
    expect(issuer.flows()[2]).not.toHaveProperty('client');
  });

  it('know whose a token was that has expired', async () => {
    const issuer = await start();
    const { access_token } = await issuer.issue({ as: 'alice', client: 'web' });
    issuer.clock.advance('30d');
    await get(`${issuer.url}/userinfo`, access_token);

    expect(issuer.flows()).toMatchObject([{ client: 'web', user: 'alice', status: 401 }]);
  });

  it('have every value of a parameter that was sent twice, and no port of the issuer', async () => {
    const issuer = await start();
    const body = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['resource', 'https://api.example'],
      ['resource', issuer.url],
    ]);
    const headers = { Authorization: `Basic ${btoa(`machine:${SECRET}`)}` };
    await fetch(`${issuer.url}/token`, { method: 'POST', headers, body });

    expect(issuer.flows()).toMatchObject([
      { request: { resource: ['https://api.example', '[issuer]'] }, error: 'invalid_target' },
    ]);
  });

  it('name the faults that had their way, and say what the client got', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const config = await configure(issuer);
    issuer.faults.once('token.status', { status: 503 });
    issuer.faults.once('id_token.signature.corrupt');
    const refused = await complaint(() => signIn(config));
    await complaint(() => signIn(config));
    await signIn(config);
    const tokens = issuer.flows().filter(({ step }) => step === 'token');

    expect(refused).not.toBe('nothing was wrong');
    expect(tokens.map(({ status, faults }) => [status, faults])).toEqual([
      [503, ['token.status']],
      [200, ['id_token.signature.corrupt']],
      [200, undefined],
    ]);
  });

  it('are the last of very many', async () => {
    const issuer = await start();
    const ask = () => fetch(`${issuer.url}/jwks.json`).then((answer) => answer.text());
    await ask();
    for (let turn = 0; turn < 20; turn += 1) await Promise.all(Array.from({ length: 50 }, ask));
    await fetch(authorizeUrl(issuer, { client_id: 'last' }));

    const steps = issuer.flows();
    expect(steps).toHaveLength(1000);
    expect(steps.at(-1)?.client).toBe('last');
  });

  it('are a copy: nobody changes what was recorded', async () => {
    const issuer = await start();
    await get(`${issuer.url}/jwks.json`);
    const flows = [...issuer.flows()];
    flows.length = 0;

    expect(issuer.flows()).toHaveLength(1);
    expect(isStep('jwks')).toBe(isEndpoint('jwks'));
  });
});
