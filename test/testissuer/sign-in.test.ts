import { describe, expect, it } from 'vitest';
import {
  authorizeUrl,
  CALLBACK,
  CLIENTS,
  complaint,
  configure,
  post,
  SECRET,
  signIn,
  start,
  visit,
} from './testissuer.fixture.ts';

/** What a person is shown. */
const page = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

describe('signIn', () => {
  it('is who every browser is, until signOut: nobody is shown a page', async () => {
    const issuer = await start();
    const config = await configure(issuer);
    const before = await page(authorizeUrl(issuer));
    issuer.signIn('alice');
    const alice = await signIn(config);
    issuer.signIn('bob');
    const bob = await signIn(config);
    issuer.signOut();
    const after = await page(authorizeUrl(issuer));
    const silent = await visit(authorizeUrl(issuer, { prompt: 'none' }));

    expect([alice.claims()?.sub, bob.claims()?.sub]).toEqual(['alice', 'bob']);
    for (const { status, text } of [before, after]) {
      expect(status).toBe(200);
      expect(text).toContain('Alice Example');
    }
    expect(silent.searchParams.get('error')).toBe('login_required');
  });

  it('says what a proxy would: how, when and in which session', async () => {
    const issuer = await start();
    const auth_time = issuer.clock.now() - 100;
    issuer.signIn({ sub: 'alice', auth_time, acr: 'urn:mfa', amr: ['pwd', 'otp'], sid: 's-1' });
    const first = (await signIn(await configure(issuer))).claims();
    const again = (await signIn(await configure(issuer))).claims();
    issuer.signIn({ sub: 'alice', sid: 's-2' });
    const other = (await signIn(await configure(issuer))).claims();

    expect(first).toMatchObject({ sub: 'alice', auth_time, acr: 'urn:mfa', amr: ['pwd', 'otp'] });
    expect(again?.['sid']).toBe(first?.['sid']);
    expect(other?.['sid']).not.toBe(first?.['sid']);
    expect(other).not.toHaveProperty('acr');
  });

  it('has claims of the proxy beside those of the user, which go first', async () => {
    const issuer = await start();
    issuer.signIn({ sub: 'alice', claims: { name: 'Not Alice', nickname: 'Al' } });
    const claims = (await signIn(await configure(issuer))).claims();

    expect(claims).toMatchObject({ name: 'Alice Example', nickname: 'Al' });
  });

  it('has the time of the issuer, and a later one each time', async () => {
    const issuer = await start();
    const config = await configure(issuer);
    issuer.clock.advance('1h');
    issuer.signIn('alice');
    const first = Number((await signIn(config)).claims()?.auth_time);
    issuer.signIn('alice');
    const second = Number((await signIn(config)).claims()?.auth_time);

    expect(Math.abs(first - issuer.clock.now())).toBeLessThan(10);
    expect(second).toBeGreaterThan(first);
    expect(second).toBeLessThanOrEqual(issuer.clock.now());
  });

  it('gives way to the header for the request that has it', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const config = await configure(issuer);
    const named = await visit(authorizeUrl(issuer), { 'X-Authenticated-User': 'bob' });
    const tokens = await signIn(config);
    const [first, second] = issuer.flows().filter(({ step }) => step === 'authorize');

    expect(named.searchParams.has('code')).toBe(true);
    expect([first?.user, second?.user]).toEqual(['bob', 'alice']);
    expect(tokens.claims()?.sub).toBe('alice');
  });

  it('is refused for who is nobody, and changes nothing then', async () => {
    const issuer = await start();
    issuer.signIn('alice');

    expect(await complaint(() => issuer.signIn('mallory'))).toBe(
      'Misuse: signIn: there is no user "mallory"; there are alice, bob',
    );
    const misspelt = { sub: 'bob', authTime: 1 };
    expect(await complaint(() => issuer.signIn(misspelt))).toContain('did you mean auth_time?');
    expect((await signIn(await configure(issuer))).claims()?.sub).toBe('alice');
    await issuer.users.add({ sub: 'mallory' });
    issuer.signIn('mallory');
    expect((await signIn(await configure(issuer))).claims()?.sub).toBe('mallory');
  });

  it.each([
    [{ sub: 'alice', claims: { iss: 'https://evil.example' } }, 'claims.iss is a claim that only'],
    [{ sub: 'alice', auth_time: 4_102_444_800 }, 'auth_time has to be a moment of the past'],
    [{ sub: 'alice', auth_time: 1.5 }, 'auth_time has to be a moment of the past'],
  ])('refuses %j', async (user, problem) => {
    const issuer = await start();

    expect(await complaint(() => issuer.signIn(user))).toMatch(problem);
  });
});

