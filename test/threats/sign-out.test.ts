import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { encodeQuery, type Query } from '../support/requests.ts';
import { startSilentServer } from '../support/silent-server.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  ALICE,
  ask,
  authorize,
  codeOf,
  HOST,
  redeem,
  redirected,
  refresh,
  SECRET,
  submit,
  type Tokens,
  user,
} from './threats.fixture.ts';

const AFTER = 'https://rp.example/after';
const SLOT = '$' + '{post_logout_redirect_uri}';

const received: { readonly path: string; readonly body: string }[] = [];

/** Takes what it is sent, and remembers it. */
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const path = request.url ?? '';
    received.push({ path, body });
    if (path === '/redirecting') response.writeHead(307, { Location: '/elsewhere' });
    response.end();
  });
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const { port } = receiver.address() as AddressInfo;
afterAll(() => receiver.close());

const clientOf = (client_id: string, more: Metadata): Metadata => ({
  client_id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  ...more,
});

const start = (config: Metadata = {}) =>
  startProgram({
    config: { outbound: { allow_private: ['127.0.0.0/8'] }, ...config },
    clients: [
      clientOf('app', {
        post_logout_redirect_uris: [AFTER],
        backchannel_logout_uri: `http://127.0.0.1:${port}/app`,
      }),
      clientOf('other', { post_logout_redirect_uris: ['https://other.example/after'] }),
    ],
  });

let program: Program;
beforeAll(async () => {
  program = await start();
});

/** A browser, as far as cookies go. */
function openBrowser(of: Program, person: string | undefined = ALICE) {
  let cookie: string | undefined;
  const lines = (who = person) => [
    ...[HOST, SECRET],
    ...(who === undefined ? [] : [who]),
    ...(cookie === undefined ? [] : [`Cookie: other=1; ${cookie}`]),
  ];
  const keep = (answer: RawAnswer): RawAnswer => {
    cookie = answer.headers['set-cookie']?.split(';')[0] ?? cookie;
    return answer;
  };
  const browser = {
    cookie: () => cookie,
    plant: (value: string | undefined) => {
      cookie = value;
    },
    get: async (target: string, who = person, ...more: readonly string[]) =>
      keep(await ask(of.public, [`GET ${target} HTTP/1.1`, ...lines(who), ...more])),
    endSession: (query: Query = {}, who = person) =>
      browser.get(`/end_session?${encodeQuery(query)}`, who),
    press: async (page: RawAnswer, decision = 'sign_out', ...more: readonly string[]) => {
      const [, handle] = /name="handle" value="([^"]+)"/.exec(page.body) ?? [];
      const own = lines().slice(1);
      return keep(await submit(of.public, '/sign_out', { handle, decision }, ...own, ...more));
    },
    async signIn(query: Query = {}): Promise<Tokens> {
      const [, target = ''] = authorize(query).split(' ');
      return redeem(of.public, codeOf(await browser.get(target)) ?? '');
    },
    async silently(): Promise<string> {
      const [, target = ''] = authorize({ prompt: 'none' }).split(' ');
      const answer = await browser.get(target);
      return codeOf(answer) === undefined ? String(redirected(answer)['error']) : 'signed in';
    },
  };
  return browser;
}

const endedSids = ({ logged }: Program) =>
  logged().flatMap(({ msg, sid }) => (msg === 'session.ended' ? [sid] : []));

const sidOf = ({ id_token }: Tokens) => claimsOf(id_token)['sid'];

