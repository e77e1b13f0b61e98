import { createHmac, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RootIssuer, TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import {
  allowOn,
  authorize,
  authorizeUrl,
  bodyOf,
  broughtBack,
  browse,
  CALLBACK,
  challengeOf,
  claimsOf,
  client,
  errorOf,
  headerOf,
  post,
  redeem,
  refresh,
  SECRET,
  signIn,
  USERS,
  userinfo,
  verifier,
} from './test-issuer.faults.fixture.ts';

let root: RootIssuer;
let issuer: TestIssuer;

const REGISTERED = `${CALLBACK}?tenant=a%20b`;

beforeAll(async () => {
  root = await startTestIssuer({
    clients: [
      client('web', { redirect_uris: [CALLBACK, REGISTERED, `${CALLBACK}/other`] }),
      client('other'),
      client('rsa', { id_token_signed_response_alg: 'RS256' }),
      client('careful', { require_pkce: true, redirect_uris: [CALLBACK, `${CALLBACK}/other`] }),
      client('hasty', { lifetimes: { refresh_token_grace: '0s' } }),
      client('machine', {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        scope: 'api:read',
      }),
    ],
    users: USERS,
  });
});
beforeEach(async () => {
  issuer = await root.test();
});
afterAll(() => root.stop());

const jwks = async (): Promise<readonly JsonWebKey[]> => {
  const { keys } = await bodyOf(await fetch(`${issuer.url}/jwks.json`));
  return keys as readonly JsonWebKey[];
};

const signatureOf = (jwt: string) => ({
  input: Buffer.from(jwt.slice(0, jwt.lastIndexOf('.'))),
  signature: Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url'),
});

const isSignedBy = (jwt: string, key: JsonWebKey): boolean => {
  const { input, signature } = signatureOf(jwt);
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
};

describe.each(['web', 'rsa'])('the ID Token of the client %s', (clientId) => {
  const spoil = async (name: 'kid.missing' | 'kid.unknown' | 'alg.hs256' | 'signature.corrupt') => {
    await signIn(issuer, clientId);
    issuer.faults.once(`id_token.${name}`);
    const { id_token } = await signIn(issuer, clientId);
    const alg = clientId === 'rsa' ? 'RS256' : 'ES256';
    const key = (await jwks()).find((jwk) => jwk['alg'] === alg) ?? {};
    return { id_token, key };
  };

  it('has a genuine signature where only its kid is wrong, or missing', async () => {
    for (const [name, kid] of [
      ['kid.missing', undefined],
      ['kid.unknown', 'unknown-key'],
    ] as const) {
      const { id_token, key } = await spoil(name);

      expect(headerOf(id_token)['kid']).toBe(kid);
      expect(isSignedBy(id_token, key)).toBe(true);
      expect(claimsOf(id_token)).toMatchObject({ iss: issuer.url, asteroid_dev: true });
    }
  });

  it('signed with HS256 verifies under the text of the public key', async () => {
    const { id_token, key } = await spoil('alg.hs256');
    const { input, signature } = signatureOf(id_token);
    const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });

    expect(headerOf(id_token)).toMatchObject({ alg: 'HS256', kid: key['kid'] });
    expect(createHmac('sha256', pem).update(input).digest()).toEqual(signature);
  });

  it('has what it had, and another signature, where that is damaged', async () => {
    const { id_token, key } = await spoil('signature.corrupt');

    expect(headerOf(id_token)['kid']).toBe(key['kid']);
    expect(isSignedBy(id_token, key)).toBe(false);
  });
});

