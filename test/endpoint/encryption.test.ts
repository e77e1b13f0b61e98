import {
  type CryptoKey,
  compactDecrypt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
} from 'jose';
import { describe, expect, it } from 'vitest';
import {
  ENCRYPTION_ALGS,
  ENCRYPTION_ENCS,
  type Encryption,
} from '../../internal/protocol/client-tokens.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import type { KeySource } from '../../internal/protocol/key-source.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic, makeRequest, withHeader } from '../support/requests.ts';
import { startKeyService, text } from '../support/signer.ts';
import { keySetOf } from '../support/tokens.ts';

const RSA: Encryption = { alg: 'RSA-OAEP-256', enc: 'A256GCM' };
const EC: Encryption = { alg: 'ECDH-ES+A256KW', enc: 'A128CBC-HS256' };

type Holder = { readonly privateKey: CryptoKey; readonly jwk: JWK };

async function newHolder(alg: string, different: JWK = {}, crv = 'P-256'): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { crv, extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `kid-${alg}`, ...different } };
}

const inline = (...holders: readonly Holder[]): KeySource => ({
  kind: 'inline',
  text: JSON.stringify({ keys: holders.map(({ jwk }) => jwk) }),
});

const rsa = await newHolder('RSA-OAEP-256');
const ec = await newHolder('ECDH-ES+A256KW');
const signing = await newHolder('ES256', { use: 'sig', kid: 'kid-signing' });

const wholeKey = await exportJWK(rsa.privateKey);

const encrypted = makeClient('encrypted', {
  keys: inline(signing, rsa),
  idTokenEncryption: RSA,
  userinfoSignedResponseAlg: 'ES256',
  userinfoEncryption: RSA,
  introspectionSignedResponseAlg: 'ES256',
  introspectionEncryption: RSA,
});

/** What is inside, once its holder opened it, verified as a stranger would. */
async function open(jwe: string, holder: Holder, test: TestIssuer) {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, holder.privateKey);
  const inner = new TextDecoder().decode(plaintext);
  const currentDate = new Date(test.clock() * 1000);
  const verified = await jwtVerify(inner, await keySetOf(test), { currentDate });
  return { outer: protectedHeader, inner: verified.protectedHeader, claims: verified.payload };
}

const bodyOf = ({ response }: Answer): string => {
  if (response.kind !== 'text') throw new Error(`no JWT: ${response.kind}`);
  return response.body;
};

describe('encrypted ID Tokens (OIDC Core §10.2, RFC 7516)', () => {
  for (const alg of ENCRYPTION_ALGS)
    for (const enc of ENCRYPTION_ENCS)
      it(`are signed, then encrypted by ${alg} and ${enc}`, async () => {
        const holder = alg === 'RSA-OAEP-256' ? rsa : ec;
        const client = makeClient('client', {
          keys: inline(signing, rsa, ec),
          idTokenEncryption: { alg, enc },
        });
        const test = createTestIssuer({ clients: [client] });

        const { id_token } = await test.signIn({ client_id: 'client', nonce: 'n-1' });

        expect(id_token.split('.')).toHaveLength(5);
        const { outer, inner, claims } = await open(id_token, holder, test);
        expect(outer).toMatchObject({ alg, enc, cty: 'JWT', kid: holder.jwk.kid });
        expect(inner).toMatchObject({ alg: 'ES256', typ: 'JWT' });
        expect(claims).toMatchObject({ iss: ISSUER, sub: 'alice', aud: 'client', nonce: 'n-1' });
      });

  for (const crv of ['P-384', 'P-521', 'X25519'])
    it(`are encrypted for a key on ${crv} too`, async () => {
      const holder = await newHolder('ECDH-ES', { use: 'enc' }, crv);
      const client = makeClient('client', {
        keys: inline(holder),
        idTokenEncryption: { alg: 'ECDH-ES', enc: 'A256GCM' },
      });
      const test = createTestIssuer({ clients: [client] });

      const { id_token } = await test.signIn({ client_id: 'client' });

      expect((await open(id_token, holder, test)).claims).toMatchObject({ sub: 'alice' });
    });

  it('tell nobody else anything, and are another text each time', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const [first, second] = [
      await test.signIn({ client_id: 'encrypted' }),
      await test.signIn({ client_id: 'encrypted' }),
    ];
    const stranger = await newHolder('RSA-OAEP-256');

    await expect(compactDecrypt(first.id_token, stranger.privateKey)).rejects.toThrow();
    expect(first.id_token.split('.')[1]).not.toBe(second.id_token.split('.')[1]);
    expect((await open(first.id_token, rsa, test)).claims['sub']).toBe('alice');
  });

  it('come at refresh as well, and change no access token', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const { refresh_token, access_token } = await test.signIn({ client_id: 'encrypted' });

    const { json } = await test.refresh(refresh_token, {}, 'encrypted');

    expect((await open(String(json['id_token']), rsa, test)).claims['sub']).toBe('alice');
    expect(access_token.split('.')).toHaveLength(3);
  });

  it('are no hints: neither sealed, nor with what is inside taken for the outside', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const { id_token } = await test.signIn({ client_id: 'encrypted' });
    const hint = (id_token_hint: string) =>
      test.authorize({ client_id: 'encrypted', prompt: 'none', id_token_hint });

    expect((await hint(id_token)).params.get('error')).toBe('invalid_request');
    const { plaintext } = await compactDecrypt(id_token, rsa.privateKey);
    expect((await hint(new TextDecoder().decode(plaintext))).params.has('code')).toBe(true);
    expect((await test.introspect(id_token, 'encrypted')).json).toEqual({ active: false });
    expect((await test.userinfo(id_token)).status).toBe(401);
  });
});

