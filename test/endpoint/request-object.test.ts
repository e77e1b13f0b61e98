import { CompactSign } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient } from '../support/clients.ts';
import { AUTHORIZE, createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import { type Answer, makeRequest, type Query, sentTo, settle } from '../support/requests.ts';
import { createSigner, type Signer, setOf, startKeyService, text } from '../support/signer.ts';
import { claimsOf } from '../support/tokens.ts';

let signer: Signer;
let other: Signer;
let clients: readonly Client[];

beforeAll(async () => {
  [signer, other] = await Promise.all([createSigner('k1'), createSigner('k2')]);
  const keys = { kind: 'inline', text: setOf(signer) } as const;
  clients = [
    makeClient('jar', { requestObjectSigningAlg: 'ES256', keys }),
    // The attacker's: as valid as `jar`, with a key of its own.
    makeClient('jar2', {
      requestObjectSigningAlg: 'ES256',
      keys: { kind: 'inline', text: setOf(other) },
    }),
    makeClient('strict', {
      requestObjectSigningAlg: 'ES256',
      requireSignedRequestObject: true,
      keys,
    }),
    makeClient('open', { requestObjectSigningAlg: 'none' }),
    makeClient('keyless', { requestObjectSigningAlg: 'ES256' }),
    makeClient('asking', { requestObjectSigningAlg: 'ES256', keys, consent: 'always' }),
  ];
});

const createSigned = (policy = {}): TestIssuer =>
  createTestIssuer({
    clients,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
    policy: { loginUrl: 'https://proxy.example/login?rd=${url}', ...policy },
  });

/** What an honest client signs. */
const claimsFor = (client_id: string, now: number, different: object = {}): object => ({
  iss: client_id,
  aud: ISSUER,
  iat: now,
  nbf: now,
  exp: now + 300,
  ...AUTHORIZE,
  client_id,
  state: 'signed',
  ...different,
});

const signTypeless = (claims: object): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(signer.privateKey);

const TYP = { typ: 'oauth-authz-req+jwt' };

/** Nothing but what has to stand outside. */
const outside = (client_id: string, request: string, more: Query = {}): Query => ({
  ...Object.fromEntries(Object.keys(AUTHORIZE).map((name) => [name, undefined])),
  client_id,
  request,
  ...more,
});

async function ask(
  test: TestIssuer,
  different: object = {},
  more: Query = {},
  clientId = 'jar',
): Promise<Answer> {
  const object = await signer.sign(claimsFor(clientId, test.clock(), different), TYP);
  return test.authorize(outside(clientId, object, more));
}

const errorOf = ({ params, json }: Answer) => params.get('error') ?? json['error'];

const lastReason = ({ events }: TestIssuer): string | undefined => {
  const event = events.at(-1);
  return event !== undefined && 'reason' in event ? event.reason : undefined;
};

const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (claims: object, header: object = { alg: 'none' }): string =>
  `${b64(header)}.${b64(claims)}.`;

describe('a signed request object (RFC 9101 §4, §5; PA-5)', () => {
  it('is a whole request: beside it stands who makes it', async () => {
    const test = createSigned();
    const answer = await ask(test, { nonce: 'n-1' });

    expect(sentTo(answer)).toEqual({
      to: 'https://rp.example/callback',
      code: expect.any(String),
      state: 'signed',
      iss: ISSUER,
    });
    const { json } = await test.redeem(answer.params.get('code') ?? '', {}, 'jar');
    expect(claimsOf(String(json['id_token']))['nonce']).toBe('n-1');
  });

  for (const [what, header] of [
    ['no type', 'none'],
    ['the type JWT', { typ: 'JWT' }],
    ['its own type', TYP],
    ['its own type in full', { typ: 'application/oauth-authz-req+jwt' }],
  ] as const) {
    it(`may have ${what}`, async () => {
      const test = createSigned();
      const claims = claimsFor('jar', test.clock());
      const object =
        header === 'none' ? await signTypeless(claims) : await signer.sign(claims, header);

      expect((await test.authorize(outside('jar', object))).params.has('code')).toBe(true);
    });
  }

  it('is all that counts of its request (RFC 9101 §6.3)', async () => {
    const test = createSigned();
    const answer = await ask(
      test,
      { scope: 'openid' },
      {
        redirect_uri: 'https://rp.example/callback',
        scope: 'openid email',
        state: 'evil',
        nonce: 'evil',
        response_mode: 'form_post',
        prompt: 'none login',
        claims: '{',
        max_age: '0',
      },
    );

    expect(answer.params.get('state')).toBe('signed');
    const { json } = await test.redeem(answer.params.get('code') ?? '', {}, 'jar');
    expect(json['scope']).toBe('openid');
    expect(claimsOf(String(json['id_token']))['nonce']).toBeUndefined();
  });

  it('lacks what stands outside of it only', async () => {
    const test = createSigned();
    const answer = await ask(test, { response_type: undefined }, { response_type: 'code' });

    expect(errorOf(answer)).toBe('invalid_request');
    expect(answer.params.get('state')).toBe('signed');
  });

  it('has numbers, lists and objects where JSON has them', async () => {
    const resource = ['https://api1.example', 'https://api2.example'];
    const client = makeClient('jar', { ...clients[0], resources: resource });
    const test = createTestIssuer({ clients: [client] });
    const claims = { id_token: { email: { essential: true } } };
    const different = { resource, claims, max_age: 3600, scope: 'openid email' };
    const object = await signer.sign(claimsFor('jar', test.clock(), different));
    const identity = {
      subject: 'alice' as never,
      claims: {},
      authTime: test.clock() - 10,
    };
    const { params } = await test.authorize(outside('jar', object), identity);
    const { json } = await test.redeem(params.get('code') ?? '', {}, 'jar');

    expect(claimsOf(String(json['access_token']))['aud']).toEqual(resource);
    expect(claimsOf(String(json['id_token']))).toMatchObject({
      email: 'alice@example.test',
      auth_time: test.clock() - 10,
    });
  });

  it('may leave values empty, and have claims that nobody knows', async () => {
    const test = createSigned();
    const answer = await ask(test, { nonce: '', x: { y: [1] }, z: null, display: 5 });

    expect(answer.params.has('code')).toBe(true);
  });

  it('survives being put aside and answered on a page', async () => {
    const test = createSigned();
    const { page } = await ask(test, {}, {}, 'asking');
    if (page?.kind !== 'consent') throw new Error('no page');
    const allowed = await test.consent({ handle: page.handle, decision: 'allow' });

    expect(allowed.params.get('state')).toBe('signed');
    expect(allowed.params.has('code')).toBe(true);
  });

  it('travels by a handle when somebody has to sign in, so that nobody can take it apart', async () => {
    const test = createSigned();
    const object = await signer.sign(claimsFor('strict', test.clock()));
    const { location = '' } = await test.authorize(outside('strict', object), 'nobody');
    const back = new URL(new URL(location).searchParams.get('rd') ?? '').searchParams;

    expect([...back.keys()].sort()).toEqual(['asteroid_login_attempt', 'asteroid_resume']);
    test.clock.advance(400);
    const answer = await test.authorize({
      ...outside('strict', ''),
      request: undefined,
      ...Object.fromEntries(back),
    });
    expect(answer.params.get('state')).toBe('signed');
    expect(answer.params.has('code')).toBe(true);
  });

  it('may be pushed, without being loosened by what stands beside it (RFC 9126 §3)', async () => {
    const test = createSigned();
    const object = await signer.sign(claimsFor('strict', test.clock(), { scope: 'openid' }));
    const { json } = await test.push(
      { client_id: 'strict', request: object, scope: 'openid email', state: 'evil' },
      'strict',
    );
    const request_uri = String(json['request_uri']);
    test.clock.advance(80);
    const { params } = await test.authorize({
      ...outside('strict', ''),
      request: undefined,
      request_uri,
    });

    expect(params.get('state')).toBe('signed');
    const tokens = await test.redeem(params.get('code') ?? '', {}, 'strict');
    expect(tokens.json['scope']).toBe('openid');
  });
});

describe('a request object that does not count is told to the client, and never read (PA-5)', () => {
  type Make = (test: TestIssuer) => Promise<string> | string;
  const signedBy =
    (different: (now: number) => object, header: object = {}): Make =>
    (test) =>
      signer.sign(claimsFor('jar', test.clock(), different(test.clock())), header);

  for (const [what, make, reason] of [
    [
      'signed by the key of another client',
      (test) => other.sign(claimsFor('jar', test.clock())),
      'request_object_signature',
    ],
    [
      'signed, then changed',
      async (test) => {
        const [head, , signature] = (await signer.sign(claimsFor('jar', test.clock()))).split('.');
        return `${head}.${b64(claimsFor('jar', test.clock(), { scope: 'openid' }))}.${signature}`;
      },
      'request_object_signature',
    ],
    [
      'signed by another algorithm than the registered one',
      async (test) => (await createSigner('k1', 'ES384')).sign(claimsFor('jar', test.clock())),
      'request_object_signature',
    ],
    ['unsigned', (test) => unsigned(claimsFor('jar', test.clock())), 'request_object_malformed'],
    [
      'unsigned, with a third part',
      (test) => `${unsigned(claimsFor('jar', test.clock()))}AAAA`,
      'request_object_signature',
    ],
    ['encrypted', () => 'e30.AAAA.AAAA.AAAA.AAAA', 'request_object_encrypted'],
    ['encrypted with nothing in it', () => 'e30....', 'request_object_encrypted'],
    [
      'raw JSON in five parts (CVE-2026-9793)',
      (test) => `${b64({ alg: 'dir' })}..AAAA.${b64(claimsFor('jar', test.clock()))}.AAAA`,
      'request_object_encrypted',
    ],
    ['no JWT', () => 'nonsense', 'request_object_malformed'],
    ['JSON', (test) => JSON.stringify(claimsFor('jar', test.clock())), 'request_object_malformed'],
    [
      'of the type of access tokens',
      signedBy(() => ({}), { typ: 'at+jwt' }),
      'request_object_malformed',
    ],
    [
      'of the type of client assertions',
      signedBy(() => ({}), { typ: 'client-authentication+jwt' }),
      'request_object_malformed',
    ],
    [
      'of an issuer that is not the client',
      signedBy(() => ({ iss: 'jar2' })),
      'request_object_foreign',
    ],
    ['of no issuer', signedBy(() => ({ iss: undefined })), 'request_object_foreign'],
    [
      'for another issuer',
      signedBy(() => ({ aud: 'https://other.example' })),
      'request_object_foreign',
    ],
    ['for nobody', signedBy(() => ({ aud: undefined })), 'request_object_foreign'],
    ['of another client inside', signedBy(() => ({ client_id: 'jar2' })), 'request_object_foreign'],
    [
      'that would do as an assertion of the client',
      signedBy(() => ({ sub: 'jar' })),
      'request_object_foreign',
    ],
    ['without an end', signedBy(() => ({ exp: undefined })), 'request_object_outdated'],
    ['expired', signedBy((now) => ({ exp: now - 60 })), 'request_object_outdated'],
    ['for tomorrow', signedBy((now) => ({ nbf: now + 61 })), 'request_object_outdated'],
    ['good for too long', signedBy((now) => ({ exp: now + 3661 })), 'request_object_outdated'],
    ['of long ago', signedBy((now) => ({ nbf: now - 3661 })), 'request_object_outdated'],
    ['with a request in it', signedBy(() => ({ request: 'e30.e30.' })), 'request_object_nested'],
    [
      'with a request_uri in it',
      signedBy(() => ({ request_uri: 'urn:x' })),
      'request_object_nested',
    ],
    ['with an empty request in it', signedBy(() => ({ request: '' })), 'request_object_nested'],
    [
      'with a scope that is a list',
      signedBy(() => ({ scope: ['openid'] })),
      'request_object_malformed',
    ],
    ['with a state that is a number', signedBy(() => ({ state: 5 })), 'request_object_malformed'],
    [
      'with a redirect_uri that is null',
      signedBy(() => ({ redirect_uri: null })),
      'request_object_malformed',
    ],
    ['with claims that are text', signedBy(() => ({ claims: '{}' })), 'request_object_malformed'],
    ['with claims that are a list', signedBy(() => ({ claims: [] })), 'request_object_malformed'],
    [
      'with a resource that is a number',
      signedBy(() => ({ resource: [5] })),
      'request_object_malformed',
    ],
    ['with NUL in a value', signedBy(() => ({ state: 'a\0' })), 'request_object_malformed'],
  ] as const satisfies readonly (readonly [string, Make, string])[]) {
    it(what, async () => {
      const test = createSigned();
      const query = { ...AUTHORIZE, client_id: 'jar', request: await make(test) };
      const answer = await test.authorize(query);

      expect(sentTo(answer)).toEqual({
        to: 'https://rp.example/callback',
        error: 'invalid_request_object',
        state: 'state-1',
        iss: ISSUER,
      });
      expect(lastReason(test)).toBe(reason);
      const pushed = await test.push(query, 'jar');
      expect(pushed).toMatchObject({ status: 400, json: { error: 'invalid_request_object' } });
      expect((await ask(test)).params.has('code')).toBe(true);
    });
  }

  it('just within its time it counts', async () => {
    const test = createSigned();
    const now = test.clock();

    for (const times of [
      { exp: now - 59, nbf: undefined, iat: undefined },
      { nbf: now + 60, exp: now + 3660, iat: undefined },
      { nbf: now - 3660 },
    ]) {
      expect((await ask(test, times)).params.has('code')).toBe(true);
    }
  });

  it('is told to nobody but a registered address', async () => {
    const test = createSigned();
    const twice = makeClient('jar', {
      ...clients[0],
      redirectUris: ['https://rp.example/callback', 'https://rp.example/other'],
    });
    test.clients.set('jar', twice);

    for (const redirect_uri of ['https://evil.example', undefined]) {
      const answer = await test.authorize(outside('jar', 'nonsense', { redirect_uri }));
      expect(answer).toMatchObject({ status: 400, location: undefined });
      expect(answer.json['reason']).toBe('redirect_uri_mismatch');
    }
  });

  it('cannot name an address of its own', async () => {
    const answer = await ask(createSigned(), { redirect_uri: 'https://evil.example' });

    expect(answer.json['reason']).toBe('redirect_uri_mismatch');
  });

  it('never replaces a client that is not named outside', async () => {
    const test = createSigned();
    const object = await signer.sign(claimsFor('jar', test.clock()));

    expect((await test.authorize(outside('jar', object, { client_id: undefined }))).status).toBe(
      400,
    );
    const foreign = await test.authorize(outside('jar2', object));
    expect(errorOf(foreign)).toBe('invalid_request_object');
  });

  it('goes together with no request_uri', async () => {
    const answer = await ask(createSigned(), {}, { request_uri: 'https://rp.example/r.jwt' });

    expect(errorOf(answer)).toBe('invalid_request');
  });

  it('needs keys that can be had: without, the client is asked to come again', async () => {
    const test = createSigned();
    const answer = await ask(test, {}, {}, 'keyless');
    expect(errorOf(answer)).toBe('invalid_request_object');

    const service = await startKeyService(text('{}', 500));
    const keys = { kind: 'uri', uri: service.uri, writtenBy: 'client' } as const;
    test.clients.set('keyless', makeClient('keyless', { requestObjectSigningAlg: 'ES256', keys }));
    expect(errorOf(await ask(test, {}, {}, 'keyless'))).toBe('temporarily_unavailable');
  });
});

describe('who may use request objects, and who has to (RFC 9101 §10.5; PA-5)', () => {
  it('nobody who has not registered an algorithm', async () => {
    const test = createSigned();
    const answer = await ask(test, {}, AUTHORIZE, 'conf');

    expect(errorOf(answer)).toBe('request_not_supported');
  });

  it('one that signs everything has nothing unsigned answered', async () => {
    const test = createSigned();

    expect(errorOf(await test.authorize({ client_id: 'strict' }))).toBe('invalid_request');
    expect(lastReason(test)).toBe('request_object_required');
    expect((await test.push({ client_id: 'strict' }, 'strict')).json['reason']).toBe(
      'request_object_required',
    );
    expect((await ask(test, {}, {}, 'strict')).params.has('code')).toBe(true);
  });

  it('all, where the issuer says so', async () => {
    const test = createSigned({ requireSignedRequestObject: true });
    const open = unsigned(claimsFor('open', test.clock()));

    expect(errorOf(await test.authorize())).toBe('invalid_request');
    expect(errorOf(await ask(test, {}, AUTHORIZE, 'conf'))).toBe('invalid_request');
    expect(errorOf(await test.authorize(outside('open', open)))).toBe('invalid_request');
    expect((await ask(test)).params.has('code')).toBe(true);
  });

  it('unsigned ones count for a client that registered none, and signed ones do not', async () => {
    const test = createSigned();
    const claims = claimsFor('open', test.clock());
    const answer = await test.authorize(outside('open', unsigned({ ...claims, exp: undefined })));
    expect(answer.params.get('state')).toBe('signed');
    expect(answer.params.has('code')).toBe(true);

    for (const object of [
      await signer.sign(claims),
      `${unsigned(claims)}AAAA`,
      unsigned(claims, { alg: 'none', crit: ['x'] }),
      unsigned(claims, { alg: 'ES256' }),
      unsigned({ ...claims, iss: 'jar' }),
      unsigned({ ...claims, client_id: 'jar' }),
      unsigned({ ...claims, request: 'x' }),
      unsigned({ ...claims, padding: 'x'.repeat(17 * 1024) }),
    ]) {
      const refused = await test.authorize({ ...AUTHORIZE, client_id: 'open', request: object });
      expect(errorOf(refused)).toBe('invalid_request_object');
    }
  });

  it('the metadata says what some client may use, and nothing of what none may', async () => {
    const read = async (requestObjectSigningAlgs: readonly string[]) => {
      const { issuer } = createTestIssuer({ policy: { requestObjectSigningAlgs } });
      return (await settle(issuer.discovery(makeRequest({ method: 'GET' })))).json;
    };

    expect(await read(['ES256', 'none'])).toMatchObject({
      request_parameter_supported: true,
      request_object_signing_alg_values_supported: ['ES256', 'none'],
    });
    expect(await read([])).not.toHaveProperty('request_object_signing_alg_values_supported');
  });
});

describe('a request_uri of somebody is asked by nobody (PA-5)', () => {
  it('not at the authorization endpoint, and not where requests are pushed', async () => {
    const test = createSigned();
    const canary = await startKeyService(text('e30.e30.'));
    const query = { ...AUTHORIZE, client_id: 'jar', request_uri: canary.uri };

    expect(errorOf(await test.authorize(query))).toBe('request_uri_not_supported');
    expect((await test.push(query, 'jar')).json['error']).toBe('invalid_request');
    expect(canary.asked).toEqual([]);
  });

  it('nor by a key service that the object names itself', async () => {
    const test = createSigned();
    const canary = await startKeyService(text(setOf(other)));
    const header = { jku: canary.uri, jwk: other.jwk, x5u: canary.uri };
    const object = await other.sign(claimsFor('jar', test.clock()), header);

    const answer = await test.authorize({ ...AUTHORIZE, client_id: 'jar', request: object });
    expect(errorOf(answer)).toBe('invalid_request_object');
    expect(canary.asked).toEqual([]);
  });
});

describe('PKCE and the code', () => {
  it('are what was signed, not what a link says', async () => {
    const test = createSigned();
    const answer = await ask(test, PKCE, { code_challenge: 'x', code_challenge_method: 'plain' });
    const refused = await test.redeem(answer.params.get('code') ?? '', {}, 'jar');

    expect(refused.json['reason']).toBe('code_verifier_mismatch');
  });
});
