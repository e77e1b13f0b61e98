import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { athOf, createHolder, type Holder, TOKEN_URL, USERINFO_URL } from '../support/dpop.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic, makeRequest, settle, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const HOUR = 3600;
const NOW = createTestIssuer().clock();

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof with a part exchanged, and the signature that was right before. */
function tamper(proof: string, part: 0 | 1, change: object): string {
  const parts = proof.split('.');
  const read = JSON.parse(Buffer.from(parts[part] ?? '', 'base64url').toString());
  parts[part] = b64({ ...read, ...change });
  return parts.join('.');
}

type Make = (prove: Holder['prove'], holder: Holder) => Promise<string>;

const other = await createHolder();
const rsa = await createHolder('RS256');
const pss = await createHolder('PS256');
const edwards = await createHolder('EdDSA');
const p384 = await createHolder('ES384');
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
  format: 'jwk',
});

const claims =
  (different: Readonly<Record<string, unknown>>): Make =>
  (prove) =>
    prove({ claims: different });
const header =
  (different: Readonly<Record<string, unknown>>): Make =>
  (prove) =>
    prove({ header: different });

/** Wrong wherever a proof is wanted. */
const BAD: readonly (readonly [what: string, make: Make, reason: string])[] = [
  ['nothing', async () => '', 'dpop_proof_malformed'],
  ['what is no JWT', async () => 'proof', 'dpop_proof_malformed'],
  ['two proofs in one header', async (p) => `${await p()}, ${await p()}`, 'dpop_proof_malformed'],
  ['a proof in quotes', async (p) => `"${await p()}"`, 'dpop_proof_malformed'],
  ['a megabyte of dots', async () => '.'.repeat(1_000_000), 'dpop_proof_malformed'],
  ['9 KiB', claims({ more: 'x'.repeat(9000) }), 'dpop_proof_malformed'],
  ['no typ', header({ typ: undefined }), 'dpop_proof_malformed'],
  ['typ JWT', header({ typ: 'JWT' }), 'dpop_proof_malformed'],
  ['typ at+jwt', header({ typ: 'at+jwt' }), 'dpop_proof_malformed'],
  ['no alg', async (p) => tamper(await p(), 0, { alg: undefined }), 'dpop_proof_malformed'],
  ['alg none', async (p) => tamper(await p(), 0, { alg: 'none' }), 'dpop_proof_signature'],
  [
    'alg none and no signature',
    async (p) => tamper(await p(), 0, { alg: 'none' }).replace(/[^.]+$/, ''),
    'dpop_proof_malformed',
  ],
  ['alg HS256', async (p) => tamper(await p(), 0, { alg: 'HS256' }), 'dpop_proof_signature'],
  ['another alg', async (p) => tamper(await p(), 0, { alg: 'ES384' }), 'dpop_proof_signature'],
  [
    'what has to be understood',
    async (p) => tamper(await p(), 0, { crit: ['more'], more: 1 }),
    'dpop_proof_malformed',
  ],
  ['no jwk', header({ jwk: undefined }), 'dpop_proof_signature'],
  ['a jwk that is text', header({ jwk: 'key' }), 'dpop_proof_signature'],
  ['a jwk that is a list', (p, { jwk }) => p({ header: { jwk: [jwk] } }), 'dpop_proof_signature'],
  [
    'a jwk without its curve',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, crv: undefined } } }),
    'dpop_proof_signature',
  ],
  [
    'the private key',
    (p, { privateJwk }) => p({ header: { jwk: privateJwk } }),
    'dpop_proof_signature',
  ],
  ['a symmetric key', header({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'dpop_proof_signature'],
  [
    'a part of a private key',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, p: 'AQ' } } }),
    'dpop_proof_signature',
  ],
  ['the key of another', header({ jwk: other.jwk }), 'dpop_proof_signature'],
  ['a small RSA key', header({ jwk: small }), 'dpop_proof_signature'],
  [
    'an RSA key with a long exponent',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, ...pss.jwk, e: 'AQABAQAB' } } }),
    'dpop_proof_signature',
  ],
  [
    'a changed signature',
    async (p) => (await p()).replace(/[^.]{4}$/, (end) => (end === 'AAAA' ? 'BBBB' : 'AAAA')),
    'dpop_proof_signature',
  ],
  ['a changed claim', async (p) => tamper(await p(), 1, { more: 1 }), 'dpop_proof_signature'],
  ['no jti', claims({ jti: undefined }), 'dpop_proof_malformed'],
  ['an empty jti', claims({ jti: '' }), 'dpop_proof_malformed'],
  ['a jti that is a number', claims({ jti: 1 }), 'dpop_proof_malformed'],
  ['a jti of 257 characters', claims({ jti: 'x'.repeat(257) }), 'dpop_proof_malformed'],
  ['no htm', claims({ htm: undefined }), 'dpop_proof_malformed'],
  ['htm in small letters', claims({ htm: 'post' }), 'dpop_proof_method'],
  ['another htm', claims({ htm: 'PUT' }), 'dpop_proof_method'],
  ['no htu', claims({ htu: undefined }), 'dpop_proof_malformed'],
  ['a list of htu', claims({ htu: [TOKEN_URL, USERINFO_URL] }), 'dpop_proof_malformed'],
  ['an htu that is a path', claims({ htu: '/a/token' }), 'dpop_proof_uri'],
  ['the issuer as htu', claims({ htu: ISSUER }), 'dpop_proof_uri'],
  ['htu at another host', claims({ htu: 'https://evil.example/a/token' }), 'dpop_proof_uri'],
  ['htu by http', claims({ htu: TOKEN_URL.replace('https', 'http') }), 'dpop_proof_uri'],
  ['no iat', claims({ iat: undefined }), 'dpop_proof_malformed'],
  ['an iat that is text', claims({ iat: String(NOW) }), 'dpop_proof_malformed'],
  ['an iat an hour ago', claims({ iat: NOW - HOUR }), 'dpop_proof_expired'],
  ['an iat in an hour', claims({ iat: NOW + HOUR }), 'dpop_proof_ahead'],
  ['an iat in 11 seconds', claims({ iat: NOW + 11 }), 'dpop_proof_ahead'],
  ['an iat 61 seconds ago', claims({ iat: NOW - 61 }), 'dpop_proof_expired'],
  ['an exp that is over', claims({ exp: NOW - 10 }), 'dpop_proof_expired'],
  ['an exp that is text', claims({ exp: 'never' }), 'dpop_proof_malformed'],
  ['an nbf in a minute', claims({ nbf: NOW + 60 }), 'dpop_proof_ahead'],
  ['an nbf that is a list', claims({ nbf: [NOW] }), 'dpop_proof_malformed'],
];

