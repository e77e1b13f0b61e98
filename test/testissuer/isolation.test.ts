import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { parseJwt } from '../../internal/protocol/jwt.ts';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { ask } from '../support/raw-http.ts';
import {
  authorizeUrl,
  basic,
  CALLBACK,
  CLIENTS,
  complaint,
  configure,
  get,
  post,
  SECRET,
  signIn,
  start,
  visit,
} from './testissuer.fixture.ts';

const WELL_KNOWN = '/.well-known/openid-configuration';
const METADATA = '/.well-known/oauth-authorization-server';

/** Metadata before the path of the issuer (RFC 8414 §3.1). */
const inserted = ({ url }: TestIssuer, suffix: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${suffix}${pathname === '/' ? '' : pathname}`;
};

describe('issuer.test()', () => {
  it('is an issuer of its own below the one that listens, found in every form', async () => {
    const root = await start();
    const issuers = await Promise.all([root.test(), root.test()]);

    expect(new Set([root, ...issuers].map(({ url }) => url)).size).toBe(3);
    for (const issuer of [root, ...issuers]) {
      expect(issuer.url.startsWith(root.url)).toBe(true);
      for (const url of [
        issuer.url + WELL_KNOWN,
        inserted(issuer, WELL_KNOWN),
        inserted(issuer, METADATA),
      ]) {
        const { status, json } = await get(url);
        expect(status).toBe(200);
        expect(json.issuer).toBe(issuer.url);
        expect(json.token_endpoint).toBe(`${issuer.url}/token`);
      }
    }
  });

  it('serves a client from discovery to sign-out', async () => {
    const root = await start();
    const issuer = await root.test();
    issuer.signIn('alice');
    const config = await configure(issuer);
    const tokens = await signIn(config);

    expect(tokens.claims()).toMatchObject({ iss: issuer.url, sub: 'alice', name: 'Alice Example' });
    const end = `${issuer.url}/end_session?id_token_hint=${tokens.id_token}`;
    expect((await fetch(end)).status).toBe(200);
  });

  it('has the clients, users and sections of the root that it is not given', async () => {
    const root = await start({ config: { lifetimes: { access_token: '5m', id_token: '6m' } } });
    await root.users.add({ sub: 'carol' });
    await root.clients.remove('spa');
    await root.clients.add({ client_id: 'late', client_secret: SECRET, redirect_uris: [CALLBACK] });
    const [same, other] = await Promise.all([
      root.test(),
      root.test({
        clients: [{ client_id: 'own', client_secret: SECRET, redirect_uris: [CALLBACK] }],
        users: [{ sub: 'dave' }],
        config: { lifetimes: { access_token: '7m' } },
      }),
    ]);

    expect(await same.issue({ as: 'carol', client: 'late' })).toMatchObject({ expires_in: 300 });
    expect(await complaint(() => same.issue({ as: 'carol', client: 'spa' }))).toMatch('no client');
    expect(await other.issue({ as: 'dave', client: 'own' })).toMatchObject({ expires_in: 420 });
    expect(await complaint(() => other.issue({ as: 'dave', client: 'web' }))).toMatch('no client');
    expect(await complaint(() => other.issue({ as: 'alice', client: 'own' }))).toMatch('no user');
    expect(await complaint(() => root.issue({ as: 'dave', client: 'web' }))).toMatch('no user');
  });

  it('says what is wrong with its options in the words of whoever wrote them', async () => {
    const root = await start();
    const wrong = await complaint(() =>
      root.test({
        clients: [...CLIENTS, { client_id: 'x', client_secret: SECRET, redirect_uris: ['no'] }],
        users: [{ name: 'Nobody' }],
        config: { policy: { require_stat: true } },
      }),
    );

    expect(wrong.split('\n').map((line) => line.split(': ')[0])).toEqual([
      'Misuse',
      '  config.policy.require_stat',
      '  clients[3].redirect_uris[0]',
      '  users[0].sub',
    ]);
  });
});

describe('two issuers of one port share nothing', () => {
  it('neither clients nor users, whoever adds or removes them', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    await one.users.remove('alice');
    await one.clients.remove('machine');

    expect(await complaint(() => one.issue({ as: 'alice', client: 'web' }))).toMatch('no user');
    expect((await post(`${one.url}/token`, MACHINE, 'machine')).status).toBe(401);
    for (const { url, issue } of [other, root]) {
      expect(await issue({ as: 'alice', client: 'web' })).toHaveProperty('id_token');
      expect((await post(`${url}/token`, MACHINE, 'machine')).status).toBe(200);
    }
  });

  it('nor who is signed in', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    one.signIn('alice');
    other.signIn('bob');

    const subjects = [one, other].map(async (issuer) => {
      const tokens = await signIn(await configure(issuer));
      return tokens.claims()?.sub;
    });
    expect(await Promise.all(subjects)).toEqual(['alice', 'bob']);
    expect((await visit(authorizeUrl(root))).pathname).toBe('/choose');
  });

  it('nor time', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    one.clock.advance('30d');
    const month = 30 * 86_400;

    for (const { clock } of [root, other]) {
      expect(one.clock.now() - clock.now()).toBeGreaterThanOrEqual(month - 5);
      expect(one.clock.now() - clock.now()).toBeLessThanOrEqual(month + 5);
    }
  });

  it('nor anything else where many do everything at once', async () => {
    const root = await start();
    const walk = async (index: number) => {
      const issuer = await root.test();
      const sub = `user-${index}`;
      const ahead = index * 3600;
      await issuer.users.add({ sub, name: sub });
      issuer.clock.advance(ahead);
      issuer.signIn(sub);
      if (index % 2 === 1) issuer.faults.add({ do: 'userinfo.sub.wrong' });
      const code = (await visit(authorizeUrl(issuer))).searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
      const { json: tokens } = await post(`${issuer.url}/token`, form);
      const { json: told } = await get(`${issuer.url}/userinfo`, tokens.access_token);
      const { iss, sub: said, iat } = parseJwt(tokens.id_token)?.claims ?? {};
      return {
        told: [iss === issuer.url, said, told.sub, Math.round((Number(iat) - begun) / 3600)],
        users: new Set(issuer.flows().map(({ user }) => user)),
        steps: issuer.flows().map(({ step, faults = [] }) => [step, ...faults]),
      };
    };
    const begun = root.clock.now();
    const walked = await Promise.all(Array.from({ length: 40 }, (_, index) => walk(index)));

    for (const [index, { told, users, steps }] of walked.entries()) {
      const faults = index % 2 === 1 ? ['userinfo.sub.wrong'] : [];
      const sub = faults.length === 0 ? `user-${index}` : expect.not.stringMatching(/^user-/);
      expect(told).toEqual([true, `user-${index}`, sub, index]);
      expect(users).toEqual(new Set([`user-${index}`]));
      expect(steps).toEqual([['authorize'], ['token'], ['userinfo', ...faults]]);
    }
    expect(root.flows()).toEqual([]);
  });

  it('nor keys, codes and tokens: what one made is nothing to the other', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    one.signIn('alice');
    const code = (await visit(authorizeUrl(one))).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    const kids = await Promise.all(
      [root, one, other].map(async ({ url }) => (await get(`${url}/jwks.json`)).json.keys[0].kid),
    );

    expect(new Set(kids).size).toBe(3);
    expect(await post(`${other.url}/token`, form)).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
    const { status, json } = await post(`${one.url}/token`, form);
    expect(status).toBe(200);
    expect((await get(`${other.url}/userinfo`, json.access_token)).status).toBe(401);
    expect((await get(`${root.url}/userinfo`, json.access_token)).status).toBe(401);
    expect((await get(`${one.url}/userinfo`, json.access_token)).status).toBe(200);
  });

  it('nor what was recorded', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    await get(`${one.url}/jwks.json`);
    await get(`${inserted(one, METADATA)}`);

    expect(one.flows().map(({ step }) => step)).toEqual(['jwks', 'discovery']);
    expect(other.flows()).toEqual([]);
    expect(root.flows()).toEqual([]);
  });

  it('nor the session of a browser that visits both', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    const cookies = await Promise.all(
      [one, other].map(async (issuer) => {
        issuer.signIn('alice');
        const answer = await fetch(authorizeUrl(issuer), { redirect: 'manual' });
        return answer.headers.get('set-cookie')?.split('=')[0];
      }),
    );

    expect(new Set(cookies).size).toBe(2);
    expect(cookies).not.toContain(undefined);
  });
});

const MACHINE = { grant_type: 'client_credentials' };

describe('stop of one', () => {
  it('answers nothing more, and the others go on', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    await Promise.all([one.stop(), one.stop()]);

    expect((await fetch(`${one.url}/jwks.json`)).status).toBe(404);
    expect((await fetch(inserted(one, METADATA))).status).toBe(404);
    for (const { url } of [root, other]) {
      expect((await fetch(`${url}/jwks.json`)).status).toBe(200);
    }
  });

  it('is followed by that of the root, which ends all that are left', async () => {
    const root = await start();
    const [one, other] = await Promise.all([root.test(), root.test()]);
    await one.stop();
    await root.stop();

    await expect(fetch(`${other.url}/jwks.json`)).rejects.toThrow();
    await other.stop();
  });

  it.each([
    ['of one', 'the issuer'],
    ['of the root', 'everything'],
  ])('%s gives back the memory of %s', async (which) => {
    const root = await start();
    const collect = exposeCollector();
    const use = async (): Promise<WeakRef<TestIssuer['clock']>> => {
      const issuer = await root.test();
      await issuer.issue({ as: 'alice', client: 'web' });
      await get(`${issuer.url}/jwks.json`);
      if (which === 'of one') await issuer.stop();
      // What the whole of the issuer holds on to.
      return new WeakRef(issuer.clock);
    };
    const refs = await Promise.all(Array.from({ length: 5 }, use));
    if (which === 'of the root') await root.stop();

    await expect
      .poll(
        () => {
          collect();
          return refs.filter((ref) => ref.deref() !== undefined).length;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    expect(root.url).toMatch(/^http:/);
  });
});

/** Node hides it, and shows it to whoever asks for a context after this. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

describe('a path below /t/ that nobody has', () => {
  it('is nothing, whatever it looks like', async () => {
    const root = await start();
    const one = await root.test();
    const { host, port, pathname } = new URL(one.url);

    for (const path of [
      '/t/',
      '/t/nobody/jwks.json',
      `${pathname}`,
      `${pathname}x/jwks.json`,
      `${pathname}%2Fjwks.json`,
      `/T${pathname.slice(2)}/jwks.json`,
      `/t/.${pathname.slice(2)}/jwks.json`,
      `/.well-known/elsewhere${pathname}`,
      `${pathname}/t/nobody/jwks.json`,
    ]) {
      // As it is: `fetch` would tidy it up.
      const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}`];
      expect((await ask({ port: Number(port) }, lines)).status, path).toBe(404);
    }
    expect((await fetch(`${one.url}/jwks.json`)).status).toBe(200);
    const headers = basic('machine');
    const body = new URLSearchParams(MACHINE);
    expect((await fetch(`${one.url}/token`, { method: 'POST', headers, body })).status).toBe(200);
  });
});
