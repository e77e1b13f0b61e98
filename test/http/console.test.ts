// The console as an operator uses it, and as whoever would like to be one attacks it.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hashToken, READER, TOKENS, WRITER } from '../support/admin-api.ts';
import { createTestClock } from '../support/clock.ts';
import {
  type ConsoleSite,
  fieldOf,
  signInOf,
  startConsole,
  type Visitor,
} from '../support/console.ts';
import { CLIENT_SECRET, REDIRECT_URI } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';

const NOW = 1_800_000_000;
const KEPT = { userinfo: { backends: [{ type: 'store' }, { type: 'headers' }] } };

const refusals = ({ program }: ConsoleSite): readonly unknown[] =>
  program
    .logged()
    .filter(({ msg }) => msg === 'admin.refused')
    .map(({ reason }) => reason);

async function enter(site: ConsoleSite, token = WRITER): Promise<Visitor> {
  const visitor = site.visitor();
  expect((await visitor.signIn(token)).location).toBe('/console');
  return visitor;
}

/** Every page that there is. */
const PAGES = [
  ...['', '/clients', '/client?client_id=app', '/authorizations', '/sessions', '/users'],
  ...['/users?sub=alice', '/keys', '/audit', '/identity', '/configuration'],
];

describe('the console', () => {
  it('is not there unless it is configured', async () => {
    const site = await startConsole({ admin: { console: { enabled: false } } });

    expect((await site.visitor().open('/console')).status).toBe(404);
    expect((await site.visitor().open('/console/sign-in')).status).toBe(404);
  });

  it('shows every page to whoever signed in, with a policy that lets nothing load, run or frame it', async () => {
    const site = await startConsole();
    const visitor = await enter(site, READER);

    for (const path of PAGES) {
      const { status, body, headers } = await visitor.open(`/console${path}`);
      expect([path, status]).toEqual([path, 200]);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'nonce-[\w-]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      expect(body).not.toMatch(/<script|style="|\son\w+=/);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await visitor.open('/console/')).status).toBe(404);
    expect((await visitor.open('/console/nothing')).status).toBe(404);
  });

  it('signs in once with a token, keeps a cookie that does not hold it, and goes where somebody wanted', async () => {
    const site = await startConsole();
    const visitor = site.visitor();

    const first = await visitor.open('/console/audit?type=token.refused');
    expect(first.location).toBe('/console/sign-in?next=%2Fconsole%2Faudit%3Ftype%3Dtoken.refused');
    const page = await visitor.open(first.location ?? '');
    const form = { proof: fieldOf(page, 'proof'), next: fieldOf(page, 'next'), token: WRITER };
    const entered = await visitor.send('/console/sign-in', form);

    expect([entered.status, entered.location]).toEqual([303, '/console/audit?type=token.refused']);
    const line = entered.headers.getSetCookie()[0] ?? '';
    expect(line).toMatch(/; Max-Age=28800; Path=\/console; HttpOnly; SameSite=Strict$/);
    expect(line).not.toContain(WRITER);
    expect((await visitor.open('/console')).body).toContain('token:writer');
    expect(site.program.logged()).toContainEqual(
      expect.objectContaining({ msg: 'console.signed_in', actor: 'token:writer' }),
    );
    expect(site.program.logText()).not.toContain(WRITER);
  });
});

describe('attacks on the way in (O22)', () => {
  it('shows nothing to nobody, and does nothing for them', async () => {
    const site = await startConsole();
    const nobody = site.visitor();

    for (const path of [...PAGES, '/nothing', '/do/rotate']) {
      const shown = await nobody.open(`/console${path}`);
      expect([shown.status, shown.body]).toEqual([303, '']);
      expect(shown.location).toMatch(/^\/console\/sign-in/);
    }
    expect((await nobody.send('/console/do/rotate', { proof: 'x' })).status).toBe(401);
    expect(refusals(site)).toEqual(['admin_credential_missing']);
  });

  it('takes no token in an address, and none in a header', async () => {
    const site = await startConsole();
    const visitor = site.visitor();

    for (const name of ['token', 'access_token', 'proof']) {
      expect((await visitor.open(`/console/sign-in?${name}=${WRITER}`)).status).toBe(400);
    }
    const headers = { Authorization: `Bearer ${WRITER}` };
    expect((await visitor.open('/console', headers)).status).toBe(303);
    expect((await (await enter(site)).open(`/console?token=${WRITER}`)).status).toBe(400);
  });

  it('goes nowhere but to pages of its own', async () => {
    const site = await startConsole();
    const bad = [
      ...['//evil.example', 'https://evil.example', '/\\evil.example', '/console//evil.example'],
      ...['/console@evil.example', 'javascript:alert(1)', '/consoles', '/admin/v1/clients'],
      ...['/console/../admin', '/console/%2e%2e/x', '/console\r\nSet-Cookie: a=b', '/console#x'],
    ];
    for (const next of bad) {
      expect([next, (await site.visitor().signIn(WRITER, next)).location]).toEqual([
        next,
        '/console',
      ]);
    }
    expect((await site.visitor().signIn(WRITER, '/console/keys')).location).toBe('/console/keys');
  });

  it('takes the form of no other site, and none without the proof of its own browser', async () => {
    const site = await startConsole();
    const foreign = [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: '' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ];
    for (const headers of foreign) {
      const visitor = site.visitor();
      const proof = fieldOf(await visitor.open('/console/sign-in'), 'proof');
      const form = { proof, token: WRITER };
      const shown = await visitor.send('/console/sign-in', form, headers);
      expect([headers, shown.status]).toEqual([headers, 403]);
    }
    const other = fieldOf(await site.visitor().open('/console/sign-in'), 'proof');
    const visitor = site.visitor();
    await visitor.open('/console/sign-in');
    for (const proof of [other, '', 'x']) {
      expect((await visitor.send('/console/sign-in', { proof, token: WRITER })).status).toBe(403);
    }
    expect(new Set(refusals(site))).toEqual(new Set(['admin_form_foreign', 'admin_form_unproven']));
  });

  it('answers under no name that others could have pointed here', async () => {
    const site = await startConsole({ admin: { hosts: ['asteroid-admin.sso.svc'] } });
    const at = site.program.at('admin');
    const get = async (host: string) =>
      (await ask(at, ['GET /console/sign-in HTTP/1.1', `Host: ${host}`])).status;

    expect(await get('evil.example')).toBe(421);
    expect(await get('localhost:8881')).toBe(200);
    expect(await get('asteroid-admin.sso.svc')).toBe(200);
  });

  it('compares a few wrong tokens, and then no token at all until a minute is over', async () => {
    const now = createTestClock(NOW);
    const site = await startConsole({ now });
    const visitor = site.visitor();
    const proof = fieldOf(await visitor.open('/console/sign-in'), 'proof');
    const tried = async (token: string) =>
      (await visitor.send('/console/sign-in', { proof, token })).status;

    const statuses = new Map<number, number>();
    for (let guess = 0; guess < 1000; guess += 100) {
      const some = Array.from({ length: 100 }, (_, n) => tried(`adm_${guess + n}`));
      for (const status of await Promise.all(some)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    expect([...statuses].toSorted()).toEqual([
      [401, 10],
      [429, 990],
    ]);
    expect(refusals(site).length).toBe(10);
    expect(await tried(WRITER)).toBe(429);

    now.advance(61);
    for (let times = 0; times < 20; times += 1) expect(await tried(`${WRITER} `)).toBe(303);
  });
});

describe('a sign-in (O22)', () => {
  it('ends with its time', async () => {
    const now = createTestClock(NOW);
    const site = await startConsole({ now, admin: { console: { enabled: true, session: '1h' } } });
    const visitor = await enter(site);

    now.advance(3599);
    expect((await visitor.open('/console/keys')).status).toBe(200);
    now.advance(1);
    expect((await visitor.open('/console/keys')).status).toBe(303);
  });

  it('ends when somebody signs out, also for whoever kept the cookie', async () => {
    const site = await startConsole();
    const visitor = await enter(site);
    const kept = { Cookie: signInOf(visitor) };
    const page = await visitor.open('/console');
    expect((await site.visitor().open('/console', kept)).status).toBe(200);

    expect((await visitor.send('/console/sign-out', { proof: 'x' })).status).toBe(403);
    const left = await visitor.send('/console/sign-out', { proof: fieldOf(page, 'proof') });

    expect(left.location).toBe('/console/sign-in?done=signed_out');
    expect(signInOf(visitor)).toBe('');
    expect((await site.visitor().open('/console', kept)).status).toBe(303);
  });

  it('ends when its token is taken out of the configuration, and has the role that stands there', async () => {
    const site = await startConsole();
    const [visitor, reader] = [await enter(site), await enter(site, READER)];
    await site.reconfigure({
      tokens: [{ name: 'writer', hash: hashToken(WRITER), role: 'read' }],
    });
    expect((await visitor.open('/console/keys')).body).not.toContain('/console/do/');
    expect((await reader.open('/console')).status).toBe(303);
    expect(refusals(site)).toContain('admin_credential_gone');
  });

  it('is of no use at another issuer, or at another process with keys of its own', async () => {
    const [one, other] = [
      await startConsole(),
      await startConsole({ config: { issuer: 'https://other.example' } }),
    ];
    const again = await startConsole();
    const [name = '', value = ''] = signInOf(await enter(one)).split('=');
    for (const site of [other, again]) {
      const [theirs = ''] = signInOf(await enter(site)).split('=');
      const shown = await site.visitor().open('/console', { Cookie: `${theirs}=${value}` });
      expect(shown.status).toBe(303);
    }
    const twice = { Cookie: `${name}=${value}; ${name}=${value}` };
    expect((await one.visitor().open('/console', twice)).status).toBe(303);
    expect((await one.visitor().open('/console', { Cookie: `${name}=${value}` })).status).toBe(200);
  });
});

describe('what is done from the console (O22)', () => {
  it('is drawn for nobody who reads, and refused to them', async () => {
    const site = await startConsole({ config: KEPT });
    const reader = await enter(site, READER);

    for (const path of PAGES) {
      expect((await reader.open(`/console${path}`)).body).not.toContain('/console/do/');
    }
    const proof = fieldOf(await reader.open('/console'), 'proof');
    for (const word of ['rotate', 'reload', 'flush', 'delete-client', 'end-sessions']) {
      expect((await reader.open(`/console/do/${word}`)).status).toBe(403);
      expect((await reader.send(`/console/do/${word}`, { proof })).status).toBe(403);
    }
    expect(refusals(site)).toContain('admin_role_insufficient');
  });

  it('needs the proof of the same sign-in, from the same origin', async () => {
    const site = await startConsole();
    const [visitor, other] = [await enter(site), await enter(site)];
    const own = fieldOf(await visitor.open('/console/do/rotate'), 'proof');
    const theirs = fieldOf(await other.open('/console/do/rotate'), 'proof');
    const rotate = async (proof: string, headers: Readonly<Record<string, string>> = {}) =>
      (await visitor.send('/console/do/rotate', { proof }, headers)).status;

    expect(await rotate(theirs)).toBe(403);
    expect(await rotate('')).toBe(403);
    expect(await rotate(own, { Origin: 'https://evil.example' })).toBe(403);
    expect(await rotate(own, { Origin: '' })).toBe(403);
    expect(await rotate(own, { 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(site.program.logged().some(({ msg }) => msg === 'keys.rotated')).toBe(false);
    expect(await rotate(own)).toBe(303);
    expect(site.program.logged()).toContainEqual(
      expect.objectContaining({ msg: 'keys.rotated', actor: 'token:writer' }),
    );
  });

  it('ends what somebody granted, one by one and all of it', async () => {
    const site = await startConsole();
    for (const subject of ['alice', 'alice', 'bob']) await site.signInAtClient(subject);
    const visitor = await enter(site);

    const page = await visitor.open('/console/authorizations?subject=alice');
    const [to = ''] = page.body.match(/\/console\/do\/end-authorization\?[^"]*/) ?? [];
    const one = await visitor.confirm(to.replaceAll('&amp;', '&'));
    expect(one.location).toBe('/console/authorizations?subject=alice&done=authorization_ended');
    const all = await visitor.confirm('/console/do/end-authorizations?subject=alice');
    expect(all.location).toContain('done=authorizations_ended&count=1');
    expect((await visitor.open(all.location ?? '')).body).toContain('Ended: 1 authorizations');

    expect((await visitor.open('/console/authorizations')).body).not.toContain('sub=alice');
    expect((await visitor.open('/console/sessions')).body).toContain('sub=bob');
    await visitor.confirm('/console/do/end-sessions?subject=bob');
    expect((await visitor.open('/console/sessions')).body).not.toContain('sub=bob');
    const onRecord = await visitor.open('/console/audit?type=authorization.ended');
    expect(onRecord.body).toContain('token:writer');
    expect(onRecord.body).toContain('127.0.0.1');
  });

  it('changes registered clients and End-Users of the store, and shows a secret once', async () => {
    const site = await startConsole({ config: KEPT });
    const visitor = await enter(site);
    const headers = { Authorization: `Bearer ${WRITER}`, 'Content-Type': 'application/json' };
    const api = (method: string, path: string, body: unknown) =>
      fetch(`${site.origin}/admin/v1${path}`, { method, headers, body: JSON.stringify(body) });
    const made = await (await api('POST', '/clients', { redirect_uris: [REDIRECT_URI] })).json();
    const { client_id: id } = made as { client_id: string };
    await api('PUT', '/users/carol', { claims: { name: 'Carol' } });

    const added = await visitor.confirm(`/console/do/add-secret?client_id=${id}`);
    const [, secret = ''] = /<pre class="secret">([^<]+)</.exec(added.body) ?? [];
    expect(secret.length).toBeGreaterThan(30);
    const page = await visitor.open(`/console/client?client_id=${id}`);
    expect(page.body).not.toContain(secret);
    const [to = ''] = page.body.match(/\/console\/do\/retire-secret\?[^"]*/) ?? [];
    expect((await visitor.confirm(to.replaceAll('&amp;', '&'))).location).toContain(
      'secret_retired',
    );
    expect((await visitor.confirm(`/console/do/delete-client?client_id=${id}`)).status).toBe(303);
    expect((await visitor.open(`/console/client?client_id=${id}`)).status).toBe(404);
    expect((await visitor.confirm('/console/do/delete-client?client_id=app')).status).toBe(409);

    await visitor.confirm('/console/do/disable-user?sub=carol');
    expect((await visitor.open('/console/users?sub=carol')).body).toContain(
      'knows them as disabled',
    );
    await visitor.confirm('/console/do/enable-user?sub=carol');
    expect((await visitor.open('/console/users?sub=carol')).body).toContain('Carol');
    expect((await visitor.confirm('/console/do/delete-user?sub=carol')).status).toBe(303);
    expect((await visitor.open('/console/users')).body).not.toContain('sub=carol');
    expect((await visitor.confirm('/console/do/flush')).location).toContain('done=flushed');
    expect((await visitor.confirm('/console/do/reload')).location).toContain('done=reloaded');
  });
});

describe('what is shown (O22)', () => {
  const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\`\u202e&lt;{{x}}`;

  it('is text, whatever somebody else made of it, and cut where nobody reads on', async () => {
    const long = `${HOSTILE}${'x'.repeat(10_000)}`;
    const site = await startConsole({
      config: KEPT,
      clients: [
        {
          ...{ client_id: 'app', client_secret: CLIENT_SECRET, client_name: HOSTILE },
          redirect_uris: [REDIRECT_URI],
        },
      ],
    });
    const headers = { Authorization: `Bearer ${WRITER}`, 'Content-Type': 'application/json' };
    const subject = encodeURIComponent(HOSTILE);
    const body = JSON.stringify({ claims: { name: long, nickname: HOSTILE } });
    const url = `${site.origin}/admin/v1/users/alice`;
    const put = await fetch(url, { method: 'PUT', headers, body });
    expect(await put.text()).toContain('changed_at');
    await ask(site.program.public, [
      ...['GET /authorize?client_id=app HTTP/1.1', 'Host: sso.example'],
      ...['X-Authenticated-User: <script>alert(1)</script>', 'X-<b>-x: y'],
    ]);
    const visitor = await enter(site);

    for (const path of [
      ...[...PAGES, `/users?sub=${subject}`, `/authorizations?subject=${subject}`],
      ...[`/audit?subject=${subject}&type=${subject}&request_id=${subject}`],
      ...[`/client?client_id=${subject}`, `/do/retire-key?kid=${subject}`],
      ...[`/do/end-session?sid=${subject}&subject=${subject}`, `/do/delete-user?sub=${subject}`],
      ...[
        `/sessions?subject=${subject}&done=${subject}&count=${subject}`,
        '/do/disable-user?sub=%3Cb%3E',
      ],
    ]) {
      const { body: shown } = await visitor.open(`/console${path}`);
      expect(shown).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
      expect(shown.match(/x{300}/)).toBeNull();
      expect(shown).toContain('</html>');
    }
    const found = (await visitor.open('/console/users?sub=alice')).body;
    expect(found).toContain('&lt;script&gt;alert(1)');
    expect(found).toMatch(/10,?0\d\d characters/);
  });

  it('says of the configuration everything but its secrets, and what the last reload changed', async () => {
    const site = await startConsole();
    await site.program.folder.writeClients([
      { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
      { client_id: 'second', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    ]);
    await site.program.reload();

    const { body } = await (await enter(site)).open('/console/configuration');

    expect(body).toMatch(/Clients added<\/dt><dd>.*second/);
    for (const { hash } of TOKENS) expect(body).not.toContain(String(hash));
  });

  it('says what waits for a restart for as long as it does, whatever the audit trail has forgotten', async () => {
    const site = await startConsole({ config: { audit: { remember: 1 } } });
    const visitor = await enter(site);
    const shown = async () => {
      const paths = ['/console', '/console/configuration'];
      const pages = await Promise.all(paths.map((path) => visitor.open(path)));
      return pages.map(
        ({ body }) => /(?:wait for|from) a restart[^<]*<bdi[^>]*>([^<]*)/.exec(body)?.[1],
      );
    };
    const { folder, reload } = site.program;
    const before = await readFile(folder.configFile, 'utf8');
    expect(await shown()).toEqual([undefined, undefined]);

    const after = { ...JSON.parse(before), metrics: { enabled: false } };
    await folder.write('asteroid.yaml', JSON.stringify(after));
    await reload();
    await site.signInAtClient('alice');
    expect(await shown()).toEqual(['metrics.enabled', 'metrics.enabled']);
    expect((await visitor.open('/console')).body).toContain('restart needed');

    await folder.write('asteroid.yaml', before);
    await reload();
    expect(await shown()).toEqual([undefined, undefined]);
  });

  it('opens the latest request that said who somebody is, and has a line for each before', async () => {
    const site = await startConsole();
    await site.signInAtClient('alice');
    await ask(site.program.public, [
      ...['GET /authorize?client_id=app HTTP/1.1', 'Host: sso.example'],
      'X-Authenticated-User: alice',
    ]);

    const { body } = await (await enter(site)).open('/console/identity');

    const requests = [...body.matchAll(/<details class="card"( open)?>(.*?)<\/summary>/gs)];
    expect(requests.map(([, open]) => open)).toEqual([' open', undefined]);
    expect(requests.map(([, , line]) => /state \w+">([^<]+)/.exec(line ?? '')?.[1])).toEqual([
      'refused',
      'an End-User was named',
    ]);
  });

  it('says where clients and End-Users are made, which is not here', async () => {
    const site = await startConsole({ config: KEPT });
    const visitor = await enter(site);

    expect((await visitor.open('/console/clients')).body).toContain('POST /admin/v1/clients');
    expect((await visitor.open('/console/users')).body).toContain('PUT /admin/v1/users/{sub}');
  });

  it('draws the last hour, in words and as a table as well', async () => {
    const now = createTestClock(NOW);
    const site = await startConsole({ now });
    const visitor = await enter(site);
    await site.signInAtClient('alice');
    now.advance(60);
    await visitor.open('/console');
    await site.signInAtClient('bob');
    await site.signInAtClient('bob');
    now.advance(60);

    const { body } = await visitor.open('/console');

    expect(body).toMatch(/aria-label="Sign-ins, per minute, [^"]*at most 2, last 2\./);
    expect(body).toMatch(/<svg[^>]*aria-label="Latency of requests, milliseconds[^"]*p50[^"]*p99/);
    expect(body).toMatch(/<caption[^>]*>Tokens, per minute, by grant<\/caption>/);
  });
});
