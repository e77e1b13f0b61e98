import { describe, expect, it } from 'vitest';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic, withHeader } from '../support/requests.ts';
import { claimsOf, headerOf, verifyAsStranger } from '../support/tokens.ts';

const JWT = 'application/token-introspection+jwt';
const API1 = 'https://api1.example';
const apis = makeClient('apis', { resources: [API1] });
const servers = ['one', 'two'].map((name) =>
  makeClient(`server-${name}`, {
    grantTypes: [],
    redirectUris: [],
    serves: [`https://api-${name}.example`, ...(name === 'one' ? [API1] : [])],
    introspectionSignedResponseAlg: 'ES256',
  }),
);

const createSigning = () => createTestIssuer({ clients: [apis, ...servers] });

/** What a resource server gets that asks with this `Accept`. */
function ask({ introspect }: TestIssuer, token: string, caller: string, accept = JWT) {
  const { form, headers } = withHeader(basic(caller));
  return introspect(token, { form, headers: { ...headers, accept } });
}

function jwtOf({ response }: Answer): string {
  if (response.kind !== 'text') throw new Error(`no JWT: ${response.kind}`);
  expect(response.mediaType).toBe(JWT);
  return response.body;
}

describe('introspection as a JWT (RFC 9701 §5; IN-5)', () => {
  it('says who answers whom, when, and all that the JSON would say', async () => {
    const test = createSigning();
    const { access_token } = await test.signIn({ client_id: 'apis', resource: API1 });

    const text = jwtOf(await ask(test, access_token, 'server-one'));

    const { payload, protectedHeader } = await verifyAsStranger(text, test);
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'token-introspection+jwt' });
    const { json } = await ask(test, access_token, 'server-one', 'application/json');
    expect(json).toMatchObject({ active: true, sub: 'alice', client_id: 'apis', aud: API1 });
    expect(payload).toEqual({
      iss: ISSUER,
      aud: 'server-one',
      iat: test.clock(),
      token_introspection: json,
    });
  });

  for (const alg of SIGNING_ALGS)
    it(`is signed with ${alg} for a caller that registered it`, async () => {
      const rs = makeClient('rs', { introspectionSignedResponseAlg: alg, serves: [API1] });
      const test = createTestIssuer({ clients: [apis, rs] });
      const { access_token } = await test.signIn({ client_id: 'apis', resource: API1 });

      const text = jwtOf(await ask(test, access_token, 'rs'));

      expect((await verifyAsStranger(text, test)).protectedHeader.alg).toBe(alg);
    });

  it('says of a token that does not concern the caller what it says of none (IN-1, IN-2)', async () => {
    const test = createSigning();
    const { access_token, refresh_token } = await test.signIn({
      client_id: 'apis',
      resource: API1,
    });
    const facts = async (token: string, caller: string) =>
      claimsOf(jwtOf(await ask(test, token, caller)))['token_introspection'];

    for (const token of [access_token, refresh_token, 'unknown', `${access_token}A`])
      expect(await facts(token, 'server-two')).toEqual({ active: false });
    expect(await facts(refresh_token, 'server-one')).toEqual({ active: false });
    expect(await facts(access_token, 'server-one')).toMatchObject({ active: true });
  });

  it('is nothing that another endpoint takes (RFC 9701 §8.1)', async () => {
    const test = createSigning();
    const { access_token } = await test.signIn({ client_id: 'apis', resource: API1 });
    const text = jwtOf(await ask(test, access_token, 'server-one'));

    expect(headerOf(text)['typ']).toBe('token-introspection+jwt');
    expect((await test.userinfo(text)).status).toBe(401);
    expect((await test.introspect(text, 'server-one')).json).toEqual({ active: false });
    const hinted = await test.authorize({ client_id: 'apis', id_token_hint: text });
    expect(hinted.params.get('error')).toBe('invalid_request');
  });
});

describe('introspection: JSON or JWT (RFC 9701 §4; IN-5)', () => {
  const kindFor = async (accept: string | undefined, caller = 'server-one') => {
    const test = createSigning();
    return (await ask(test, 'unknown', caller, accept)).response.kind;
  };

  for (const accept of [
    JWT,
    'Application/Token-Introspection+JWT',
    `text/html, ${JWT};q=0.5`,
    `application/json, ${JWT}`,
    `application/json;q=0.9, ${JWT} ; Q=1.000`,
    `${JWT}; q=0.001`,
  ])
    it(`is a JWT for "${accept}"`, async () => {
      expect(await kindFor(accept)).toBe('text');
    });

  for (const accept of [
    '',
    '*/*',
    'application/*',
    'application/json',
    'application/jwt',
    `${JWT};q=0`,
    `${JWT};q=0.000`,
    `${JWT};q=x`,
    `${JWT};q=1.5`,
    `${JWT}x`,
    `application/json, ${JWT};q=0.5`,
  ])
    it(`is JSON for "${accept}"`, async () => {
      expect(await kindFor(accept)).toBe('json');
    });

  it('is JSON for a caller that registered no algorithm, whatever it accepts', async () => {
    expect(await kindFor(JWT, 'rs1')).toBe('json');
  });

  it('is still refused to callers that do not prove who they are, in JSON', async () => {
    const { introspect } = createSigning();
    const answer = await introspect('x', { form: {}, headers: { accept: JWT } });

    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  });
});