describe('encrypted UserInfo (OIDC Core §5.3.2; UI-3)', () => {
  it('is signed, then encrypted, for the client that the token was issued to', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const { access_token } = await test.signIn({ client_id: 'encrypted', scope: 'openid email' });

    const answer = await test.userinfo(access_token);

    expect(answer.response).toMatchObject({ kind: 'text', mediaType: 'application/jwt' });
    const { outer, claims } = await open(bodyOf(answer), rsa, test);
    expect(outer).toMatchObject({ ...RSA, cty: 'JWT' });
    expect(claims).toEqual({
      iss: ISSUER,
      aud: 'encrypted',
      sub: 'alice',
      email: 'alice@example.test',
      email_verified: true,
    });
  });

  it('is refused as invalid_request where the client has no key for it, and never told in the clear', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const { access_token } = await test.signIn({ client_id: 'encrypted' });
    test.clients.set('encrypted', { ...encrypted, keys: inline(signing) });

    const answer = await test.userinfo(access_token);

    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(JSON.stringify(answer.response)).not.toContain('alice');
  });
});

describe('encrypted introspection (RFC 9701 §5; IN-5)', () => {
  const ask = ({ introspect }: TestIssuer, token: string) => {
    const { form, headers } = withHeader(basic('encrypted'));
    const accept = 'application/token-introspection+jwt';
    return introspect(token, { form, headers: { ...headers, accept } });
  };

  it('is signed, then encrypted, for the caller', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    const { access_token } = await test.signIn({ client_id: 'encrypted' });

    const answer = await ask(test, access_token);

    expect(answer.response).toMatchObject({
      mediaType: 'application/token-introspection+jwt',
    });
    const { inner, claims } = await open(bodyOf(answer), rsa, test);
    expect(inner.typ).toBe('token-introspection+jwt');
    expect(claims['token_introspection']).toMatchObject({ active: true, sub: 'alice' });
  });

  it('is refused where the caller has no key for it', async () => {
    const test = createTestIssuer({ clients: [encrypted] });
    test.clients.set('encrypted', { ...encrypted, keys: undefined });

    expect(await ask(test, 'unknown')).toMatchObject({
      status: 400,
      json: { error: 'invalid_request', reason: 'client_key_missing' },
    });
  });
});