describe('what a client demands of the sign-in', () => {
  it('prompt=login is met by nothing that happened before it was asked', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const shown = await page(authorizeUrl(issuer, { prompt: 'login' }));
    const silent = await visit(authorizeUrl(issuer, { prompt: 'none' }));

    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Alice Example');
    expect(silent.searchParams.has('code')).toBe(true);
  });

  it('max_age is met by signing in again', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    issuer.clock.advance('2h');
    const query = { max_age: '3600', prompt: 'none' };
    const old = await visit(authorizeUrl(issuer, query));
    issuer.signIn('alice');
    const tokens = await signIn(await configure(issuer), { max_age: '3600' });

    expect(old.searchParams.get('error')).toBe('login_required');
    expect(tokens.claims()?.sub).toBe('alice');
  });

  it('an acr that is demanded is met by who has it, and not by who says nothing', async () => {
    const issuer = await start();
    const claims = JSON.stringify({
      id_token: { acr: { essential: true, value: 'urn:mfa' } },
    });
    issuer.signIn('alice');
    const without = await visit(authorizeUrl(issuer, { claims, prompt: 'none' }));
    issuer.signIn({ sub: 'alice', acr: 'urn:mfa' });
    const having = await visit(authorizeUrl(issuer, { claims, prompt: 'none' }));

    expect(without.searchParams.get('error')).toBe('unmet_authentication_requirements');
    expect(having.searchParams.has('code')).toBe(true);
  });

  it('after a sign-out, silence is met by signing in again, and not by still being there', async () => {
    const bye = 'http://localhost:3000/bye';
    const [web, ...others] = CLIENTS;
    const clients = [{ ...web, post_logout_redirect_uris: [bye] }, ...others];
    const issuer = await start({ clients });
    issuer.signIn('alice');
    const answer = await fetch(authorizeUrl(issuer), { redirect: 'manual' });
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    const { json } = await post(`${issuer.url}/token`, form);
    const query = { id_token_hint: json.id_token, post_logout_redirect_uri: bye };
    const out = await fetch(`${issuer.url}/end_session?${new URLSearchParams(query)}`, {
      headers: { cookie: cookieOf(answer) },
      redirect: 'manual',
    });
    const forgotten = await visit(out.headers.get('location') ?? '');
    const signedOut = await visit(forgotten, { cookie: cookieOf(out) });
    const silent = () => visit(authorizeUrl(issuer, { prompt: 'none' }), { cookie: cookieOf(out) });
    const still = await silent();
    issuer.signIn('alice');

    expect(signedOut.href).toBe(bye);
    expect(still.searchParams.get('error')).toBe('login_required');
    expect((await silent()).searchParams.has('code')).toBe(true);
  });
});

const cookieOf = ({ headers }: Response): string =>
  headers.get('set-cookie')?.split(';')[0] ?? 'no cookie';

