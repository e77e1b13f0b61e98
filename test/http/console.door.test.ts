// Who is let in to the console beside those who show a token of the configuration, what a browser keeps of
// it, and what other sites can do to that.

import { describe, expect, it } from 'vitest';
import { TOKENS, WRITER } from '../support/admin-api.ts';
import { createAuthority } from '../support/certificates.ts';
import { createTestClock } from '../support/clock.ts';
import { type ConsoleSite, fieldOf, signInOf, startConsole } from '../support/console.ts';
import { ADMIN_NAME, knowing, nameOf, OPERATORS, showing } from '../support/operators.ts';
import { CLIENT_SECRET } from '../support/program.ts';
import { ask, type RawAnswer } from '../support/raw-http.ts';
import { basic } from '../support/requests.ts';

const NOW = 1_800_000_000;
const FORM = 'Content-Type: application/x-www-form-urlencoded';

const refusals = ({ program }: ConsoleSite) =>
  program.logged().filter(({ msg }) => msg === 'admin.refused');

describe('a certificate of an operator, in a browser (O22)', () => {
  const certificateOf = (name: string) => OPERATORS.issue(nameOf(name));
  const { listen, admin, files } = knowing({ carol: 'write', erin: 'write', dave: 'read' });
  const start = () => startConsole({ config: { listen }, admin, files });

  type Sent = {
    readonly certificate?: object;
    readonly cookie?: string;
    readonly form?: Readonly<Record<string, string>>;
    readonly lines?: readonly string[];
  };

  const OWN = [`Origin: https://${ADMIN_NAME}`, 'Sec-Fetch-Site: same-origin'];

  const open = (
    { program }: ConsoleSite,
    path: string,
    { certificate = {}, cookie, form, lines = form === undefined ? [] : OWN }: Sent = {},
  ): Promise<RawAnswer> => {
    const body = form === undefined ? '' : `${new URLSearchParams(form)}`;
    const head = [
      `${form === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
      `Host: ${ADMIN_NAME}`,
      ...(form === undefined ? [] : [FORM, `Content-Length: ${body.length}`]),
      ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
    ];
    return ask(showing(program.at('admin'), certificate), [...head, ...lines], body);
  };

  it('is who looks and who acts, with what its role may, and nobody else is', async () => {
    const site = await start();
    const [carol, dave] = [certificateOf('carol'), certificateOf('dave')];
    const rotate = async (certificate: object, proof: string, lines?: readonly string[]) => {
      const sent = { certificate, form: { proof }, ...(lines === undefined ? {} : { lines }) };
      return (await open(site, '/console/do/rotate', sent)).status;
    };

    const page = await open(site, '/console/keys', { certificate: carol });
    expect([page.status, page.body.includes('certificate:carol')]).toEqual([200, true]);
    expect(page.body).not.toContain('Sign out');
    expect(page.headers['set-cookie']).toBeUndefined();
    expect((await open(site, '/console/keys', { certificate: dave })).body).not.toContain('/do/');

    const asked = await open(site, '/console/do/rotate', { certificate: carol });
    const proof = fieldOf(asked, 'proof');
    const foreign = ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site'];
    expect(await rotate(carol, proof, foreign)).toBe(403);
    expect(await rotate(carol, '')).toBe(403);
    expect(await rotate(dave, proof)).toBe(403);
    expect(await rotate(certificateOf('erin'), proof)).toBe(403);
    expect(await rotate({}, proof)).toBe(401);
    expect(site.program.logged().some(({ msg }) => msg === 'keys.rotated')).toBe(false);
    expect(await rotate(carol, proof)).toBe(303);
    expect(site.program.logged()).toContainEqual(
      expect.objectContaining({ msg: 'keys.rotated', actor: 'certificate:carol' }),
    );

    const others = [certificateOf('eve'), createAuthority('operators').issue(nameOf('carol'))];
    for (const certificate of [...others, {}]) {
      expect((await open(site, '/console/keys', { certificate })).status).toBe(303);
    }
    expect(refusals(site)).toContainEqual(
      expect.objectContaining({ reason: 'admin_certificate_unknown' }),
    );
  });

  it('is shown by a browser for every site, and so another site has nothing looked up by it', async () => {
    const site = await start();
    const sent = { certificate: certificateOf('carol'), lines: ['Sec-Fetch-Site: cross-site'] };

    const passed = await open(site, '/console/users?sub=alice&done=user_deleted', sent);

    expect(passed.headers['refresh']).toBe('0; url=/console/users?sub=alice');
    expect(passed.body).not.toMatch(/carol|alice</);
    const came = await open(site, '/console/users?sub=alice', {
      ...sent,
      lines: ['Sec-Fetch-Site: same-origin'],
    });
    expect(came.body).toContain('certificate:carol');
  });

  it('gives way to whoever signs in, whose cookie no other host and no plain http can set', async () => {
    const site = await start();
    const door = await open(site, '/console/sign-in');
    const [visitor = ''] = (door.headers['set-cookie'] ?? '').split(';');
    const form = { proof: fieldOf(door, 'proof'), next: '', token: WRITER };

    const entered = await open(site, '/console/sign-in', { form, cookie: visitor });

    expect(door.headers['set-cookie']).toMatch(
      /^__Host-asteroid-console-visitor-[\w-]{8}=[\w-]+; Max-Age=28800; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(entered.headers['set-cookie']).toMatch(
      /^__Host-asteroid-console-[\w-]{8}=[\w-]+; Max-Age=28800; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    const [cookie = ''] = (entered.headers['set-cookie'] ?? '').split(';');
    const shown = await open(site, '/console', { cookie, certificate: certificateOf('dave') });
    expect(shown.body).toContain('token:writer');
    const planted = cookie.replace('__Host-', '');
    expect((await open(site, '/console', { cookie: planted })).status).toBe(303);
    const left = await open(site, '/console/sign-out', {
      cookie,
      form: { proof: fieldOf(shown, 'proof') },
    });
    expect(left.headers['set-cookie']).toMatch(/^__Host-[\w-]+=; Max-Age=0; Path=\/; Secure;/);
  });
});

describe('an access token of our own, in a browser (O22)', () => {
  const AUDIENCE = 'https://sso.example/admin';
  const machine = (id: string) => ({
    ...{ client_id: id, client_secret: CLIENT_SECRET, grant_types: ['client_credentials'] },
    ...{ scope: 'admin:read admin:write', resources: [AUDIENCE, 'https://other.example'] },
  });
  const start = (now = createTestClock(NOW)) =>
    startConsole({
      now,
      config: { scopes: { 'admin:read': {}, 'admin:write': {} } },
      admin: {
        access_tokens: {
          ...{ audience: AUDIENCE, clients: ['ops'] },
          ...{ read_scope: 'admin:read', write_scope: 'admin:write' },
        },
      },
      clients: [machine('ops'), machine('other')],
    });
  const post = ({ program }: ConsoleSite, path: string, client: string, form: object) => {
    const body = `${new URLSearchParams({ ...form })}`;
    const lines = [
      ...[`POST ${path} HTTP/1.1`, 'Host: sso.example', FORM],
      ...[`Authorization: ${basic(client, CLIENT_SECRET)}`, `Content-Length: ${body.length}`],
    ];
    return ask(program.public, lines, body);
  };
  async function issue(site: ConsoleSite, scope: string, client = 'ops', resource = AUDIENCE) {
    const form = { grant_type: 'client_credentials', scope, resource };
    return String(JSON.parse((await post(site, '/token', client, form)).body).access_token);
  }

  it('signs in with what its scope may, and not where it is for somebody else', async () => {
    const site = await start();
    const enter = async (token: string) => {
      const visitor = site.visitor();
      const { status } = await visitor.signIn(token);
      return { status, visitor };
    };
    const reader = await enter(await issue(site, 'admin:read'));
    const writer = await enter(await issue(site, 'admin:write'));

    expect([reader.status, writer.status]).toEqual([303, 303]);
    expect((await reader.visitor.open('/console')).body).toContain('access_token:ops:ops');
    expect((await reader.visitor.open('/console/do/rotate')).status).toBe(403);
    expect((await writer.visitor.confirm('/console/do/rotate')).status).toBe(303);
    const foreign = [
      await issue(site, 'admin:write', 'other'),
      await issue(site, 'admin:write', 'ops', 'https://other.example'),
    ];
    for (const token of foreign) {
      const { status, visitor } = await enter(token);
      expect([status, (await visitor.open('/console')).status]).toEqual([401, 303]);
    }
    expect(site.program.logText()).not.toContain(foreign[0]);
  });

  it('counts until it is revoked, or expires', async () => {
    const now = createTestClock(NOW);
    const site = await start(now);
    const [revoked, expired] = [site.visitor(), site.visitor()];
    const token = await issue(site, 'admin:read');
    await revoked.signIn(token);
    await expired.signIn(await issue(site, 'admin:read'));

    await post(site, '/revoke', 'ops', { token });
    expect((await revoked.open('/console')).status).toBe(303);
    expect((await expired.open('/console')).status).toBe(200);
    now.advance(3600);
    expect((await expired.open('/console')).status).toBe(303);
    expect(refusals(site).map(({ reason }) => reason)).toEqual([
      'admin_token_ended',
      'admin_credential_gone',
    ]);
  });
});

describe('a link or a form of another site (O22)', () => {
  const FOREIGN = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };

  it('takes nobody’s sign-in away, and is followed by whoever signed in', async () => {
    const site = await startConsole();
    const visitor = site.visitor();
    await visitor.signIn(WRITER);
    // A browser leaves a cookie out that is SameSite=Strict, and takes what comes back.
    const withoutCookies = site.visitor();
    const answers = [
      await withoutCookies.open('/console/keys', { 'Sec-Fetch-Site': 'cross-site' }),
      await withoutCookies.open('/console/sign-in'),
      await withoutCookies.send('/console/sign-in', { proof: 'x', token: WRITER }, FOREIGN),
      await withoutCookies.send('/console/sign-out', { proof: 'x' }, FOREIGN),
    ];
    const names = answers.flatMap(({ headers }) =>
      headers.getSetCookie().map((line) => line.split('=')[0] ?? ''),
    );

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 401]);
    expect(answers[0]?.headers.get('refresh')).toBe('0; url=/console/keys');
    for (const name of names) expect(name).toMatch(/^asteroid-console-visitor-/);
    expect(names.length).toBe(1);
    const kept = { Cookie: signInOf(visitor) };
    expect((await site.visitor().open('/console/keys', kept)).status).toBe(200);
    const again = await site.visitor().open('/console/sign-in?next=/console/keys', kept);
    expect([again.status, again.location]).toEqual([303, '/console/keys']);
  });

  it('leads to addresses of the console alone', async () => {
    const site = await startConsole();
    const passed = async (path: string) =>
      (await site.visitor().open(path, { 'Sec-Fetch-Site': 'cross-site' })).headers.get('refresh');

    expect(await passed('/console/audit?subject=a@b.example&type=token.refused')).toBe(
      '0; url=/console/audit?subject=a%40b.example&type=token.refused',
    );
    for (const path of ['//evil.example', '/keys/..;//evil.example']) {
      expect(await passed(`/console${path}`)).toBe('0; url=/console');
    }
    const door = '/console/sign-in?next=%2F%2Fevil.example';
    expect(await passed(door)).toBe(`0; url=${door}`);
    const visitor = site.visitor();
    await visitor.signIn(WRITER);
    expect((await visitor.open(door)).location).toBe('/console');
  });
});

describe('the record of the door (O22)', () => {
  it('says what was refused, and nothing beside', async () => {
    const site = await startConsole();
    const visitor = site.visitor();
    await visitor.signIn(WRITER);
    await visitor.send('/console/do/rotate', { proof: 'x' });
    await site.reconfigure({ tokens: TOKENS.slice(0, 1) });
    await visitor.open('/console');

    const [unproven, gone] = refusals(site);
    const facts = ['reason', 'error', 'peer', 'request_id'];
    expect(Object.keys(unproven ?? {})).toEqual(expect.arrayContaining(['actor', ...facts]));
    expect(Object.keys(gone ?? {})).toEqual(expect.arrayContaining(facts));
    for (const line of [unproven, gone]) {
      expect(line).not.toHaveProperty('kind');
      expect(line).not.toHaveProperty('text');
    }
  });
});