describe('the honest sign-out (LO-1, LO-4)', () => {
  it('goes from the page of the client through everything and back, and ends it all', async () => {
    const browser = openBrowser(program);
    const tokens = await browser.signIn();
    const query = { id_token_hint: tokens.id_token, post_logout_redirect_uri: AFTER, state: '+&' };
    const answer = await browser.endSession(query);

    expect([answer.status, answer.headers['location']]).toEqual([303, `${AFTER}?state=%2B%26`]);
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-asteroid-session=[\w-]+; Max-Age=2592000; Path=\/; Secure; HttpOnly; SameSite=None$/,
    );
    expect((await refresh(program.public, tokens.refresh_token)).status).toBe(400);
    expect(await browser.silently()).toBe('login_required');
    await expect.poll(() => received.at(-1)?.path).toBe('/app');
    const token = new URLSearchParams(received.at(-1)?.body).get('logout_token') ?? '';
    expect(claimsOf(token)).toMatchObject({ sub: 'alice', aud: 'app', sid: sidOf(tokens) });
  });

  it('leaves alive what was granted for offline access', async () => {
    const browser = openBrowser(program);
    const tokens = await browser.signIn({ scope: 'openid offline_access' });
    await browser.press(await browser.endSession());

    expect(endedSids(program)).toContain(sidOf(tokens));
    expect((await refresh(program.public, tokens.refresh_token)).status).toBe(200);
  });

  it('writes no token, no cookie and no handle to the log', async () => {
    const browser = openBrowser(program);
    const tokens = await browser.signIn();
    const page = await browser.endSession({ id_token_hint: tokens.access_token });
    const before = browser.cookie()?.split('=')[1] ?? 'no cookie';
    await browser.press(page);
    const text = program.logText();

    const [, handle = 'no handle'] = /name="handle" value="([^"]+)"/.exec(page.body) ?? [];
    const after = browser.cookie()?.split('=')[1] ?? 'no cookie';
    for (const secret of [tokens.id_token, tokens.access_token, before, after, handle]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('"sign_out.asked"');
  });
});

const EVIL = [
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'https:evil.example',
  'https:/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  `${AFTER}/`,
  `${AFTER}?foo=bar`,
  `${AFTER}?`,
  `${AFTER}#`,
  `${AFTER}#@evil.example`,
  `${AFTER}/../evil`,
  `${AFTER}%2f..%2fevil`,
  'https://rp.example@evil.example/after',
  'https://rp.example.evil.example/after',
  'https://RP.example/after',
  'https://rp.example:443/after',
  'http://rp.example/after',
  'https://rp.example/AFTER',
  ` ${AFTER}`,
  `${AFTER}\r\nSet-Cookie: a=b`,
  `https://evil.example/?${AFTER}`,
  'https://other.example/after',
  REDIRECT_URI,
];

describe('a sign-out that would lead somewhere else (LO-2, T31)', () => {
  for (const uri of EVIL) {
    it(`to ${JSON.stringify(uri)} is a page, and stays one`, async () => {
      const browser = openBrowser(program);
      const { id_token } = await browser.signIn();
      const page = await browser.endSession({
        id_token_hint: id_token,
        client_id: 'app',
        post_logout_redirect_uri: uri,
        state: 's',
      });
      expect([page.status, page.headers['location']]).toEqual([200, undefined]);
      expect(page.headers['content-security-policy']).toContain("form-action 'self';");
      const done = await browser.press(page);

      expect([done.status, done.headers['location']]).toEqual([200, undefined]);
      expect(done.body).toContain('You are signed out');
      expect(done.body).not.toContain('evil');
    });
  }

  it('by way of the upstream comes back to us, and only then goes to the client', async () => {
    const proxied = await start({
      upstream: {
        trust: { secret: { files: ['upstream'] } },
        logout_url: `/oauth2/sign_out?rd=${SLOT}`,
      },
    });
    const browser = openBrowser(proxied);
    const { id_token } = await browser.signIn();
    const out = await browser.endSession({
      id_token_hint: id_token,
      post_logout_redirect_uri: AFTER,
    });
    const back = new URLSearchParams(out.headers['location']?.split('?')[1]).get('rd') ?? '';
    expect(back).toMatch(/^https:\/\/sso\.example\/signed_out\?asteroid_resume=pr_[\w%.-]+$/);
    const target = back.slice('https://sso.example'.length);
    const nobody = [`GET ${target} HTTP/1.1`, HOST];

    expect((await ask(proxied.public, nobody)).headers['location']).toBe(AFTER);
    expect((await ask(proxied.public, nobody)).body).toContain('You are signed out');
  });

  for (const resume of ['https://evil.example', '//evil.example', 'pr_x.y', 'pr_']) {
    it(`does not go to ${resume} when it comes back`, async () => {
      const target = `/signed_out?${encodeQuery({ asteroid_resume: resume })}`;
      const answer = await ask(program.public, [`GET ${target} HTTP/1.1`, HOST]);

      expect([answer.status, answer.headers['location']]).toEqual([200, undefined]);
      expect(answer.body).not.toContain('evil');
    });
  }
});