describe('tokens that are forged', () => {
  it('say that they are those of a test, whatever else they say', async () => {
    for (const name of [
      'alg.none',
      'alg.hs256',
      'signature.corrupt',
      'signature.unpublished',
    ] as const) {
      issuer.faults.once(`id_token.${name}`);
      issuer.faults.once(`access_token.${name}`);
      const { id_token, access_token } = await signIn(issuer);

      for (const token of [id_token, access_token]) {
        expect(headerOf(token)['kid'], name).toMatch(/^dev-/);
        expect(claimsOf(token)['asteroid_dev'], name).toBe(true);
      }
      expect((await userinfo(issuer, access_token)).status, name).toBe(401);
    }
  });

  it('are not among the published keys, and honest ones are', async () => {
    issuer.faults.once('id_token.signature.unpublished');
    const forged = headerOf((await signIn(issuer)).id_token)['kid'];
    const honest = headerOf((await signIn(issuer)).id_token)['kid'];

    expect((await jwks()).map((jwk) => jwk['kid'])).toEqual([honest]);
    expect(forged).not.toBe(honest);
  });

  it('come of issue() as well, all of one call or none', async () => {
    issuer.faults.once('access_token.exp.past', { seconds: 60 });
    issuer.faults.once('clock.skew', { seconds: 500 });
    const faulty = await issuer.issue({ as: 'alice', client: 'web' });
    const honest = await issuer.issue({ as: 'alice', client: 'web' });
    const now = issuer.clock.now();
    const iat = (token = '') => Number(claimsOf(token)['iat']) - now;

    expect(Number(claimsOf(faulty.access_token)['exp'])).toBeLessThan(now + 500);
    for (const token of [faulty.access_token, faulty.id_token])
      expect(iat(token)).toBeGreaterThan(400);
    for (const token of [honest.access_token, honest.id_token]) expect(iat(token)).toBeLessThan(2);
    expect((await userinfo(issuer, honest.access_token)).status).toBe(200);
  });

  it('are for the client and the End-User of issue() alone', async () => {
    issuer.faults.add({ do: 'access_token.alg.none', when: { client: 'web', user: 'bob' } });
    const algOf = async (request: { as?: string; client: string }) =>
      headerOf((await issuer.issue(request)).access_token)['alg'];

    expect(await algOf({ as: 'bob', client: 'web' })).toBe('none');
    expect(await algOf({ as: 'alice', client: 'web' })).toBe('ES256');
    expect(await algOf({ as: 'bob', client: 'other' })).toBe('ES256');
    expect(await algOf({ client: 'machine' })).toBe('ES256');
  });
});

