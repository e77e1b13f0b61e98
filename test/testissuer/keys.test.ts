import * as jose from 'jose';
import { describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { headerOf } from '../support/tokens.ts';
import { authorizeUrl, complaint, get, post, SECRET, start } from './testissuer.fixture.ts';

type Key = { readonly kid: string; readonly alg: string };

const published = async ({ url }: TestIssuer): Promise<readonly Key[]> =>
  (await get(`${url}/jwks.json`)).json.keys;

/** Whether a stranger with the JWKS of now believes the token. */
const isBelieved = async (token: string, issuer: TestIssuer): Promise<boolean> => {
  const jwks = jose.createLocalJWKSet((await get(`${issuer.url}/jwks.json`)).json);
  return jose.jwtVerify(token, jwks, { issuer: issuer.url }).then(
    () => true,
    () => false,
  );
};

const RSA = {
  client_id: 'rsa',
  client_secret: SECRET,
  redirect_uris: ['http://localhost:3000/callback'],
  id_token_signed_response_alg: 'RS256',
};

describe('keys', () => {
  it('are one of ES256 to begin with, and one of RSA only where somebody needs it', async () => {
    const issuer = await start({ clients: [RSA] });
    const before = await published(issuer);
    const { id_token = '' } = await issuer.issue({ as: 'alice', client: 'rsa' });

    expect(before.map(({ alg }) => alg)).toEqual(['ES256']);
    expect(headerOf(id_token)['alg']).toBe('RS256');
    expect((await published(issuer)).map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
  });
});

describe('keys.rotate', () => {
  it('signs with another key, and what the one before signed still counts', async () => {
    const issuer = await start();
    const before = await issuer.issue({ as: 'alice', client: 'web' });
    await issuer.keys.rotate();
    const after = await issuer.issue({ as: 'alice', client: 'web' });
    const kids = (await published(issuer)).map(({ kid }) => kid);

    expect(kids).toEqual([
      headerOf(after.access_token)['kid'],
      headerOf(before.access_token)['kid'],
    ]);
    for (const { access_token, id_token = '' } of [before, after]) {
      expect(await isBelieved(access_token, issuer)).toBe(true);
      expect(await isBelieved(id_token, issuer)).toBe(true);
      expect((await get(`${issuer.url}/userinfo`, access_token)).status).toBe(200);
    }
  });

  it('without overlap, forgets the key before: what it signed counts nowhere', async () => {
    const issuer = await start();
    const before = await issuer.issue({ as: 'alice', client: 'web' });
    // Remembered as verified, which must not help.
    await get(`${issuer.url}/userinfo`, before.access_token);
    await issuer.keys.rotate({ overlap: false });
    const after = await issuer.issue({ as: 'alice', client: 'web' });
    const kids = (await published(issuer)).map(({ kid }) => kid);

    expect(kids).toEqual([headerOf(after.access_token)['kid']]);
    expect(await isBelieved(before.access_token, issuer)).toBe(false);
    expect((await get(`${issuer.url}/userinfo`, before.access_token)).status).toBe(401);
    const asked = await post(`${issuer.url}/introspect`, { token: before.access_token });
    expect(asked.json).toEqual({ active: false });
    expect(await isBelieved(after.access_token, issuer)).toBe(true);
    expect((await get(`${issuer.url}/userinfo`, after.access_token)).status).toBe(200);
  });

  it('signs nobody out: a refresh token of before brings tokens of the key of now', async () => {
    const issuer = await start();
    const { refresh_token = '' } = await issuer.issue({ as: 'alice', client: 'web' });
    await issuer.keys.rotate({ overlap: false });
    const form = { grant_type: 'refresh_token', refresh_token };
    const { status, json } = await post(`${issuer.url}/token`, form);

    expect(status).toBe(200);
    expect(await isBelieved(json.access_token, issuer)).toBe(true);
  });

  it('ends no session of a browser: those are sealed, and not signed', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const first = await fetch(authorizeUrl(issuer), { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    await issuer.keys.rotate({ overlap: false });
    const again = await fetch(authorizeUrl(issuer), { redirect: 'manual', headers: { cookie } });
    const without = await fetch(authorizeUrl(issuer), { redirect: 'manual' });

    expect(again.status).toBe(303);
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(without.headers.get('set-cookie')).not.toBeNull();
  });

  it('counts every time, however many fall into one second', async () => {
    const issuer = await start();
    const signers: unknown[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await issuer.keys.rotate();
      const { access_token } = await issuer.issue({ client: 'machine' });
      signers.push(headerOf(access_token)['kid']);
    }
    const [current, ...others] = (await published(issuer)).map(({ kid }) => kid);

    expect(new Set(signers).size).toBe(5);
    expect(current).toBe(signers.at(-1));
    expect(new Set(others).size).toBe(5);
  });

  it('is not done by halves where an option is misspelt', async () => {
    const issuer = await start();
    const misspelt: object = { overlapp: false };

    expect(await complaint(() => issuer.keys.rotate(misspelt))).toContain('did you mean overlap?');
    expect(await published(issuer)).toHaveLength(1);
  });

  it('is about every algorithm that has a key, or about the one that is named', async () => {
    const issuer = await start({ clients: [RSA] });
    await issuer.issue({ as: 'alice', client: 'rsa' });
    const first = await published(issuer);
    await issuer.keys.rotate({ overlap: false, alg: 'RS256' });
    const second = await published(issuer);
    await issuer.keys.rotate({ overlap: false });
    const third = await published(issuer);
    const kidOf = (keys: readonly Key[], alg: string) => keys.find((key) => key.alg === alg)?.kid;

    expect(kidOf(second, 'ES256')).toBe(kidOf(first, 'ES256'));
    expect(kidOf(second, 'RS256')).not.toBe(kidOf(first, 'RS256'));
    expect(kidOf(third, 'ES256')).not.toBe(kidOf(first, 'ES256'));
    expect(kidOf(third, 'RS256')).not.toBe(kidOf(second, 'RS256'));
    expect([first, second, third].map((keys) => keys.length)).toEqual([2, 2, 2]);
  });

  it('makes the first key of an algorithm that has none', async () => {
    const issuer = await start();
    await issuer.keys.rotate({ alg: 'EdDSA' });

    expect((await published(issuer)).map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);
  });

  it('names the algorithms where one is named that there is not', async () => {
    const issuer = await start();

    expect(await complaint(() => issuer.keys.rotate({ alg: 'HS256' }))).toMatch(
      'Misuse: keys.rotate: alg has to be one of ES256, RS256,',
    );
    expect(await published(issuer)).toHaveLength(1);
  });
});

describe('tokens of an issuer for development', () => {
  it('say so, in the name of the key and in a claim of both', async () => {
    const issuer = await start({ clients: [RSA] });
    const { access_token, id_token = '' } = await issuer.issue({ as: 'alice', client: 'rsa' });
    await issuer.keys.rotate();

    for (const token of [access_token, id_token]) {
      expect(headerOf(token)['kid']).toMatch(/^dev-[\w-]{43}$/);
      expect(jose.decodeJwt(token)['asteroid_dev']).toBe(true);
    }
    for (const { kid } of await published(issuer)) expect(kid).toMatch(/^dev-[\w-]{43}$/);
  });

  it('cannot be made to say that they are not', async () => {
    const issuer = await start();
    const claims = { asteroid_dev: false };

    expect(await complaint(() => issuer.issue({ as: 'alice', client: 'web', claims }))).toMatch(
      'claims.asteroid_dev is the issuer',
    );
    expect(await complaint(() => issuer.users.add({ sub: 'eve', ...claims }))).toMatch(
      'asteroid_dev: is a claim that only Asteroid may set',
    );
  });
});