describe('a sign-out from a page of a stranger (LO-1)', () => {
  const unchanged = async (browser: ReturnType<typeof openBrowser>) =>
    expect(await browser.silently()).toBe('signed in');

  it('asks, by GET and by POST, and ends nothing', async () => {
    const browser = openBrowser(program);
    await browser.signIn();
    const got = await browser.get('/end_session', ALICE, 'Sec-Fetch-Site: cross-site');
    const own = [SECRET, ALICE, `Cookie: ${browser.cookie()}`];
    const posted = await submit(program.public, '/end_session', {}, ...own, 'Origin: https://e.x');

    for (const { status, body } of [got, posted]) {
      expect([status, body.includes('Do you want to sign out?')]).toEqual([200, true]);
    }
    await unchanged(browser);
  });

  it('cannot press the button of the page', async () => {
    const browser = openBrowser(program);
    await browser.signIn();
    const page = await browser.endSession();
    for (const line of [
      'Origin: https://evil.example',
      'Origin: null',
      'Sec-Fetch-Site: same-site',
    ]) {
      expect((await browser.press(page, 'sign_out', line)).status).toBe(403);
    }
    await unchanged(browser);
    expect((await browser.press(page, 'sign_out', 'Origin: https://sso.example')).status).toBe(200);
    expect(await browser.silently()).toBe('login_required');
  });

  it('cannot press it with a handle of its own', async () => {
    const mallory = openBrowser(program, user('mallory'));
    await mallory.signIn();
    const page = await mallory.endSession();
    const alice = openBrowser(program);
    await alice.signIn();

    expect((await alice.press(page)).status).toBe(403);
    await unchanged(alice);
    await unchanged(mallory);
  });

  it('with the ID Token of another End-User, or of another session, asks', async () => {
    const mallory = await openBrowser(program, user('mallory')).signIn();
    const elsewhere = await openBrowser(program).signIn();
    const alice = openBrowser(program);
    await alice.signIn();
    for (const { id_token } of [mallory, elsewhere]) {
      const { body } = await alice.endSession({ id_token_hint: id_token });
      expect(body).toContain('Do you want to sign out?');
    }
    await unchanged(alice);
    expect((await refresh(program.public, elsewhere.refresh_token)).status).toBe(200);
  });

  it('needs the proxy: who goes around it signs nobody out', async () => {
    const browser = openBrowser(program);
    const { id_token } = await browser.signIn();
    const target = `/end_session?${encodeQuery({ id_token_hint: id_token })}`;
    const lines = [`GET ${target} HTTP/1.1`, HOST, ALICE, `Cookie: ${browser.cookie()}`];

    expect((await ask(program.public, lines)).status).toBe(403);
    await unchanged(browser);
  });
});

describe('a session cookie in the wrong hands (T26)', () => {
  it('of alice with the header of bob: the header wins, and what was hers is over', async () => {
    const alice = openBrowser(program);
    const hers = await alice.signIn();
    const bob = openBrowser(program, user('bob'));
    bob.plant(alice.cookie());
    const his = await bob.signIn();

    expect(claimsOf(his.id_token)['sub']).toBe('bob');
    expect(sidOf(his)).not.toBe(sidOf(hers));
    expect((await refresh(program.public, hers.refresh_token)).status).toBe(400);
    expect((await refresh(program.public, his.refresh_token)).status).toBe(200);
  });

  it('of alice without a header: nobody is signed in', async () => {
    const alice = openBrowser(program);
    await alice.signIn();
    const thief = [authorize({ prompt: 'none' }), HOST, SECRET, `Cookie: ${alice.cookie()}`];
    const answer = await ask(program.public, thief);

    expect(codeOf(answer)).toBeUndefined();
    expect(redirected(answer)['error']).toBe('login_required');
    const page = await ask(program.public, [authorize(), ...thief.slice(1)]);
    expect([page.status, codeOf(page)]).toEqual([401, undefined]);
  });

  it('shown at the end session endpoint tells no name', async () => {
    const alice = openBrowser(program, user('alice-of-the-secret-name'));
    await alice.signIn();
    const lines = ['GET /end_session HTTP/1.1', HOST, SECRET, `Cookie: ${alice.cookie()}`];
    const { body } = await ask(program.public, lines);

    expect(body).toContain('Do you want to sign out?');
    expect(body).not.toContain('secret-name');
  });

  it('made, changed, cut or of another issuer: it is none', async () => {
    const alice = openBrowser(program);
    const before = await alice.signIn();
    const [name = '', value = ''] = alice.cookie()?.split('=') ?? [];
    const stranger = openBrowser(await start());
    await stranger.signIn();
    const flipped = `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`;
    for (const cookie of [
      `${name}=${flipped}`,
      `${name}=${value.slice(0, -4)}`,
      `${name}=${Buffer.from('["sid","alice",9999999999,null,null]').toString('base64url')}`,
      `${name}=${value}; ${name}=${value}`,
      stranger.cookie() ?? '',
    ]) {
      const browser = openBrowser(program);
      browser.plant(cookie);
      expect(sidOf(await browser.signIn())).not.toBe(sidOf(before));
    }
    const honest = openBrowser(program);
    honest.plant(`${name}=${value}`);
    expect(sidOf(await honest.signIn())).toBe(sidOf(before));
    expect((await refresh(program.public, before.refresh_token)).status).toBe(200);
  });

  it('of before a sign-out brings nothing back', async () => {
    const alice = openBrowser(program);
    await alice.signIn();
    const kept = alice.cookie();
    await alice.press(await alice.endSession());
    alice.plant(kept);

    expect(await alice.silently()).toBe('login_required');
  });
});