describe('an authorization response', () => {
  it('goes where it would have gone, with the parameters of the registered URI', async () => {
    issuer.faults.once('authorization.state.changed', { state: 'a&b c' });
    const url = authorizeUrl(issuer, { redirect_uri: REGISTERED });
    const location = (await browse(url, 'alice')).headers.get('location') ?? '';

    expect(location.startsWith(`${REGISTERED}&code=`)).toBe(true);
    expect(new URL(location).searchParams.get('state')).toBe('a&b c');
  });

  it('may be in a fragment, in a form, or signed', async () => {
    issuer.faults.add({ do: 'authorization.iss.wrong' });
    issuer.faults.add({ do: 'authorization.state.dropped' });
    const ask = (response_mode: string) => browse(authorizeUrl(issuer, { response_mode }), 'alice');
    const fragment = await ask('fragment');
    const form = await (await ask('form_post')).text();
    const signed = broughtBack(await ask('jwt')).get('response') ?? '';
    const [key = {}] = await jwks();

    expect(fragment.headers.get('location')).toMatch(
      /^[^?#]+#code=[^&]+&iss=https%3A%2F%2Fissuer\.invalid$/,
    );
    expect(form).toContain('value="https://issuer.invalid"');
    expect(form).toContain('name="code"');
    expect(form).not.toContain('name="state"');
    expect(Object.keys(claimsOf(signed)).sort()).toEqual(['aud', 'code', 'exp', 'iss']);
    expect(claimsOf(signed)['iss']).toBe('https://issuer.invalid');
    expect(isSignedBy(signed, key)).toBe(true);
  });

  it('that is signed leads to its End-User as well', async () => {
    issuer.faults.add({ do: 'token.status', when: { user: 'bob' } });
    const redeemSigned = async (user: string) => {
      const params = await authorize(issuer, { response_mode: 'jwt' }, user);
      return (await redeem(issuer, String(claimsOf(params.get('response') ?? '')['code']))).status;
    };

    expect([await redeemSigned('alice'), await redeemSigned('bob')]).toEqual([200, 500]);
  });

  it('is an error of any kind, and no other error becomes one', async () => {
    issuer.faults.add({
      do: 'authorization.error',
      with: { error: 'server_error', error_description: 'not today' },
    });
    const faulty = await authorize(issuer);
    const refused = await authorize(issuer, { response_type: 'token' });

    expect(Object.fromEntries(faulty)).toEqual({
      error: 'server_error',
      error_description: 'not today',
      state: 'a-state',
      iss: issuer.url,
    });
    expect(refused.get('error')).toBe('unsupported_response_type');
  });

  it('leads nowhere where the redirect URI is not registered', async () => {
    issuer.faults.add({ do: 'redirect_uri.unchecked' });
    issuer.faults.add({ do: 'authorization.error' });
    const url = authorizeUrl(issuer, { redirect_uri: 'https://evil.example/' });
    const response = await browse(url, 'alice');

    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });
});

describe('an answer that is lost', () => {
  it('was not carried out: the code is still good', async () => {
    issuer.faults.once('token.reset');
    const code = (await authorize(issuer)).get('code');

    await expect(redeem(issuer, code)).rejects.toThrow();
    expect((await redeem(issuer, code)).status).toBe(200);
  });

  it.each(['token.reset', 'token.status'] as const)(
    'by %s was carried out, if that is said',
    async (name) => {
      issuer.faults.once(name, { carried_out: true });
      const code = (await authorize(issuer)).get('code');

      await redeem(issuer, code).catch(() => undefined);
      expect(await errorOf(await redeem(issuer, code))).toBe('invalid_grant');
    },
  );

  it('never comes until the client gives up, and others are answered meanwhile', async () => {
    issuer.faults.once('token.timeout');
    const code = (await authorize(issuer)).get('code');
    const given = new AbortController();
    const lost = fetch(`${issuer.url}/token`, {
      method: 'POST',
      signal: given.signal,
      body: new URLSearchParams({ client_id: 'web' }),
    });
    const failed = expect(lost).rejects.toThrow('given up');

    await expect.poll(() => issuer.faults.list()).toEqual([]);
    expect((await redeem(issuer, code)).status).toBe(200);
    given.abort(new Error('given up'));
    await failed;
  });

  it.each(['timeout', 'slow'] as const)('after a %s is over when the issuer stops', async (how) => {
    issuer.faults.once(`token.${how}`, how === 'slow' ? { seconds: 3600 } : {});
    const lost = redeem(issuer, 'whatever').then(
      ({ status }) => status,
      () => 'no answer',
    );

    await expect.poll(() => issuer.faults.list()).toEqual([]);
    await issuer.stop();
    expect(await lost).toBe(how === 'slow' ? 400 : 'no answer');
  });

  it('does not keep a whole issuer from stopping', async () => {
    const alone = await startTestIssuer({ clients: [client('web')], users: USERS });
    alone.faults.once('jwks.timeout');
    const lost = fetch(`${alone.url}/jwks.json`).then(
      () => 'answered',
      () => 'no answer',
    );

    await expect.poll(() => alone.faults.list()).toEqual([]);
    await alone.stop();
    expect(await lost).toBe('no answer');
  });
});

describe('an answer of another status', () => {
  it.each([
    [{ status: 503 }, '1'],
    [{ status: 429, retry_after: 30 }, '30'],
    [{ status: 502 }, null],
    [{ status: 500 }, null],
  ])('with %j says when to come back', async (given, after) => {
    issuer.faults.once('token.status', given);
    const response = await redeem(issuer, 'whatever');

    expect(response.status).toBe(given.status);
    expect(response.headers.get('retry-after')).toBe(after);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('is a refusal with any code, announced as it has to be', async () => {
    issuer.faults.once('token.error', { error: 'invalid_client' });
    const refused = await redeem(issuer, 'whatever');
    issuer.faults.once('token.error', {
      error: 'slow_down',
      error_description: 'later',
      status: 429,
    });
    const slowed = await redeem(issuer, 'whatever');
    issuer.faults.once('userinfo.error');
    const { access_token } = await signIn(issuer);
    const challenged = await userinfo(issuer, access_token);

    expect([refused.status, await refused.json()]).toEqual([401, { error: 'invalid_client' }]);
    expect(refused.headers.get('www-authenticate')).toBe(`Basic realm="${issuer.url}"`);
    expect([slowed.status, slowed.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await slowed.json()).toEqual({ error: 'slow_down', error_description: 'later' });
    expect(challenged.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"$/);
  });

  it('is a redirect to where somebody said, or to nobody', async () => {
    issuer.faults.once('token.redirect', { to: 'http://127.0.0.1:9/x' });
    const there = await redeem(issuer, 'whatever');
    issuer.faults.once('token.redirect');
    const nowhere = await redeem(issuer, 'whatever');

    expect([there.status, there.headers.get('location')]).toEqual([303, 'http://127.0.0.1:9/x']);
    expect(nowhere.headers.get('location')).toBe('https://issuer.invalid/');
  });
});

describe('keys', () => {
  it('that are stale are those of when the fault was added', async () => {
    const before = await jwks();
    const stale = issuer.faults.add({ do: 'jwks.stale' });
    await issuer.keys.rotate({ overlap: false });
    const during = await jwks();
    const { kid } = headerOf((await signIn(issuer)).id_token);
    stale.remove();

    expect(during).toEqual(before);
    expect((await jwks()).map((jwk) => jwk['kid'])).toEqual([kid]);
    expect(before.map((jwk) => jwk['kid'])).not.toContain(kid);
  });

  it.each([true, false])(
    'are rotated between code and token, with overlap: %s',
    async (overlap) => {
      issuer.faults.once('keys.rotated', { overlap });
      const [{ kid: old } = {}] = await jwks();
      const { kid } = headerOf((await signIn(issuer)).id_token);
      const kids = (await jwks()).map((jwk) => jwk['kid']);

      expect(kid).not.toBe(old);
      expect(kids).toContain(kid);
      expect(kids.includes(old)).toBe(overlap);
    },
  );
});

describe('PKCE that is not checked', () => {
  const first = () => issuer.faults.once('pkce.unchecked');

  it.each([
    ['neither challenge nor verifier', {}, {}],
    [
      'a verifier that does not fit',
      { code_challenge: challengeOf(verifier()), code_challenge_method: 'S256' },
      { code_verifier: verifier() },
    ],
    ['plain', { code_challenge: 'x', code_challenge_method: 'plain' }, {}],
  ])('lets pass %s', async (_, asked, presented) => {
    first();
    const { code } = Object.fromEntries(
      await authorize(issuer, { client_id: 'careful', ...asked }),
    );
    const lax = await redeem(issuer, code ?? null, 'careful', presented);
    const strict = Object.fromEntries(await authorize(issuer, { client_id: 'careful', ...asked }));
    const refused = await redeem(issuer, strict['code'] ?? null, 'careful', presented);

    expect(lax.status).toBe(200);
    expect(refused.status).toBe(400);
  });

  it('is not checked either where the request was pushed, or a page came between', async () => {
    issuer.faults.add({ do: 'pkce.unchecked', times: 2 });
    const pushed = await post(
      issuer,
      '/par',
      { response_type: 'code', redirect_uri: CALLBACK, scope: 'openid', prompt: 'consent' },
      'careful',
    );
    const { request_uri } = await bodyOf(pushed);
    const url = new URL(`${issuer.url}/authorize`);
    url.search = new URLSearchParams({ client_id: 'careful', request_uri }).toString();
    const page = await (await browse(url, 'bob')).text();
    const allowed = await allowOn(issuer, page, 'bob');

    expect((await redeem(issuer, broughtBack(allowed).get('code'), 'careful')).status).toBe(200);
    // The request that only names the pushed one is no second occasion.
    expect(issuer.faults.list()).toHaveLength(1);
  });

  it('still wants to know who the client is', async () => {
    first();
    const code = (await authorize(issuer, { client_id: 'careful' })).get('code') ?? '';
    const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, code };

    expect((await post(issuer, '/token', form, 'careful', 'another secret')).status).toBe(401);
    expect((await redeem(issuer, code, 'other')).status).toBe(400);
    expect((await redeem(issuer, code, 'careful')).status).toBe(200);
  });
});

describe('codes and refresh tokens that are used again', () => {
  it('are refused where nobody said otherwise', async () => {
    const code = (await authorize(issuer)).get('code');
    await redeem(issuer, code);

    expect(await errorOf(await redeem(issuer, code))).toBe('invalid_grant');
  });

  it('give the first answer once more, to the same client with the same proof', async () => {
    issuer.faults.add({ do: 'code.reuse.accepted' });
    const code_verifier = verifier();
    const asked = { code_challenge: challengeOf(code_verifier), code_challenge_method: 'S256' };
    const code = (await authorize(issuer, asked)).get('code') ?? '';
    const first = await bodyOf(await redeem(issuer, code, 'web', { code_verifier }));
    const again = await bodyOf(await redeem(issuer, code, 'web', { code_verifier }));
    const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, code, code_verifier };

    expect(again).toEqual(first);
    expect((await userinfo(issuer, again.access_token)).status).toBe(200);
    expect((await post(issuer, '/token', form, 'web', 'another secret')).status).toBe(401);
    expect((await redeem(issuer, code, 'other', { code_verifier })).status).toBe(400);
    const moved = { code_verifier, redirect_uri: `${CALLBACK}/other` };
    expect((await redeem(issuer, code, 'web', moved)).status).toBe(400);
  });

  it('without the right verifier are refused', async () => {
    issuer.faults.add({ do: 'code.reuse.accepted' });
    const code_verifier = verifier();
    const asked = { code_challenge: challengeOf(code_verifier), code_challenge_method: 'S256' };
    const code = (await authorize(issuer, asked)).get('code');
    await redeem(issuer, code, 'web', { code_verifier });

    const refused = await redeem(issuer, code, 'web', { code_verifier: verifier() });
    expect(await errorOf(refused)).toBe('invalid_grant');
  });

  it('go on giving tokens, whichever of the family is presented', async () => {
    issuer.faults.add({ do: 'refresh_token.reuse.accepted' });
    const { refresh_token: first } = await signIn(issuer, 'hasty');
    const next = async (token: string) => {
      const response = await refresh(issuer, token, 'hasty');
      return response.status === 200 ? (await bodyOf(response)).refresh_token : 'refused';
    };
    const second = await next(first);
    const third = await next(first);
    const fourth = await next(second);
    const fifth = await next(first);

    expect(new Set([first, second, third, fourth, fifth]).size).toBe(5);
    expect([second, third, fourth, fifth]).not.toContain('refused');
    expect((await refresh(issuer, first, 'other')).status).toBe(400);
  });

  it('end everything at once, where no grace is given', async () => {
    issuer.faults.add({ do: 'refresh_token.reuse.refused' });
    const { refresh_token: first } = await signIn(issuer);
    const { refresh_token: second, access_token } = await bodyOf(await refresh(issuer, first));

    expect(await errorOf(await refresh(issuer, first))).toBe('invalid_grant');
    expect(await errorOf(await refresh(issuer, second))).toBe('invalid_grant');
    expect((await userinfo(issuer, access_token)).status).toBe(401);
  });
});

describe('an issuer that changes while there are faults', () => {
  it('has the endpoints that it has by then', async () => {
    const ask = () => post(issuer, '/device_authorization', { scope: 'openid' }, 'tv');
    issuer.faults.add({ do: 'deviceAuthorization.status', when: { nth: 2 } });
    const before = await ask();
    await issuer.clients.add({
      client_id: 'tv',
      client_secret: SECRET,
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    });

    expect([before.status, (await ask()).status, (await ask()).status]).toEqual([404, 200, 500]);
  });
});
