// Who somebody is behind the producer: chosen on its page, remembered by its cookie, and over when they
// sign out, by the paths of each product.

import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startProducer } from '../../internal/app/producer.ts';
import { linesNamed, type Stand, stand } from '../support/producer.ts';
import { makeFolder } from '../support/program.ts';

type Terms = { readonly headers?: Record<string, string>; readonly form?: Record<string, string> };

/** Follows nothing. */
const visit = (
  { producer }: Pick<Stand, 'producer'>,
  path: string,
  { headers = {}, form }: Terms = {},
) =>
  fetch(producer.url + path, {
    redirect: 'manual',
    headers,
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });

const HTML = { Accept: 'text/html,*/*;q=0.8' };

async function choose(standing: Stand, user: string, rd = '/'): Promise<string> {
  const answer = await visit(standing, '/.asteroid/sign-in', { form: { user, rd } });
  expect(answer.status).toBe(303);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const seen = ({ app }: Stand): readonly string[] =>
  linesNamed(app.arrived.at(-1) ?? { rawHeaders: [] }, 'Remote-User');

describe('somebody who is nobody yet', () => {
  it('is asked who they are as a person, and refused as a program', async () => {
    const standing = await stand('authelia');

    const person = await visit(standing, '/page?a=b', { headers: HTML });
    const program = await visit(standing, '/page', { headers: { Accept: 'application/json' } });
    const form = await visit(standing, '/page', { headers: HTML, form: { a: 'b' } });

    expect(person.status).toBe(302);
    expect(person.headers.get('location')).toBe(
      `${standing.producer.url}/.asteroid/sign-in?${new URLSearchParams({ rd: `${standing.producer.url}/page?a=b` })}`,
    );
    expect([program.status, form.status]).toEqual([401, 401]);
    expect(await program.text()).toContain('X-Asteroid-As');
    expect(standing.app.arrived).toEqual([]);
  });

  it('chooses on a page that names everybody, in no frame and without a script', async () => {
    const standing = await stand('authelia');

    const page = await visit(standing, '/.asteroid/sign-in?rd=/page');

    const body = await page.text();
    for (const word of ['alice', 'Zoë Alice Example', 'Bob']) {
      expect(body).toContain(word);
    }
    expect(body).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('becomes who they choose, and goes where they wanted to', async () => {
    const standing = await stand('authelia');
    const answer = await visit(standing, '/.asteroid/sign-in', {
      form: { user: 'bob', rd: `${standing.producer.url}/page?a=b` },
    });
    expect(answer.headers.get('location')).toBe(`${standing.producer.url}/page?a=b`);
    const set = answer.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);

    const [cookie = ''] = set.split(';');
    expect((await visit(standing, '/', { headers: { Cookie: cookie } })).status).toBe(200);
    expect(seen(standing)).toEqual(['bob']);
  });

  it('is never sent to another site afterwards', async () => {
    const standing = await stand('authelia');
    const { url } = standing.producer;
    for (const rd of [
      ...['https://evil.example/', '//evil.example', '/\\evil.example', 'http:evil.example'],
      ...['javascript:alert(1)', `${url}@evil.example/`, 'http://localhost:1/', '\t//evil.example'],
    ]) {
      const form = { user: 'bob', rd };
      const answer = await visit(standing, '/.asteroid/sign-in', { form });
      expect(answer.headers.get('location')).toMatch(new RegExp(`^${url}/`));
    }
    const form = { user: 'bob', rd: '/.//evil.example' };
    const answer = await visit(standing, '/.asteroid/sign-in', { form });
    expect(answer.headers.get('location')).toBe(`${url}//evil.example`);
  });
});

describe('a choice', () => {
  it('is refused from a page of another site, and of nobody there is', async () => {
    const standing = await stand('authelia');
    const form = { user: 'alice', rd: '/' };
    const statusOf = async (headers: Record<string, string>, sent = form) =>
      (await visit(standing, '/.asteroid/sign-in', { headers, form: sent })).status;

    expect(await statusOf({ Origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf({ Origin: 'null' })).toBe(403);
    expect(await statusOf({ Origin: 'http://localhost:1' })).toBe(403);
    expect(await statusOf({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await statusOf({ 'Sec-Fetch-Site': 'same-site' })).toBe(403);
    expect(await statusOf({}, { user: 'mallory', rd: '/' })).toBe(400);
    expect(await statusOf({}, { user: 'x'.repeat(20_000), rd: '/' })).toBe(413);
    expect(await statusOf({ Origin: standing.producer.url })).toBe(303);
  });

  it('is remembered by a cookie that nobody else can make', async () => {
    const standing = await stand('authelia', { open: true });
    const other = await stand('authelia', { open: true });
    const cookie = await choose(standing, 'alice');
    const [name = '', value = ''] = cookie.split('=');
    const theirs = (await choose(other, 'bob')).split('=')[1] ?? '';
    const swapped = value.startsWith('A') ? `B${value.slice(1)}` : `A${value.slice(1)}`;
    const middle = value[40] === 'A' ? 'B' : 'A';
    const forged = [
      `${name}=${swapped}`,
      `${name}=${value.slice(0, 40)}${middle}${value.slice(41)}`,
      `${name}=${value.slice(0, -4)}`,
      `${name}=${theirs}`,
      `${name}=${value}; ${name}=${value}`,
      `${name}=${Buffer.from('{"subject":"bob","claims":{}}').toString('base64url')}`,
      `${name}=`,
    ];
    for (const sent of forged) {
      await visit(standing, '/', { headers: { Cookie: sent } });
      expect(seen(standing)).toEqual([]);
    }

    await visit(standing, '/', { headers: { Cookie: `a=1; ${cookie}` } });
    expect(seen(standing)).toEqual(['alice']);
    expect(linesNamed(standing.app.arrived.at(-1) ?? { rawHeaders: [] }, 'Cookie')).toEqual([
      'a=1',
    ]);
  });

  it('may be somebody who is in no file, by what is entered', async () => {
    const standing = await stand('oauth2-proxy-id-token');
    const form = {
      ...{ decision: 'enter', rd: '/', sub: 'carol', name: 'Carol', email: 'carol@corp.example' },
      ...{ groups: 'ops', acr: 'gold', ago: '0' },
    };
    const answer = await visit(standing, '/.asteroid/sign-in', { form });
    expect(answer.status).toBe(303);
    const [Cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');

    await visit(standing, '/', { headers: { Cookie } });

    const arrived = standing.app.arrived.at(-1) ?? { rawHeaders: [] };
    const [token = ''] = linesNamed(arrived, 'X-Upstream-Id-Token');
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
    ).toMatchObject({
      sub: 'carol',
      name: 'Carol',
      email: 'carol@corp.example',
      groups: ['ops'],
      acr: 'gold',
    });
    const wrong = await visit(standing, '/.asteroid/sign-in', { form: { ...form, sub: 'a b' } });
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([400, null]);
  });

  it('is another stay each time', async () => {
    const standing = await stand('pomerium');
    const sidOf = async (cookie: string): Promise<unknown> => {
      const visits = [1, 2].map(() =>
        visit(standing, '/.pomerium/', { headers: { Cookie: cookie } }),
      );
      const answers = await Promise.all(visits);
      const [one, other] = await Promise.all(answers.map((answer) => answer.json()));
      expect(one).toEqual(other);
      return Object(one)['sid'];
    };
    const first = await choose(standing, 'alice');
    const again = await visit(standing, '/.asteroid/sign-in', {
      headers: { Cookie: first },
      form: { user: 'alice', rd: '/' },
    });
    const [second = ''] = (again.headers.get('set-cookie') ?? '').split(';');

    expect(await sidOf(second)).not.toBe(await sidOf(first));
  });

  it('gives way to the header for tools, and to nobody else', async () => {
    const standing = await stand('authelia', { open: true });
    const cookie = await choose(standing, 'alice');

    await visit(standing, '/', { headers: { Cookie: cookie, 'X-Asteroid-As': 'bob' } });
    expect(seen(standing)).toEqual(['bob']);
    await visit(standing, '/', { headers: { Cookie: cookie, 'X-Asteroid-As': '' } });
    expect(seen(standing)).toEqual([]);
  });

  it('needs nobody where everybody is alice', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    await visit(standing, '/');
    expect(seen(standing)).toEqual(['alice']);
  });

  it('ends with the End-User, whom users.yaml names no more', async () => {
    const folder = await makeFolder({ users: [{ sub: 'alice' }, { sub: 'bob' }] });
    const standing = await stand('authelia', { users: folder.file('users.yaml') });
    const cookie = await choose(standing, 'bob');
    const statusOf = async () =>
      (await visit(standing, '/', { headers: { Cookie: cookie } })).status;
    expect(await statusOf()).toBe(200);

    await writeFile(folder.file('users.yaml'), JSON.stringify({ users: [{ sub: 'alice' }] }));

    await expect.poll(statusOf).toBe(401);
  });
});

/** Where each product has people sign in and out, and who it says they are. */
const PLACES: ReadonlyArray<readonly [preset: string, signIn: string, signOut: string]> = [
  ['oauth2-proxy', '/oauth2/start?rd=', '/oauth2/sign_out?rd='],
  ['oauth2-proxy', '/oauth2/sign_in?rd=', '/oauth2/sign_out?rd='],
  ['oauth2-proxy-id-token', '/oauth2/start?prompt=login&rd=', '/oauth2/sign_out?rd='],
  ['nginx-auth-request', '/oauth2/start?rd=', '/oauth2/sign_out?rd='],
  ['traefik-forwardauth', '/oauth2/start?rd=', '/oauth2/sign_out?rd='],
  ['envoy-ext-authz', '/oauth2/start?rd=', '/oauth2/sign_out?rd='],
  ['authelia', '/authelia/?rd=', '/authelia/logout?rd='],
  ['authentik', '/outpost.goauthentik.io/start?rd=', '/outpost.goauthentik.io/sign_out'],
  ['authentik-headers', '/outpost.goauthentik.io/start?rd=', '/outpost.goauthentik.io/sign_out'],
  [
    'pomerium',
    '/.pomerium/sign_in?pomerium_redirect_uri=',
    '/.pomerium/sign_out?pomerium_redirect_uri=',
  ],
  ['cloudflare-access', '/cdn-cgi/access/login?redirect_url=', '/cdn-cgi/access/logout'],
  ['google-iap', '/.asteroid/sign-in?rd=', '/?gcp-iap-mode=CLEAR_LOGIN_COOKIE'],
  ['teleport', '/.asteroid/sign-in?rd=', '/teleport-logout'],
  ['aws-alb', '/.asteroid/sign-in?rd=', '/.asteroid/sign-out?rd='],
  ['istio-jwt', '/.asteroid/sign-in?rd=', '/.asteroid/sign-out?rd='],
  ['tailscale-serve', '/.asteroid/sign-in?rd=', '/.asteroid/sign-out?rd='],
  ['k8s-front-proxy', '/.asteroid/sign-in?rd=', '/.asteroid/sign-out?rd='],
];

describe('the paths of a product', () => {
  for (const [preset, signIn, signOut] of PLACES) {
    it(`let people in and out: ${preset} at ${signIn.split('?')[0]}`, async () => {
      const standing = await stand(preset);
      const cookie = await choose(standing, 'alice');
      const headers = { Cookie: cookie };
      const target = signIn.endsWith('=') ? `${signIn}/deep` : signIn;

      const page = await (await fetch(standing.producer.url + target)).text();
      expect(page).toContain(`name="rd" value="${standing.producer.url}/deep"`);
      const ends = signOut.endsWith('=');
      const left = await visit(standing, ends ? `${signOut}/bye` : signOut, { headers });

      expect(left.headers.get('set-cookie')).toMatch(
        new RegExp(`^${cookie.split('=')[0]}=forgotten; Max-Age=0`),
      );
      expect([left.status, left.headers.get('location')]).toEqual(
        ends ? [302, `${standing.producer.url}/bye`] : [200, null],
      );
      expect(standing.app.arrived).toEqual([]);
      const nearly =
        signOut.split('?')[0] === '/' ? '/?gcp-iap-mode=OTHER' : `${signOut.split('?')[0]}x`;
      const status = (await visit(standing, nearly, { headers })).status;
      expect(status).toBe(nearly.startsWith('/.asteroid') ? 404 : 200);
    });
  }

  it('send people on within this machine alone when they sign out', async () => {
    const standing = await stand('oauth2-proxy');
    const locationOf = async (rd: string) =>
      (await visit(standing, `/oauth2/sign_out?rd=${encodeURIComponent(rd)}`)).headers.get(
        'location',
      );

    expect(await locationOf('https://evil.example/')).toBe(null);
    expect(await locationOf('//evil.example/')).toBe(null);
    expect(await locationOf('https://localhost.evil.example/')).toBe(null);
    expect(await locationOf('http://localhost:8880/logout?a=b')).toBe(
      'http://localhost:8880/logout?a=b',
    );
  });

  it('say who somebody is, and nothing of nobody', async () => {
    const WHO: ReadonlyArray<readonly [string, string, number, number, object | undefined]> = [
      [
        ...(['oauth2-proxy', '/oauth2/userinfo', 200, 401] as const),
        {
          ...{ user: 'alice', email: 'alice@corp.example', preferredUsername: 'ali' },
          groups: ['admins', 'dev team'],
        },
      ],
      ['nginx-auth-request', '/oauth2/auth', 202, 401, undefined],
      ['authelia', '/authelia/api/authz/auth-request', 200, 401, undefined],
      ['authentik', '/outpost.goauthentik.io/auth/nginx', 200, 401, undefined],
      ['pomerium', '/.pomerium/', 200, 401, { sub: 'alice', email: 'alice@corp.example' }],
      ['cloudflare-access', '/cdn-cgi/access/get-identity', 200, 400, { id: 'alice' }],
      [
        ...(['google-iap', '/?gcp-iap-mode=IDENTITY', 200, 401] as const),
        { sub: 'accounts.google.com:alice' },
      ],
      ['tailscale-serve', '/.asteroid/who', 200, 401, { sub: 'alice', department: 'R&D' }],
    ];
    for (const [preset, path, known, unknown, body] of WHO) {
      const standing = await stand(preset);
      const answer = await visit(standing, path, { headers: { 'X-Asteroid-As': 'alice' } });

      expect([preset, answer.status]).toEqual([preset, known]);
      if (body !== undefined) expect(await answer.json()).toMatchObject(body);
      expect((await visit(standing, path)).status).toBe(unknown);
    }
  });

  it('answer a proxy that asks, in the headers of the product', async () => {
    const headers = { 'X-Asteroid-As': 'alice' };
    const oauth2 = await visit(await stand('nginx-auth-request'), '/oauth2/auth', { headers });
    const authelia = await visit(await stand('authelia'), '/authelia/api/authz/auth-request', {
      headers,
    });

    expect(oauth2.headers.get('x-auth-request-user')).toBe('alice');
    expect(oauth2.headers.get('x-auth-request-groups')).toBe('admins,dev team');
    expect(authelia.headers.get('remote-groups')).toBe('admins,dev team');
  });
});

describe('a producer', () => {
  const start = (emit: string, terms: object = {}) =>
    startProducer({ emit, to: 'http://localhost:3000', users: [{ sub: 'alice' }], ...terms });

  it('does not start with what it cannot do, and says what it can', async () => {
    await expect(start('custom')).rejects.toThrow(
      /^nobody speaks as custom does; there are oauth2-/,
    );
    await expect(start('__proto__')).rejects.toThrow('nobody speaks as __proto__ does');
    await expect(start('authelia', { as: 'mallory' })).rejects.toThrow(
      'as: there is no End-User mallory; there are alice',
    );
    await expect(start('authelia', { users: [{ sub: 'a b' }] })).rejects.toThrow(
      /^users\.0\.sub: /,
    );
    await expect(start('authelia', { users: '/nowhere/users.yaml' })).rejects.toThrow('users.yaml');
    for (const to of [
      'https://localhost:3000',
      'localhost:3000',
      'http://localhost:3000/app',
      '',
    ]) {
      await expect(start('authelia', { to })).rejects.toThrow(
        /^to: has to be where the app listens/,
      );
    }
    await expect(start('authelia', { port: 3000 })).rejects.toThrow(/^to: is where the producer/);
  });

  it('says which port is taken', async () => {
    const { port } = await stand('authelia');

    await expect(start('authelia', { port })).rejects.toThrow(
      `cannot listen on http://127.0.0.1:${port}: another program listens there already; give it another port`,
    );
  });
});
