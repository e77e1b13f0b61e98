import { describe, expect, it } from 'vitest';
import { type Program, startProgram } from '../support/program.ts';
import { openRaw, sendRaw } from '../support/raw-http.ts';
import {
  ALICE,
  APP,
  ask,
  attempt,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  query,
  redeem,
  redirected,
  refresh,
  SECRET,
  SIGNED_IN,
  signIn,
  submit,
  unproven,
  user,
} from './threats.fixture.ts';

const LOGIN = `/oauth2/start?rd=\${url}`;

const withRoom = (max_entries: number, max_pending: number): Promise<Program> =>
  startProgram({
    config: {
      upstream: { trust: { secret: { files: ['upstream'] } }, login_url: LOGIN },
      store: { driver: 'memory', memory: { max_entries, max_pending } },
    },
  });

/** A form of somebody who is not signed in is put aside until they are. */
const park = (program: Program) => {
  const body = query();
  const lines = ['POST /authorize HTTP/1.1', HOST, SECRET, FORM, `Content-Length: ${body.length}`];
  return ask(program.public, lines, body);
};

describe('requests that anybody can start (DO-1)', () => {
  it('fill their own room: what is granted goes on, and so do new sign-ins', async () => {
    const program = await withRoom(10, 5);
    const tokens = await signIn(program);
    const parked = [];
    for (let count = 0; count < 20; count += 1) parked.push(redirected(await park(program)));

    expect(parked.filter(({ rd }) => rd !== undefined)).toHaveLength(5);
    expect(parked.at(-1)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect((await refresh(program.public, tokens.refresh_token)).status).toBe(200);
    const bearer = `Authorization: Bearer ${tokens.access_token}`;
    expect((await ask(program.public, ['GET /userinfo HTTP/1.1', HOST, bearer])).status).toBe(200);
  });

  it('that go by GET are not kept at all', async () => {
    const program = await withRoom(3, 1);
    for (let count = 0; count < 20; count += 1) {
      expect(redirected(await ask(program.public, unproven(SECRET)))).toHaveProperty('rd');
    }

    expect(redirected(await park(program))).toHaveProperty('rd');
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('are not kept for whoever is not proven', async () => {
    const program = await withRoom(1, 1);
    const body = query();
    const lines = ['POST /authorize HTTP/1.1', HOST, FORM, `Content-Length: ${body.length}`];
    for (let count = 0; count < 20; count += 1) {
      expect((await ask(program.public, lines, body)).status).toBe(403);
    }

    expect(redirected(await park(program))).toHaveProperty('rd');
  });
});

describe('a store that is full (DO-1)', () => {
  it('says so to new sign-ins and forgets none of the old', async () => {
    // Each is one record, and one place in its session; all are of one End-User.
    const program = await withRoom(7, 5);
    const kept = [await signIn(program), await signIn(program), await signIn(program)];
    const answer = await ask(program.public, honest());

    expect(redirected(answer)).toMatchObject({
      error: 'temporarily_unavailable',
      state: 'state-of-the-client',
      iss: 'https://sso.example',
    });
    for (const { refresh_token } of kept) {
      expect((await refresh(program.public, refresh_token)).status).toBe(200);
    }
  });

  it('takes sign-ins again once something has ended', async () => {
    // What was revoked leaves its places taken: in the session, and among what its End-User granted.
    const program = await withRoom(4, 1);
    const { refresh_token } = await signIn(program);
    expect(redirected(await ask(program.public, honest()))).toHaveProperty('error');

    await submit(program.public, '/revoke', { token: refresh_token }, `Authorization: ${APP}`);

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('answers 503 with Retry-After where there is no client to tell', async () => {
    const program = await startProgram({
      config: {
        store: { driver: 'redis', redis: { url: 'redis://127.0.0.1:1', deadline: '50ms' } },
      },
    });
    const [id, secret] = ['a'.repeat(22), 'b'.repeat(43)];
    const fields = { grant_type: 'refresh_token', refresh_token: `rt_${id}.${id}.${secret}` };
    const page = { handle: `pr_${id}.${secret}`, decision: 'allow' };
    const answers = await Promise.all([
      submit(program.public, '/token', fields, `Authorization: ${APP}`),
      submit(program.public, '/consent', page, SECRET, ALICE),
    ]);

    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(body).toContain('temporarily_unavailable');
      expect(body).not.toMatch(/redis|127\.0\.0\.1|ECONN|\n\s*at /i);
    }
    expect(redirected(await ask(program.public, honest()))['error']).toBe(
      'temporarily_unavailable',
    );
    for (const path of ['/jwks.json', '/.well-known/openid-configuration']) {
      expect((await ask(program.public, [`GET ${path} HTTP/1.1`, HOST])).status).toBe(200);
    }
    expect((await ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST])).status).toBe(503);
    expect((await ask(program.at('admin'), ['GET /livez HTTP/1.1', HOST])).status).toBe(200);
  });
});

describe('requests that are too large (G-12)', () => {
  const head = (path: string, ...lines: readonly string[]): string =>
    [`POST ${path} HTTP/1.1`, HOST, FORM, ...lines].join('\r\n');

  it('are refused before their body is read, on every route', async () => {
    const program = await startProgram();
    const paths = ['/token', '/introspect', '/revoke', '/authorize', '/consent', '/account'];
    const lengths = ['65537', '10000000000', '99999999999999999999'];
    const requests = paths.flatMap((path) =>
      lengths.map((length) => head(path, SECRET, ALICE, `Content-Length: ${length}`)),
    );
    const results = await Promise.all(
      requests.map((bytes) => sendRaw(program.public, `${bytes}\r\n\r\n`)),
    );

    expect(results).toHaveLength(18);
    for (const { answers, closed } of results) {
      expect(answers.map(({ status }) => [400, 413].includes(status))).toEqual([true]);
      expect(closed).toBe(true);
    }
  });

  it('are cut off at the same length when they come in chunks, whoever goes on sending', async () => {
    const program = await startProgram();
    const connection = await openRaw(program.public);
    connection.write(`${head('/token', 'Transfer-Encoding: chunked')}\r\n\r\n`);
    const chunk = `1000\r\n${'a'.repeat(4096)}\r\n`;
    for (let count = 0; count < 40; count += 1) connection.write(chunk);

    expect((await connection.next()).status).toBe(413);
    await connection.closed;
  });

  it('are not those with a form of 64 KiB', async () => {
    const program = await startProgram();
    const form = `${query()}&filler=`;
    const body = form + 'x'.repeat(65_536 - form.length);
    const lines = ['POST /authorize HTTP/1.1', HOST, SECRET, ALICE, FORM];

    expect(
      await attempt(program, [...lines, `Content-Length: ${body.length}`], { body }),
    ).toMatchObject({ subject: 'alice' });
  });

  it('are answered 431 for a target over 16 KiB, and 400 for more parameters than there are', async () => {
    const program = await startProgram();
    const long = [authorize({ filler: 'x'.repeat(17_000) }), HOST, SECRET, ALICE];
    const many = [`GET /authorize?${query()}&${'a=b&'.repeat(2000)} HTTP/1.1`, HOST, SECRET, ALICE];

    expect((await ask(program.public, long)).status).toBe(431);
    expect((await ask(program.public, many)).status).toBe(400);
  });
});

describe('clients that go away (DO-8)', () => {
  it('take nothing with them: the next request is answered', async () => {
    const program = await startProgram();
    const body = query();
    const whole = `${['POST /authorize HTTP/1.1', HOST, SECRET, ALICE, FORM, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;
    for (let count = 0; count < 200; count += 1) {
      const connection = await openRaw(program.public);
      connection.write(whole.slice(0, Math.ceil((whole.length * count) / 200)));
      connection.destroy();
    }

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    expect(program.logged().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('do not slow down others: a hundred that send nothing and one that signs in', async () => {
    const program = await startProgram();
    const idle = await Promise.all(Array.from({ length: 100 }, () => openRaw(program.public)));

    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    for (const connection of idle) connection.destroy();
  });
});

describe('replays (DO-1, T28)', () => {
  it('of a hundred redemptions of one code give tokens once, and then not even those', async () => {
    const program = await startProgram();
    const code =
      codeOf(await ask(program.public, [authorize(), HOST, SECRET, user('alice')])) ?? '';
    const all = await Promise.all(Array.from({ length: 100 }, () => redeem(program.public, code)));
    const won = all.filter(({ id_token }) => id_token !== undefined);

    expect(won).toHaveLength(1);
    expect((await refresh(program.public, won[0]?.refresh_token ?? '')).status).toBe(400);
  });
});