/** Right, though unusual. */
const GOOD: readonly (readonly [what: string, make: Make])[] = [
  ['a plain proof', (p) => p()],
  ['typ in other letters', header({ typ: 'DPoP+JWT' })],
  ['typ with its media type', header({ typ: 'application/dpop+jwt' })],
  ['a kid beside the jwk', header({ kid: 'key-1' })],
  ['more in the jwk', (p, { jwk }) => p({ header: { jwk: { ...jwk, use: 'sig', kid: 'x' } } })],
  ['unknown claims', claims({ sub: 'x', more: [1], ath: 'of no account here' })],
  ['a nonce that nobody asked for', claims({ nonce: 'made up' })],
  ['an iat ten seconds ago', claims({ iat: NOW - 10 })],
  ['an iat sixty seconds ago', claims({ iat: NOW - 60 })],
  ['an iat in ten seconds', claims({ iat: NOW + 10 })],
  ['an iat with a fraction', claims({ iat: NOW - 0.5 })],
  ['nbf and exp', claims({ nbf: NOW - 10, exp: NOW + 60 })],
  ['an nbf in eight seconds', claims({ nbf: NOW + 8 })],
  ['a jti of 256 characters', claims({ jti: 'x'.repeat(256) })],
];

/** The same URL, written by another hand. */
const SPELLINGS: readonly (readonly [what: string, spell: (url: string) => string])[] = [
  ['with a query', (url) => `${url}?a=b`],
  ['with a fragment', (url) => `${url}#a`],
  ['with its default port', (url) => url.replace('.example', '.example:443')],
  [
    'with scheme and host in capitals',
    (url) => url.replace('https://op.example', 'HTTPS://OP.Example'),
  ],
];

