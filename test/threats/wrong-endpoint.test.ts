import { beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { claimsOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import {
  ALICE,
  APP,
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  honest,
  outcomeOf,
  redeem,
  redirected,
  refresh,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  submit,
  unproven,
  user,
} from './threats.fixture.ts';

const ROOT = [SECRET, user('root'), 'X-Authenticated-Groups: cluster-admins'];
const BROKEN = [
  user('a'),
  user('b'),
  'X_Authenticated_User: c',
  'Connection: X-Authenticated-User',
];

const client = (different: object) => ({
  client_id: 'app',
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  ...different,
});

const asking = () => startProgram({ clients: [client({ consent: 'always' })] });

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});

describe('an identity on a route that reads none (T27, UP-10)', () => {
  it('does not change who a code is for', async () => {
    for (const lines of [ROOT, BROKEN.slice(0, 3)]) {
      const code = codeOf(await ask(program.public, honest())) ?? '';
      const tokens = await redeem(program.public, code, ...lines);

      expect(claimsOf(tokens.id_token)).toMatchObject({ sub: 'alice' });
      expect(claimsOf(tokens.access_token)).toMatchObject({ sub: 'alice' });
      expect(claimsOf(tokens.id_token)).not.toHaveProperty('groups');
    }
  });

  it('is no access token at /userinfo', async () => {
    for (const method of ['GET', 'POST']) {
      const { status, headers } = await ask(program.public, [
        `${method} /userinfo HTTP/1.1`,
        HOST,
        'Content-Length: 0',
        ...ROOT,
      ]);

      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(/^Bearer /);
    }
  });

  it('does not change whom an access token is about', async () => {
    const { access_token } = await signIn(program);
    const bearer = `Authorization: Bearer ${access_token}`;
    const answer = await ask(program.public, ['GET /userinfo HTTP/1.1', HOST, bearer, ...ROOT]);

    expect(JSON.parse(answer.body)).toEqual({ sub: 'alice' });
  });

  it('does not change whom a refresh token is for', async () => {
    const { refresh_token } = await signIn(program);
    const { body } = await submit(
      program.public,
      '/token',
      { grant_type: 'refresh_token', refresh_token },
      `Authorization: ${APP}`,
      ...ROOT,
    );

    expect(claimsOf(JSON.parse(body).id_token)['sub']).toBe('alice');
  });

  it('authenticates no client', async () => {
    for (const path of ['/token', '/introspect', '/revoke']) {
      const fields = { grant_type: 'client_credentials', token: 'x', client_id: 'app' };
      const { status } = await submit(program.public, path, fields, ...ROOT);

      expect(status).toBe(401);
    }
  });

  it('has no effect at all, well formed or not, whoever sends it', async () => {
    const { access_token } = await signIn(program);
    const form = { token: access_token };
    const asked = (...lines: readonly string[]): readonly Promise<RawAnswer>[] => [
      ask(program.public, ['GET /.well-known/openid-configuration HTTP/1.1', HOST, ...lines]),
      ask(program.public, ['GET /jwks.json HTTP/1.1', HOST, ...lines]),
      submit(program.public, '/introspect', form, `Authorization: ${APP}`, ...lines),
      submit(program.public, '/revoke', { token: 'x' }, `Authorization: ${APP}`, ...lines),
    ];
    const essence = async (answers: readonly Promise<RawAnswer>[]) =>
      (await Promise.all(answers)).map(({ status, body }) => ({ status, body }));
    const plain = await essence(asked());

    expect(await essence(asked(...ROOT))).toEqual(plain);
    expect(await essence(asked(...BROKEN))).toEqual(plain);
    expect(plain.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(JSON.parse(plain[2]?.body ?? '')).toMatchObject({ active: true, sub: 'alice' });
  });

  it('is noted without its value', async () => {
    const answer = await ask(program.public, ['GET /jwks.json HTTP/1.1', HOST, user('a-canary')]);
    const id = answer.headers['x-request-id'];
    const notes = program.logged().filter(({ request_id }) => request_id === id);

    expect(notes).toContainEqual(expect.objectContaining({ header: 'x-authenticated-user' }));
    expect(program.logText()).not.toContain('a-canary');
  });
});

describe('another End-User answers the page (T26, UP-9)', () => {
  let consent: Program;
  beforeAll(async () => {
    consent = await asking();
  });
  const shownTo = async (name: string): Promise<string> => {
    const { body } = await ask(consent.public, [authorize(), HOST, SECRET, user(name)]);
    return /name="handle" value="([^"]+)"/.exec(body)?.[1] ?? '';
  };
  const decide = async (handle: string, decision: string, ...lines: readonly string[]) =>
    submit(consent.public, '/consent', { handle, decision }, ...lines);

  it('gets nothing for it, nor does the one it was shown to', async () => {
    const handle = await shownTo('alice');
    const byBob = await decide(handle, 'allow', SECRET, user('bob'));

    expect(await outcomeOf(consent, byBob)).toEqual(refused(403, 'another_subject'));
    expect(byBob.headers['location']).toBeUndefined();
    expect(await outcomeOf(consent, await decide(handle, 'allow', SECRET, ALICE))).toEqual(
      SIGNED_IN,
    );
  });

  it('gets nothing by denying it either', async () => {
    const handle = await shownTo('alice');
    const { status, headers } = await decide(handle, 'deny', SECRET, user('bob'));

    expect({ status, location: headers['location'] }).toEqual({ status: 403, location: undefined });
  });

  it('is nobody: without identity or proof the page is answered by no one', async () => {
    const handle = await shownTo('alice');

    expect(await outcomeOf(consent, await decide(handle, 'allow', SECRET))).toEqual(
      refused(403, 'another_subject'),
    );
    expect(await outcomeOf(consent, await decide(handle, 'allow', ALICE))).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(
      await outcomeOf(
        consent,
        await decide(handle, 'allow', SECRET, ALICE, 'Cookie: user=alice; session=x'),
      ),
    ).toEqual(SIGNED_IN);
  });

  it('makes one code of two answers', async () => {
    const handle = await shownTo('alice');
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => decide(handle, 'allow', SECRET, ALICE)),
    );

    expect(answers.filter((answer) => codeOf(answer) !== undefined)).toHaveLength(1);
  });

  it('cannot make it up: a handle of another page, of nothing, or a code for one', async () => {
    const code = codeOf(await ask(program.public, honest())) ?? '';
    for (const handle of [
      '',
      'pr_x.y',
      code,
      code.replace('ac_', 'pr_'),
      `${await shownTo('alice')}x`,
    ]) {
      const answer = await decide(handle, 'allow', SECRET, ALICE);

      expect(await outcomeOf(consent, answer)).toMatchObject({ status: 403, subject: undefined });
    }
  });

  it('does not send it from another site', async () => {
    const handle = await shownTo('alice');
    for (const line of [
      'Origin: https://evil.example',
      'Origin: null',
      'Sec-Fetch-Site: cross-site',
    ]) {
      expect(await outcomeOf(consent, await decide(handle, 'allow', SECRET, ALICE, line))).toEqual(
        refused(403, 'cross_site'),
      );
    }
    const own = ['Origin: https://sso.example', 'Sec-Fetch-Site: same-origin'];
    expect(await outcomeOf(consent, await decide(handle, 'allow', SECRET, ALICE, ...own))).toEqual(
      SIGNED_IN,
    );
  });

  it('leaves one cookie in a browser, and only with a code: sealed, it names nobody (G-23)', async () => {
    const handle = await shownTo('alice');
    const answers = await Promise.all([
      ask(consent.public, honest()),
      decide(handle, 'allow', SECRET, ALICE),
      ask(consent.public, unproven(ALICE)),
      ask(program.public, honest('Cookie: __Host-asteroid-session=garbage; x=\xff')),
    ]);

    for (const answer of answers) {
      const code = codeOf(answer);
      const [, value] = /^__Host-asteroid-session=([\w-]+);/.exec(
        answer.headers['set-cookie'] ?? '',
      ) ?? [undefined, undefined];
      expect(value === undefined).toBe(code === undefined);
      expect(Buffer.from(value ?? '', 'base64url').toString('latin1')).not.toContain('alice');
    }
    expect(answers.filter((answer) => codeOf(answer) !== undefined).length).toBeGreaterThan(0);
  });
});