describe('keys of a client that its ID Tokens are encrypted for', () => {
  const clientOf = (keys: KeySource | undefined, idTokenEncryption = RSA) =>
    makeClient('client', { keys, idTokenEncryption });

  for (const [given, keys] of [
    ['no keys at all', undefined],
    ['a key for signatures only', inline({ ...rsa, jwk: { ...rsa.jwk, use: 'sig' } })],
    ['a key of another kind', inline(ec)],
    ['a key for another algorithm', inline({ ...rsa, jwk: { ...rsa.jwk, alg: 'RSA-OAEP' } })],
    ['a key for another operation', inline({ ...rsa, jwk: { ...rsa.jwk, key_ops: ['verify'] } })],
    ['a key that is not whole', inline({ ...rsa, jwk: { kty: 'RSA', e: 'AQAB' } })],
    [
      'a short key',
      inline({
        ...rsa,
        jwk: { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 0xb5).toString('base64url') },
      }),
    ],
    ['a private key', inline({ ...rsa, jwk: { ...rsa.jwk, d: 'AQAB' } })],
    ['a whole private key', inline({ ...rsa, jwk: wholeKey })],
    ['a secret', inline({ ...rsa, jwk: { kty: 'oct', k: 'c2VjcmV0' } })],
  ] as const)
    it(`${given}: refused before the code is spent`, async () => {
      const test = createTestIssuer({ clients: [clientOf(keys)] });
      const code = await test.code({ client_id: 'client' });

      expect(await test.redeem(code, {}, 'client')).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'client_key_missing' },
      });
      test.clients.set('client', clientOf(inline(signing, rsa)));
      expect((await test.redeem(code, {}, 'client')).status).toBe(200);
    });

  it('a point that is not on its curve is passed over for the next key', async () => {
    const off = { ...ec.jwk, y: ec.jwk.x ?? '', kid: 'off' };
    const keys = inline({ ...ec, jwk: off }, ec);
    const test = createTestIssuer({ clients: [clientOf(keys, EC)] });

    const { id_token } = await test.signIn({ client_id: 'client' });

    expect(decodeProtectedHeader(id_token).kid).toBe('kid-ECDH-ES+A256KW');
  });

  for (const key_ops of [['deriveBits'], ['deriveKey', 'deriveBits'], ['wrapKey']])
    it(`a key that says it is for ${key_ops} is one`, async () => {
      const keys = inline({ ...ec, jwk: { ...ec.jwk, key_ops } });
      const test = createTestIssuer({ clients: [clientOf(keys, EC)] });

      const { id_token } = await test.signIn({ client_id: 'client' });

      expect((await open(id_token, ec, test)).claims['sub']).toBe('alice');
    });

  it('a key without a kid leaves it out', async () => {
    const { kid: _, ...nameless } = ec.jwk;
    const test = createTestIssuer({
      clients: [clientOf(inline({ ...ec, jwk: nameless }), EC)],
    });

    const { id_token } = await test.signIn({ client_id: 'client' });

    expect(decodeProtectedHeader(id_token)).not.toHaveProperty('kid');
    expect((await open(id_token, ec, test)).claims['sub']).toBe('alice');
  });

  it('are not asked for where there is no ID Token', async () => {
    const { redeem, code, token, clients } = createTestIssuer({ clients: [clientOf(undefined)] });

    const text = await code({ client_id: 'client', scope: 'email' });
    expect((await redeem(text, {}, 'client')).status).toBe(200);
    const machine = makeClient('machine', {
      grantTypes: ['client_credentials'],
      idTokenEncryption: RSA,
    });
    clients.set('machine', machine);
    expect((await token({ grant_type: 'client_credentials' }, 'machine')).status).toBe(200);
  });

  it('behind a URL are fetched, and a service that is down is 503 and spends nothing', async () => {
    const service = await startKeyService(text(JSON.stringify({ keys: [signing.jwk, rsa.jwk] })));
    const keys: KeySource = { kind: 'uri', uri: service.uri, writtenBy: 'client' };
    const test = createTestIssuer({ clients: [clientOf(keys)] });
    service.answers(text('', 500));
    const code = await test.code({ client_id: 'client' });

    await expect(test.redeem(code, {}, 'client')).rejects.toThrow(Unavailable);
    test.clock.advance(30);
    service.answers(text(JSON.stringify({ keys: [signing.jwk, rsa.jwk] })));
    const { status, json } = await test.redeem(code, {}, 'client');

    expect(status).toBe(200);
    expect((await open(String(json['id_token']), rsa, test)).claims['sub']).toBe('alice');
    expect(service.asked.length).toBe(2);
    await test.signIn({ client_id: 'client' });
    expect(service.asked.length).toBe(2);
  });
});

describe('discovery of encryption', () => {
  it('names what works, and nothing that is weak or needs a shared secret', async () => {
    const { issuer } = createTestIssuer();
    const response = await issuer.discovery(makeRequest({ method: 'GET' }));
    const metadata = response.kind === 'json' ? { ...response.body } : {};

    for (const what of ['id_token', 'userinfo', 'introspection'])
      expect(metadata).toMatchObject({
        [`${what}_encryption_alg_values_supported`]: ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'],
        [`${what}_encryption_enc_values_supported`]: ['A128CBC-HS256', 'A256GCM'],
      });
  });
});