const IMITATIONS: readonly (readonly [what: string, spell: (url: string) => string])[] = [
  ['with a slash behind it', (url) => `${url}/`],
  ['with another port', (url) => url.replace('.example', '.example:444')],
  ['with its path in capitals', (url) => url.replace('/a/', '/A/')],
  ['with a user', (url) => url.replace('://', '://op.example@')],
  ['with a backslash', (url) => url.replace('/a/', '\\a/')],
  ['with a space before it', (url) => ` ${url}`],
  ['with one slash', (url) => url.replace('//', '/')],
  ['behind another host', (url) => url.replace('op.example', 'op.example.evil.example')],
  ['in a query', (url) => `https://evil.example/?${url}`],
];

const tokenWith = (test: TestIssuer, dpop: string): Promise<Answer> =>
  test.token(
    { grant_type: 'client_credentials', scope: 'api:read' },
    { form: {}, headers: { authorization: basic('svc'), dpop } },
  );

describe('proofs at the token endpoint (RFC 9449 §4.3, §5; DP-1, fapi2-dpop-negative-tests)', () => {
  for (const [what, make, reason] of BAD) {
    it(`refuses ${what}`, async () => {
      const test = createTestIssuer();
      const holder = await createHolder();

      const { status, json } = await tokenWith(test, await make(holder.prove, holder));

      expect({ status, ...json }).toMatchObject({
        status: 400,
        error: 'invalid_dpop_proof',
        reason,
      });
      expect((await tokenWith(test, await holder.prove())).status).toBe(200);
    });
  }

  for (const [what, make] of GOOD) {
    it(`accepts ${what}`, async () => {
      const holder = await createHolder();

      const { json } = await tokenWith(createTestIssuer(), await make(holder.prove, holder));

      expect(json['token_type']).toBe('DPoP');
      expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
    });
  }

  for (const [what, spell] of SPELLINGS) {
    it(`accepts the URL ${what}`, async () => {
      const holder = await createHolder();
      const dpop = await holder.prove({ claims: { htu: spell(TOKEN_URL) } });

      expect((await tokenWith(createTestIssuer(), dpop)).json['token_type']).toBe('DPoP');
    });
  }

  for (const [what, spell] of IMITATIONS) {
    it(`refuses the URL ${what}`, async () => {
      const holder = await createHolder();
      const dpop = await holder.prove({ claims: { htu: spell(TOKEN_URL) } });

      expect((await tokenWith(createTestIssuer(), dpop)).json['reason']).toBe('dpop_proof_uri');
    });
  }

  for (const holder of [other, pss, edwards, p384]) {
    it(`accepts a key for ${holder.alg}, and names it by its thumbprint`, async () => {
      const { json } = await tokenWith(createTestIssuer(), await holder.prove());

      expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: holder.jkt });
    });
  }

  it('refuses RS256, which discovery does not name', async () => {
    const { json } = await tokenWith(createTestIssuer(), await rsa.prove());

    expect(json['reason']).toBe('dpop_proof_signature');
  });

  it('refuses a proof for UserInfo', async () => {
    const holder = await createHolder();

    const { json } = await tokenWith(
      createTestIssuer(),
      await holder.proveAt('token', { claims: { htm: 'POST' } }),
    );

    expect(json['reason']).toBe('dpop_proof_uri');
  });

  it('holds the URL against what is configured, whatever Host the request names', async () => {
    const { token } = createTestIssuer();
    const holder = await createHolder();
    const ask = async (htu: string) =>
      token(
        { grant_type: 'client_credentials' },
        {
          form: {},
          headers: {
            authorization: basic('svc'),
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
            dpop: await holder.prove({ claims: { htu } }),
          },
        },
      );

    expect((await ask('https://evil.example/a/token')).json['reason']).toBe('dpop_proof_uri');
    expect((await ask(TOKEN_URL)).status).toBe(200);
  });

  it('takes the names of both horizons, and no third', async () => {
    const bases = { browser: 'https://sso.example', back: 'http://asteroid.svc:8880' };
    const test = createTestIssuer({ deps: { bases } });
    const holder = await createHolder();
    const ask = async (htu: string) =>
      (await tokenWith(test, await holder.prove({ claims: { htu } }))).status;

    expect(await ask('https://sso.example/token')).toBe(200);
    expect(await ask('http://asteroid.svc:8880/token')).toBe(200);
    expect(await ask('http://sso.example/token')).toBe(400);
    expect(await ask(TOKEN_URL)).toBe(400);
  });

  it('refuses two headers, of which it cannot know which was meant', async () => {
    const { issuer } = createTestIssuer();
    const ask = (repeatedHeaders: readonly string[]) =>
      settle(
        issuer.token(
          makeRequest({
            params: toParams({ grant_type: 'client_credentials' }),
            headers: { authorization: basic('svc') },
            repeatedHeaders,
          }),
        ),
      );

    expect((await ask(['dpop'])).json['reason']).toBe('dpop_proof_repeated');
    expect((await ask(['x-other'])).status).toBe(200);
  });

  it('looks at the proof only once the client has proven who it is', async () => {
    const { token } = createTestIssuer();

    const headers = { authorization: basic('svc', 'wrong'), dpop: 'bad' };

    const { json } = await token({ grant_type: 'client_credentials' }, { form: {}, headers });

    expect(json['error']).toBe('invalid_client');
  });
});