describe('back-channel logout as a way in (LO-5)', () => {
  const failing = (of: Program) =>
    expect.poll(() => of.logged().find(({ msg }) => msg === 'logout.failed'), { timeout: 30_000 });

  for (const uri of [
    `http://127.0.0.1:${port}/ssrf`,
    `http://localhost:${port}/ssrf`,
    `http://[::1]:${port}/ssrf`,
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://192.168.0.1/',
    'https://0.0.0.0/',
    'https://[fe80::1]/',
    'https://[::ffff:7f00:1]/',
  ]) {
    it(`reaches nothing at ${uri.replace(/:\d+\//, '/')} unless the operator allows it`, async () => {
      const guarded = await startProgram({
        clients: [clientOf('app', { backchannel_logout_uri: uri })],
      }).catch((error: Error) => error);
      if (guarded instanceof Error) {
        // An address that no client could have been registered with in the first place.
        expect(guarded.message).toMatch(/backchannel_logout_uri/);
        return;
      }
      const browser = openBrowser(guarded);
      await browser.signIn();
      await browser.press(await browser.endSession());

      await failing(guarded).toMatchObject({ reason: 'address_forbidden', client_id: 'app' });
      expect(received.map(({ path }) => path)).not.toContain('/ssrf');
    });
  }

  it('is not sent on by whoever receives it', async () => {
    const redirecting = await startProgram({
      config: { outbound: { allow_private: ['127.0.0.1/32'] } },
      clients: [
        clientOf('app', {
          backchannel_logout_uri: `http://127.0.0.1:${port}/redirecting`,
        }),
      ],
    });
    const browser = openBrowser(redirecting);
    await browser.signIn();
    await browser.press(await browser.endSession());
    const paths = () => received.map(({ path }) => path);
    await expect.poll(paths, { timeout: 30_000 }).toContain('/redirecting');
    await redirecting.stop();

    expect(paths()).not.toContain('/elsewhere');
    await failing(redirecting).toMatchObject({ client_id: 'app' });
  });
});

describe('a process that ends after a sign-out (LO-7)', () => {
  it('delivers first what it was about to', async () => {
    const ending = await start();
    const browser = openBrowser(ending);
    const tokens = await browser.signIn();
    await browser.press(await browser.endSession());
    await ending.stop();

    const told = received.map(
      ({ body }) => claimsOf(new URLSearchParams(body).get('logout_token') ?? 'e30.e30.')['sid'],
    );
    expect(told).toContain(sidOf(tokens));
    expect(ending.logged().some(({ msg }) => msg === 'logout.delivered')).toBe(true);
  });

  it('says what it could not deliver in time, and ends', async () => {
    const silent = await startSilentServer();
    const ending = await startProgram({
      config: { outbound: { allow_private: ['127.0.0.1/32'] }, shutdown: { grace: '1s' } },
      clients: [clientOf('app', { backchannel_logout_uri: `http://127.0.0.1:${silent.port}/` })],
    });
    const browser = openBrowser(ending);
    await browser.signIn();
    await browser.press(await browser.endSession());
    await ending.stop();
    silent.close();

    expect(ending.logged().find(({ msg }) => msg === 'logout.failed')).toMatchObject({
      reason: 'outbox_closed',
    });
  });
});