describe('what a cache may keep of a page of people (T30, UP-13)', () => {
  const NAMES = ['x-authenticated-user', 'x-authenticated-groups', 'x-asteroid-upstream-secret'];

  for (const { given, lines } of [
    { given: 'a code', lines: honest() },
    { given: 'an error', lines: [authorize({ scope: 'nonsense"' }), HOST, SECRET, ALICE] },
    { given: 'login_required', lines: [authorize({ prompt: 'none' }), HOST, SECRET] },
    { given: 'a 401 page', lines: unproven(SECRET) },
    { given: 'a 403 page', lines: unproven(ALICE) },
    { given: 'a 400 page', lines: ['GET /authorize HTTP/1.1', HOST, SECRET, ALICE] },
    { given: 'a 405 page', lines: honest().map((line) => line.replace('GET', 'PUT')) },
  ]) {
    it(`is nothing of ${given}`, async () => {
      const { headers } = await ask(program.public, lines);
      const varies = headers['vary']?.toLowerCase().split(/, */) ?? [];

      expect(headers['cache-control']).toBe('no-store, private');
      expect(headers['pragma']).toBe('no-cache');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['etag'] ?? headers['last-modified'] ?? headers['expires']).toBeUndefined();
      expect(varies).toEqual(expect.arrayContaining(NAMES));
    });
  }

  it('is nothing of tokens, and the code is sent with 303', async () => {
    const answer = await ask(program.public, honest());
    const { headers } = await submit(
      program.public,
      '/token',
      { grant_type: 'authorization_code', code: codeOf(answer), redirect_uri: REDIRECT_URI },
      `Authorization: ${APP}`,
    );

    expect(answer.status).toBe(303);
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('a session that ended elsewhere (T28)', () => {
  const HOUR = 3600;

  it('ends its refresh tokens with the working day, however often they were used', async () => {
    let now = Math.floor(Date.now() / 1000);
    const later = await startProgram({ now: () => now });
    let { refresh_token } = await signIn(later);
    for (const hours of [3, 3, 1]) {
      now += hours * HOUR;
      refresh_token = JSON.parse((await refresh(later.public, refresh_token)).body).refresh_token;
    }
    now += HOUR + 1;
    const { status, body } = await refresh(later.public, refresh_token);

    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_grant' });
  });

  it('is not outlived by a code', async () => {
    let now = Math.floor(Date.now() / 1000);
    const later = await startProgram({ now: () => now });
    const code = codeOf(await ask(later.public, honest())) ?? '';
    now += 5 * 60 + 1;

    expect(await redeem(later.public, code)).toMatchObject({ error: 'invalid_grant' });
  });

  it('ends everything when the End-User is removed', async () => {
    const known = await startProgram({
      config: { userinfo: { backends: [{ type: 'yaml', file: 'users.yaml' }] } },
      users: [{ sub: 'alice' }, { sub: 'bob' }],
    });
    const tokens = await signIn(known);
    const code = codeOf(await ask(known.public, honest())) ?? '';
    await known.folder.write('users.yaml', JSON.stringify({ users: [{ sub: 'bob' }] }));
    const denied = async () => redirected(await ask(known.public, honest()))['error'];

    expect(await until(denied)).toBe('access_denied');
    expect(await redeem(known.public, code)).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(known.public, tokens.refresh_token)).status).toBe(400);
    const bearer = `Authorization: Bearer ${tokens.access_token}`;
    expect((await ask(known.public, ['GET /userinfo HTTP/1.1', HOST, bearer])).status).toBe(401);
  });
});

describe('probes (T32)', () => {
  for (const agent of [
    'kube-probe/1.30',
    'GoogleHC/1.0',
    'ELB-HealthChecker/2.0',
    'Prometheus/2.50',
    'curl/8.0 (healthcheck)',
  ]) {
    it(`are not let through by their name: ${agent}`, async () => {
      expect(await attempt(program, unproven(ALICE, `User-Agent: ${agent}`))).toEqual(
        refused(403, 'upstream_secret'),
      );
    });
  }

  it('are answered on the listener of operators under any Host, and nowhere else', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/healthz', '/ping', '/ready', '/admin']) {
      const { status } = await ask(program.public, [`GET ${path} HTTP/1.1`, HOST, SECRET, ALICE]);

      expect(status).toBe(404);
    }
    for (const path of ['/livez', '/readyz']) {
      const { status } = await ask(program.at('admin'), [`GET ${path} HTTP/1.1`, 'Host: 10.1.2.3']);

      expect(status).toBe(200);
    }
  });

  it('find nothing of the issuer on that listener', async () => {
    for (const target of [
      authorize().split(' ')[1] ?? '',
      '/token',
      '/jwks.json',
      '/livez/../authorize',
      '/LIVEZ',
      '/livez/',
    ]) {
      expect(
        await attempt(program, [`GET ${target} HTTP/1.1`, HOST, SECRET, ALICE], {
          target: program.at('admin'),
        }),
      ).toMatchObject({ status: 404, subject: undefined });
    }
  });
});