/** A token that is bound to the key, and who holds it. */
async function bound(different: { readonly alg?: string } = {}) {
  const test = createTestIssuer();
  const holder = await createHolder(different.alg);
  const { json } = await test.redeem(
    await test.code(),
    {},
    { form: {}, headers: { authorization: basic('conf'), dpop: await holder.prove() } },
  );
  const token = String(json['access_token']);
  const ask = (dpop: string | undefined, scheme = 'DPoP') =>
    test.userinfo(undefined, {
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) },
    });
  return { test, holder, token, ask };
}

const BAD_THERE: typeof BAD = [
  ...BAD.filter(([what]) => !what.includes('htm')),
  ['no htm', claims({ htm: undefined }), 'dpop_proof_malformed'],
  ['htm in small letters', claims({ htm: 'get' }), 'dpop_proof_method'],
  ['the htm of a POST', claims({ htm: 'POST' }), 'dpop_proof_method'],
  ['no ath', claims({ ath: undefined }), 'dpop_proof_token'],
  ['an empty ath', claims({ ath: '' }), 'dpop_proof_token'],
  ['the ath of another token', claims({ ath: athOf('other') }), 'dpop_proof_token'],
  ['the URL of the token endpoint', claims({ htu: TOKEN_URL }), 'dpop_proof_uri'],
];

