import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ASSERTION_ALGS } from '../../internal/protocol/client-assertion.ts';
import {
  clearSecret,
  createSigner,
  encode,
  JWT_BEARER,
  JWT_SPIFFE,
  keyClient,
  macClient,
  macOf,
  ownClaims,
  type Signer,
  setOf,
  withAssertion,
} from '../support/assertions.ts';
import { makeClient, secretOf } from '../support/clients.ts';
import { createTestIssuer, type Different, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { START } from '../support/keys.ts';
import { basic, type Credentials, withForm, withHeader } from '../support/requests.ts';
import { startKeyService, text } from '../support/signer.ts';

const grant_type = 'client_credentials';
const key = await createSigner('k1');
const foreign = await createSigner('k1');
const viaKey = keyClient('viakey', [key]);
const other = keyClient('other', [foreign]);
const viaMac = macClient('viamac');

const create = (different: Different = {}): TestIssuer =>
  createTestIssuer({ clients: [viaKey, other, viaMac], ...different });

/** Status, code and reason: the last for the log alone. */
async function present({ token }: TestIssuer, credentials: Credentials): Promise<string> {
  const { status, json } = await token({ grant_type }, credentials);
  return status === 200 ? '200' : `${status} ${json['error']} ${json['reason']}`;
}

const signed = (different: object = {}, header: object = {}, signer: Signer = key) =>
  signer.sign(ownClaims('viakey', ISSUER, different), header);

describe('private_key_jwt (RFC 7523 §3, OIDC Core §9; CA-6)', () => {
  it('takes what the client signed for this issuer, with or without its client_id', async () => {
    const test = create();

    expect(await present(test, withAssertion(await signed()))).toBe('200');
    expect(await present(test, withAssertion(await signed(), { client_id: 'viakey' }))).toBe('200');
  });

  it.each([
    ['no iat', { iat: undefined }],
    ['no exp beyond a second', { exp: START + 1 }],
    ['five minutes to live', { exp: START + 300 }],
    ['an nbf 8 seconds ahead', { nbf: START + 8 }],
    ['an iat 10 seconds ahead', { iat: START + 10 }],
    ['an end 9 seconds ago, by a clock that is late', { exp: START - 9 }],
    ['a jti of 256 characters', { jti: 'j'.repeat(256) }],
    ['a claim that means nothing here', { scope: 'x' }],
  ])('takes %s', async (_what, different) => {
    expect(await present(create(), withAssertion(await signed(different)))).toBe('200');
  });

  it.each([
    ['the iss of another', { iss: 'other' }, 'issuer'],
    ['no iss', { iss: undefined }, 'issuer'],
    ['an iss in a list', { iss: ['viakey'] }, 'issuer'],
    ['no sub', { sub: undefined }, 'subject'],
    ['a sub that is a number', { sub: 7 }, 'subject'],
    ['no aud', { aud: undefined }, 'audience'],
    ['the token endpoint as aud', { aud: `${ISSUER}/token` }, 'audience'],
    ['another endpoint as aud', { aud: `${ISSUER}/par` }, 'audience'],
    ['another issuer as aud', { aud: 'https://other.example' }, 'audience'],
    ['the issuer and a slash as aud', { aud: `${ISSUER}/` }, 'audience'],
    ['a list of the issuer as aud', { aud: [ISSUER] }, 'audience'],
    ['the issuer and another as aud', { aud: [ISSUER, 'https://other.example'] }, 'audience'],
    ['a map as aud', { aud: { [ISSUER]: true } }, 'audience'],
    ['a number as aud', { aud: 1 }, 'audience'],
    ['no exp', { exp: undefined }, 'claims'],
    ['exp as text', { exp: String(START + 60) }, 'claims'],
    ['an iat that is text', { iat: 'now' }, 'claims'],
    ['an end 10 seconds ago', { exp: START - 10 }, 'expired'],
    ['an end five minutes ago', { exp: START - 300 }, 'expired'],
    ['more than five minutes to live', { exp: START + 311 }, 'lives_too_long'],
    ['a year to live', { exp: START + 31_536_000 }, 'lives_too_long'],
    ['an nbf more than a minute ahead', { nbf: START + 61 }, 'ahead'],
    ['an iat more than a minute ahead', { iat: START + 61 }, 'ahead'],
    ['no jti', { jti: undefined }, 'jti'],
    ['an empty jti', { jti: '' }, 'jti'],
    ['a jti that is a number', { jti: 7 }, 'jti'],
    ['a jti of 257 characters', { jti: 'j'.repeat(257) }, 'jti'],
  ])('refuses %s', async (_what, different, reason) => {
    const credentials = withAssertion(await signed(different), { client_id: 'viakey' });

    expect(await present(create(), credentials)).toBe(
      `401 invalid_client client_assertion_${reason}`,
    );
  });

  it.each(['JWT', 'jwt', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    'takes the type %s',
    async (typ) => {
      expect(await present(create(), withAssertion(await signed({}, { typ })))).toBe('200');
    },
  );

  it('takes no type at all', async () => {
    expect(await present(create(), withAssertion(await signed({}, { typ: undefined })))).toBe(
      '200',
    );
  });

  it.each(['dpop+jwt', 'at+jwt', 'logout+jwt', 'oauth-authz-req+jwt', 'secevent+jwt', ''])(
    'refuses the type %j of another profile',
    async (typ) => {
      expect(await present(create(), withAssertion(await signed({}, { typ })))).toBe(
        '401 invalid_client client_assertion_type_wrong',
      );
    },
  );

  it('refuses what is no JWT, without failing over it', async () => {
    const [head = '', body = '', tail = ''] = (await signed()).split('.');
    const texts = [
      '',
      'x',
      '.'.repeat(1_000_000),
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}.${body}.${tail}.${tail}.${tail}`,
      `${head}=.${body}.${tail}`,
      `${head}.${encode('[]')}.${tail}`,
      `${head}.${encode('null')}.${tail}`,
      `${head}.${encode('"viakey"')}.${tail}`,
      `${head}.${encode('{')}.${tail}`,
      `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${tail}`,
      `${encode('{}')}.${body}.${tail}`,
      `${encode('[]')}.${body}.${tail}`,
      `!!.${body}.${tail}`,
    ];
    for (const assertion of texts) {
      const credentials = withAssertion(assertion, { client_id: 'viakey' });
      expect(await present(create(), credentials)).toBe(
        '401 invalid_client client_assertion_malformed',
      );
    }
  });

  it('refuses every other client_assertion_type, and none', async () => {
    for (const type of [
      undefined,
      '',
      `${JWT_BEARER} `,
      JWT_BEARER.toUpperCase(),
      'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ]) {
      const credentials = withAssertion(await signed(), { client_assertion_type: type });
      expect(await present(create(), credentials)).toBe(
        '401 invalid_client client_assertion_unsupported',
      );
    }
  });

  it('answers for an unknown client as for a wrong assertion', async () => {
    const { token } = create();
    const answers = await Promise.all(
      [
        await key.sign(ownClaims('nobody', ISSUER)),
        await signed({ aud: 'https://other.example' }),
        await signed({}, {}, foreign),
        await key.sign(ownClaims('conf', ISSUER)),
        'x.y.z',
      ].map((assertion) => token({ grant_type }, withAssertion(assertion))),
    );

    const wire = answers.map(({ status, json: { reason: _, ...body } }) => ({ status, body }));
    expect(new Set(wire.map((it) => JSON.stringify(it))).size).toBe(1);
    expect(wire[0]).toEqual({
      status: 401,
      body: { error: 'invalid_client', error_description: 'client authentication failed' },
    });
  });
});

describe('private_key_jwt for the URL of the token endpoint, where the client is registered so (CA-6)', () => {
  const lenient = keyClient('viakey', [key], { tokenEndpointAuthAudience: 'token_endpoint' });
  const test = () => create({ clients: [lenient] });

  it.each([ISSUER, `${ISSUER}/token`])('takes %s as one text', async (aud) => {
    expect(await present(test(), withAssertion(await signed({ aud })))).toBe('200');
  });

  it.each([
    [[`${ISSUER}/token`]],
    [`${ISSUER}/par`],
    [`${ISSUER}/token/`],
    [`${ISSUER}/introspect`],
  ])('refuses %j', async (aud) => {
    expect(await present(test(), withAssertion(await signed({ aud })))).toBe(
      '401 invalid_client client_assertion_audience',
    );
  });
});

describe('one way of authenticating at a time (RFC 6749 §2.3; CA-4)', () => {
  it.each([
    [
      'an assertion and Basic',
      async () => withHeader(basic('viakey'), withAssertion(await signed()).form),
    ],
    [
      'an assertion and a secret',
      async () => withAssertion(await signed(), { client_secret: 'x' }),
    ],
    [
      'the assertion of another client',
      async () => withAssertion(await signed(), { client_id: 'other' }),
    ],
    [
      'that of another for nobody',
      async () => withAssertion(await signed(), { client_id: 'nobody' }),
    ],
    [
      'two assertions',
      async () => withAssertion('', { client_assertion: [await signed(), await signed()] }),
    ],
    [
      'two types',
      async () =>
        withAssertion(await signed(), { client_assertion_type: [JWT_BEARER, JWT_BEARER] }),
    ],
  ])('refuses %s with invalid_request', async (_what, credentials) => {
    expect(await present(create(), await credentials())).toMatch(/^400 invalid_request /);
  });
});

describe('the registered way, and no other (OIDC Core §9; CA-5)', () => {
  const post = (clientId: string) =>
    withForm({ client_id: clientId, client_secret: secretOf(clientId) });

  it.each([
    ['a client of a key with a secret', async () => post('viakey')],
    ['a client of a key with Basic', async () => withHeader(basic('viakey'))],
    ['a client of a key that only names itself', async () => withForm({ client_id: 'viakey' })],
    ['a client that signs with its secret, and shows it', async () => post('viamac')],
    ['the same by Basic', async () => withHeader(basic('viamac'))],
    ['the same with an empty secret', async () => withHeader(basic('viamac', ''))],
    [
      'a client of Basic that signs with its secret',
      async () => withAssertion(macOf(secretOf('svc'), ownClaims('svc', ISSUER))),
    ],
    [
      'a public client that signs',
      async () => withAssertion(await key.sign(ownClaims('spa', ISSUER))),
    ],
    [
      'a client of a key whose assertion comes as an SVID',
      async () =>
        withAssertion(await signed(), { client_assertion_type: JWT_SPIFFE, client_id: 'viakey' }),
    ],
  ])('refuses %s', async (_what, credentials) => {
    expect(await present(create(), await credentials())).toBe(
      '401 invalid_client client_auth_method_mismatch',
    );
  });

  it.each([
    ['a client of a key that signs by HMAC', () => macOf(key.spki, ownClaims('viakey', ISSUER))],
    ['a client of HMAC that signs with a key', () => key.sign(ownClaims('viamac', ISSUER))],
  ])('refuses %s', async (_what, assertion) => {
    expect(await present(create(), withAssertion(await assertion()))).toBe(
      '401 invalid_client client_assertion_alg',
    );
  });

  it('is the same at introspection and revocation', async () => {
    const { introspect, revoke } = create();

    for (const ask of [introspect, revoke]) {
      expect((await ask('x', withAssertion(await signed()))).status).toBe(200);
      expect((await ask('x', withAssertion(await signed({}, {}, foreign)))).status).toBe(401);
      expect((await ask('x', withForm({ client_id: 'viakey' }))).status).toBe(401);
    }
  });
});

describe('the client registers the algorithm and the key, and the assertion neither (RFC 8725 §3.1–§3.4; CA-7)', () => {
  it.each(ASSERTION_ALGS.private_key_jwt)('verifies %s', async (alg) => {
    const signer = await createSigner('a', alg);
    const test = create({ clients: [keyClient('viakey', [signer])] });

    expect(await present(test, withAssertion(await signed({}, {}, signer)))).toBe('200');
  });

  it('takes the registered algorithm only', async () => {
    const rsa = await createSigner('rsa', 'RS256');
    const { alg: _, ...jwk } = rsa.jwk;
    const client = keyClient('viakey', [], {
      keys: { kind: 'inline', text: JSON.stringify({ keys: [key.jwk, jwk] }) },
    });
    const only = (tokenEndpointAuthSigningAlg: string) =>
      create({ clients: [{ ...client, tokenEndpointAuthSigningAlg }] });

    const byRsa = () => signed({}, {}, rsa).then(withAssertion);
    expect(await present(only('RS256'), await byRsa())).toBe('200');
    expect(await present(only('ES256'), await byRsa())).toMatch(/client_assertion_alg$/);
    expect(await present(only('PS256'), await byRsa())).toMatch(/client_assertion_alg$/);
    expect(await present(only('ES256'), withAssertion(await signed()))).toBe('200');
  });

  it.each(['none', 'None', 'nOnE', 'HS256', 'HS384', 'HS512', 'ES256K', ''])(
    'refuses alg %j',
    async (alg) => {
      const [, body, tail] = (await signed()).split('.');
      const assertion = `${encode({ alg })}.${body}.${tail}`;

      expect(await present(create(), withAssertion(assertion))).toMatch(/client_assertion_alg$/);
    },
  );

  it('refuses HMAC with any text of a public key, of the client or of ours', async () => {
    const test = create();
    const [ours] = test.deps.keys.publicKeys();
    for (const secret of [
      key.spki,
      JSON.stringify(key.jwk),
      setOf(key),
      JSON.stringify(ours),
      Buffer.from(key.spki.replace(/-----.*-----|\n/g, ''), 'base64'),
    ]) {
      expect(
        await present(test, withAssertion(macOf(secret, ownClaims('viakey', ISSUER)))),
      ).toMatch(/client_assertion_alg$/);
    }
  });

  it.each([
    ['an all-zero signature', Buffer.alloc(64)],
    ['half a signature', Buffer.alloc(32, 1)],
    ['a signature in DER', Buffer.from('3006020101020101', 'hex')],
  ])('refuses %s', async (_what, signature) => {
    const [head, body] = (await signed()).split('.');
    const assertion = `${head}.${body}.${signature.toString('base64url')}`;

    expect(await present(create(), withAssertion(assertion))).toMatch(
      /client_assertion_signature$/,
    );
  });

  it('asks nobody whom a header names, and takes no key from it', async () => {
    const canary = await startKeyService(text(setOf(foreign)));
    for (const header of [
      { jku: canary.uri },
      { x5u: canary.uri },
      { jwk: foreign.jwk },
      { x5c: ['MIIB'] },
    ]) {
      const assertion = await signed({}, header, foreign);
      expect(await present(create(), withAssertion(assertion))).toMatch(
        /client_assertion_signature$/,
      );
    }
    expect(canary.asked).toEqual([]);
  });

  it('refuses an extension that has to be understood', async () => {
    const [, body, tail] = (await signed()).split('.');
    const head = encode({ alg: 'ES256', kid: 'k1', b64: false, crit: ['b64'] });

    expect(await present(create(), withAssertion(`${head}.${body}.${tail}`))).toMatch(
      /client_assertion_malformed$/,
    );
  });

  it('refuses what another client signed, and what it signed with a key that is only alike', async () => {
    const assertion = await foreign.sign(ownClaims('viakey', ISSUER));

    expect(await present(create(), withAssertion(assertion))).toMatch(/signature$/);
  });

  it('refuses a client that has registered no key', async () => {
    const bare = keyClient('viakey', [], { keys: undefined });

    expect(await present(create({ clients: [bare] }), withAssertion(await signed()))).toMatch(
      /signature$/,
    );
  });
});

describe('the key of an assertion (RFC 8725 §3.10; CA-9)', () => {
  it.each([
    ['another key id', 'k2'],
    ['a path', '../../etc/passwd'],
    ['a name of JavaScript', '__proto__'],
    ['SQL', "' OR 1=1 --"],
    ['10 000 characters', 'k'.repeat(10_000)],
  ])('is not found by %s', async (_what, kid) => {
    expect(await present(create(), withAssertion(await signed({}, { kid })))).toMatch(
      /^401 invalid_client client_assertion_(?:signature|malformed)$/,
    );
  });

  it('is of the client, even when its id is that of a key of ours', async () => {
    const test = create();
    const [ours] = test.deps.keys.publicKeys();
    const twin = await createSigner(String(ours?.kid));
    test.clients.set('viakey', keyClient('viakey', [twin]));

    expect(await present(test, withAssertion(await signed({}, {}, twin)))).toBe('200');
    const { aud: _, ...rest } = ownClaims('viakey', ISSUER);
    const own = await test.deps.keys.sign('ES256', 'JWT', { ...rest, aud: ISSUER });
    expect(await present(test, withAssertion(own))).toMatch(/signature$/);
  });

  it('may be left unnamed where there is one, and not where there is a choice', async () => {
    const second = await createSigner('k2');
    const both = create({ clients: [keyClient('viakey', [key, second])] });

    expect(await present(create(), withAssertion(await signed({}, { kid: undefined })))).toBe(
      '200',
    );
    expect(await present(both, withAssertion(await signed({}, { kid: undefined })))).toMatch(
      /signature$/,
    );
  });

  it('is fetched again once for an unknown id, and not for each', async () => {
    const service = await startKeyService(text(setOf(key)));
    const keys = { kind: 'uri', uri: service.uri, writtenBy: 'client' } as const;
    const test = create({ clients: [keyClient('viakey', [], { keys })] });
    const rotated = await createSigner('k2');

    expect(await present(test, withAssertion(await signed()))).toBe('200');
    for (let guess = 0; guess < 20; guess += 1) {
      const assertion = await signed({}, { kid: `guess-${guess}` });
      expect(await present(test, withAssertion(assertion))).toMatch(/signature$/);
    }
    expect(service.asked).toHaveLength(1);

    service.answers(text(setOf(key, rotated)));
    test.clock.advance(60);
    const late = await signed({ exp: START + 120 }, {}, rotated);
    expect(await present(test, withAssertion(late))).toBe('200');
    expect(service.asked).toHaveLength(2);
  });

  it('cannot be had while its service is down: nobody is refused for it', async () => {
    const service = await startKeyService(text('', 500));
    const keys = { kind: 'uri', uri: service.uri, writtenBy: 'client' } as const;
    const test = create({ clients: [keyClient('viakey', [], { keys })] });

    await expect(present(test, withAssertion(await signed()))).rejects.toMatchObject({
      name: 'Unavailable',
      dependency: 'keys',
    });
  });
});

describe('client_secret_jwt (RFC 7518 §3.2, OIDC Core §9; CA-6, CA-12)', () => {
  const long = 's'.repeat(32) + randomUUID();
  const clients = [macClient('viamac', { secrets: [clearSecret(long)] })];
  const mac = (secret = long, header: object = {}, hash = 'sha256', different: object = {}) =>
    withAssertion(macOf(secret, ownClaims('viamac', ISSUER, different), header, hash));

  it('takes what the client signed with its secret, by each hash', async () => {
    expect(await present(create({ clients }), mac())).toBe('200');
    expect(await present(create({ clients }), mac(long, { alg: 'HS384' }, 'sha384'))).toBe('200');
    expect(await present(create({ clients }), mac(long, { alg: 'HS512' }, 'sha512'))).toBe('200');
  });

  it('takes any live secret during a rotation, and no other', async () => {
    const next = 'n'.repeat(32);
    const rolling = macClient('viamac', { secrets: [clearSecret(long), clearSecret(next)] });
    const test = create({ clients: [rolling] });

    expect(await present(test, mac(long))).toBe('200');
    expect(await present(test, mac(next))).toBe('200');
    expect(await present(test, mac('o'.repeat(32)))).toMatch(/client_assertion_signature$/);
  });

  it.each([
    ['another secret', () => mac(`${long}x`)],
    ['another hash than it says', () => mac(long, { alg: 'HS512' }, 'sha256')],
    ['half a MAC', () => cut(mac(), 22)],
    ['an empty secret', () => mac('')],
  ])('refuses %s', async (_what, credentials) => {
    expect(await present(create({ clients }), credentials())).toMatch(/_signature$/);
  });

  it('refuses a hash that is longer than the secret', async () => {
    const short = 's'.repeat(32);
    const test = create({ clients: [macClient('viamac', { secrets: [clearSecret(short)] })] });

    expect(await present(test, mac(short, { alg: 'HS512' }, 'sha512'))).toMatch(/_signature$/);
    expect(await present(test, mac(short))).toBe('200');
  });

  it('refuses everything where only a hash of the secret is known', async () => {
    const { secrets } = makeClient('viamac');
    const test = create({ clients: [macClient('viamac', { secrets })] });

    expect(await present(test, mac(secretOf('viamac')))).toMatch(/_signature$/);
  });

  it('takes the registered algorithm only', async () => {
    const only = clients.map((client) => ({ ...client, tokenEndpointAuthSigningAlg: 'HS512' }));

    expect(await present(create({ clients: only }), mac())).toMatch(/client_assertion_alg$/);
    expect(await present(create({ clients: only }), mac(long, { alg: 'HS512' }, 'sha512'))).toBe(
      '200',
    );
  });

  it('holds the claims to the same rules', async () => {
    const audience = mac(long, {}, 'sha256', { aud: [ISSUER] });
    const test = create({ clients });
    const once = mac(long, {}, 'sha256', { jti: 'once' });

    expect(await present(test, audience)).toMatch(/client_assertion_audience$/);
    expect(await present(test, once)).toBe('200');
    expect(await present(test, once)).toMatch(/client_assertion_replayed$/);
  });
});

/** The same with less of the signature. */
function cut({ form, headers }: Credentials, length: number): Credentials {
  const [head, body, tail] = String(form['client_assertion']).split('.');
  const client_assertion = `${head}.${body}.${tail?.slice(0, length)}`;
  return { form: { ...form, client_assertion }, headers };
}