describe('users', () => {
  it('are changed by adding one of the same sub', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    await issuer.users.add({ sub: 'alice', name: 'Alice Other' });
    const claims = (await signIn(await configure(issuer))).claims();

    expect(claims?.['name']).toBe('Alice Other');
    expect(claims).not.toHaveProperty('email');
  });

  it('who are removed get nothing more, also of what they had', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const { access_token } = await issuer.issue({ as: 'alice', client: 'web' });
    const headers = { Authorization: `Bearer ${access_token}` };
    const before = await fetch(`${issuer.url}/userinfo`, { headers });
    await issuer.users.remove('alice');
    const refused = await visit(authorizeUrl(issuer));

    expect(before.status).toBe(200);
    expect(refused.searchParams.get('error')).toBe('access_denied');
    expect((await fetch(`${issuer.url}/userinfo`, { headers })).status).toBe(401);
    expect(await complaint(() => issuer.users.remove('alice'))).toMatch('there is no user "alice"');
    expect(await complaint(() => issuer.users.add({ name: 'Nobody' }))).toMatch(
      'Misuse: users.add:\n  sub: is missing',
    );
  });

  it('are those to choose from where nobody is signed in', async () => {
    const issuer = await start();
    await issuer.users.remove('bob');
    await issuer.users.add({ sub: 'carol', name: 'Carol Example' });
    const { text } = await page(authorizeUrl(issuer));

    expect(text).toContain('Alice Example');
    expect(text).toContain('Carol Example');
    expect(text).not.toContain('Bob Example');
  });
});

describe('clients', () => {
  const LATE = { client_id: 'late', token_endpoint_auth_method: 'none' };

  it('are there when they were added, and gone when they were removed', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const query = {
      client_id: 'late',
      code_challenge_method: 'S256',
      code_challenge: 'x'.repeat(43),
    };
    const ask = async (redirect_uri: string) =>
      (await fetch(authorizeUrl(issuer, { ...query, redirect_uri }), { redirect: 'manual' }))
        .status;
    const uri = 'http://localhost:3000/late';
    const before = await ask(uri);
    await issuer.clients.add({ ...LATE, redirect_uris: [uri] });
    const added = await ask(uri);
    await issuer.clients.add({ ...LATE, redirect_uris: [`${uri}/other`] });
    const replaced = [await ask(uri), await ask(`${uri}/other`)];
    await issuer.clients.remove('late');

    expect([before, added, ...replaced, await ask(`${uri}/other`)]).toEqual([
      400, 303, 400, 303, 400,
    ]);
  });

  it('are refused with everything that is wrong with them, and those of before stay', async () => {
    const issuer = await start();
    const wrong = { client_id: 'web', client_secret: SECRET, redirect_uris: ['no', 'nowhere'] };
    const told = await complaint(() => issuer.clients.add(wrong));
    const misspelt = await complaint(() => issuer.clients.add({ client_id: 'web', grants: [] }));

    expect(told.split('\n')).toEqual([
      'Misuse: clients.add:',
      expect.stringMatching(/^ {2}redirect_uris\[0\]: is not an absolute URI/),
      expect.stringMatching(/^ {2}redirect_uris\[1\]: is not an absolute URI/),
    ]);
    expect(misspelt).toMatch('\n  grants: is not a known key');
    expect(await complaint(() => issuer.clients.add({ client_name: 'x' }))).toMatch('client_id');
    expect(await complaint(() => issuer.clients.remove('nobody'))).toBe(
      'Misuse: clients.remove: there is no client "nobody"; there are web, spa, machine',
    );
    expect(await issuer.issue({ as: 'alice', client: 'web' })).toHaveProperty('refresh_token');
  });

  it('are added one after another, however many are at once', async () => {
    const issuer = await start();
    const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const one = { ...LATE, redirect_uris: ['http://localhost:3000/late'] };
    await Promise.all(ids.map((client_id) => issuer.clients.add({ ...one, client_id })));

    const issued = ids.map((client) => issuer.issue({ as: 'alice', client }));
    expect(await Promise.all(issued)).toHaveLength(10);
  });
});