describe('proofs at UserInfo (RFC 9449 §7; DP-1, UI-4, fapi2-dpop-negative-tests)', () => {
  for (const [what, make] of BAD_THERE) {
    it(`refuses ${what}`, async () => {
      const { holder, token, ask } = await bound();

      const answer = await ask(await make((parts) => holder.proveAt(token, parts), holder));

      expect({ status: answer.status, ...answer.json }).toMatchObject({
        status: 401,
        error: 'invalid_dpop_proof',
      });
      expect(answer.headers['WWW-Authenticate']).toMatch(
        /^DPoP realm="[^"]+", error="invalid_dpop_proof", error_description="[^"\\]+", algs="[^"]+"$/,
      );
      expect((await ask(await holder.proveAt(token))).json['sub']).toBe('alice');
    });
  }

  for (const [what, make] of GOOD.filter(([name]) => name !== 'unknown claims')) {
    it(`accepts ${what}`, async () => {
      const { holder, token, ask } = await bound();
      const dpop = await make((parts) => holder.proveAt(token, parts), holder);

      expect((await ask(dpop)).json['sub']).toBe('alice');
    });
  }

  for (const [what, spell] of SPELLINGS) {
    it(`accepts the URL ${what}`, async () => {
      const { holder, token, ask } = await bound();
      const dpop = await holder.proveAt(token, { claims: { htu: spell(USERINFO_URL) } });

      expect((await ask(dpop)).status).toBe(200);
    });
  }

  for (const alg of ['PS256', 'EdDSA']) {
    it(`accepts a key for ${alg}`, async () => {
      const { holder, token, ask } = await bound({ alg });

      expect((await ask(await holder.proveAt(token))).status).toBe(200);
    });
  }

  it('accepts the scheme in any letters, in a GET and a POST', async () => {
    const { test, holder, token, ask } = await bound();

    for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPOp']) {
      expect((await ask(await holder.proveAt(token), scheme)).status).toBe(200);
    }
    const dpop = await holder.proveAt(token, { claims: { htm: 'POST' } });
    const headers = { authorization: `DPoP ${token}`, dpop };
    expect((await test.userinfo(undefined, { method: 'POST', headers })).status).toBe(200);
  });

  it('refuses no proof', async () => {
    const { ask } = await bound();

    expect(await ask(undefined)).toMatchObject({
      status: 401,
      json: { error: 'invalid_dpop_proof' },
    });
  });

  it('refuses the proof of a second holder, whose own token it opens', async () => {
    const { token, ask } = await bound();
    const thief = await bound();

    const answer = await ask(await thief.holder.proveAt(token));

    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
    expect(answer.headers['WWW-Authenticate']).toMatch(/^DPoP .*error="invalid_token"/);
    expect((await thief.ask(await thief.holder.proveAt(thief.token))).status).toBe(200);
  });

  it('refuses a bound token as a bearer token, with or without a proof, and in a form', async () => {
    const { test, holder, token, ask } = await bound();
    const params = new Map([['access_token', [token]]]);

    for (const answer of [
      await ask(undefined, 'Bearer'),
      await ask(await holder.proveAt(token), 'Bearer'),
      await test.userinfo(undefined, { method: 'POST', params }),
    ]) {
      expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_token' } });
      expect(answer.headers['WWW-Authenticate']).toMatch(
        /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"]+", DPoP realm="[^"]+", algs="ES256 /,
      );
    }
  });

  it('refuses a bearer token under the scheme DPoP, whoever proves a key', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const holder = await createHolder();
    const headers = {
      authorization: `DPoP ${access_token}`,
      dpop: await holder.proveAt(access_token),
    };

    expect((await userinfo(undefined, { headers })).json['error']).toBe('invalid_token');
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('refuses both schemes at once, and a token in the form beside the header', async () => {
    const { test, holder, token } = await bound();
    const params = new Map([['access_token', [token]]]);
    const authorization = `DPoP ${token}`;
    const dpop = await holder.proveAt(token, { claims: { htm: 'POST' } });

    for (const more of [
      { method: 'POST', params, headers: { authorization, dpop } },
      { headers: { authorization: `DPoP ${token}, Bearer ${token}`, dpop } },
    ]) {
      expect(await test.userinfo(undefined, more)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });

  it('refuses the bound token once it is revoked, whatever is proven', async () => {
    const { test, holder, token, ask } = await bound();

    await test.revoke(token);

    expect((await ask(await holder.proveAt(token))).json['error']).toBe('invalid_token');
  });
});

describe('introspection of a bound token (RFC 9449 §6.2; DP-2)', () => {
  it('says DPoP and which key', async () => {
    const { test, holder, token } = await bound();

    expect((await test.introspect(token)).json).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: holder.jkt },
    });
  });

  it('says Bearer and no key of one that is not bound', async () => {
    const { signIn, introspect } = createTestIssuer();

    const { json } = await introspect((await signIn()).access_token);

    expect(json['token_type']).toBe('Bearer');
    expect(json).not.toHaveProperty('cnf');
  });
});
