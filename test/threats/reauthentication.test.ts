import { beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import type { Query } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import { ANEW, LOGIN, LOGOUT, STEP_UP, sentToProxy } from '../support/upstream-urls.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  lineOf,
  outcomeOf,
  redeem,
  redirected,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  submit,
  user,
} from './threats.fixture.ts';

const OTHER_URI = 'https://other.example/callback';

const start = (upstream: object = {}, policy: object = {}): Promise<Program> =>
  startProgram({
    now: () => now,
    config: {
      upstream: {
        trust: { secret: { files: ['upstream'] } },
        headers: {
          subject: { name: 'X-Authenticated-User' },
          auth_time: { name: 'X-Authenticated-Time' },
          acr: { name: 'X-Authenticated-Acr' },
          email: { name: 'X-Authenticated-Email' },
        },
        login_url: LOGIN,
        reauthenticate_url: ANEW,
        ...upstream,
      },
      policy: { ...policy },
    },
    clients: [
      { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
      { client_id: 'other', client_secret: CLIENT_SECRET, redirect_uris: [OTHER_URI] },
    ],
  });

let now = 0;
let program: Program;
beforeEach(async () => {
  now = Math.floor(Date.now() / 1000);
  program = await start();
});

const time = (seconds: number): string => `X-Authenticated-Time: ${seconds}`;

const toProxy = ({ headers }: RawAnswer) => sentToProxy({ location: headers['location'] });

/** The request line with which the browser comes back. */
const backLine = (answer: RawAnswer): string =>
  `GET ${toProxy(answer).rd.replace('https://sso.example', '')} HTTP/1.1`;

const leave = (different: Query, ...lines: readonly string[]): Promise<RawAnswer> =>
  ask(program.public, [authorize(different), HOST, SECRET, ...lines]);

const comeBack = (left: RawAnswer, ...lines: readonly string[]): Promise<RawAnswer> =>
  ask(program.public, [backLine(left), HOST, SECRET, ...lines]);

const errorOf = (answer: RawAnswer) => redirected(answer)['error'];

describe('a sign-in that did not take place (T29, X-4)', () => {
  for (const { what, lines } of [
    { what: 'the auth_time that was there before', lines: () => [time(now - 5)] },
    { what: 'an older one', lines: () => [time(now - 6)] },
    { what: 'one of the future', lines: () => [time(now + 61)] },
    { what: 'none', lines: () => [] },
  ]) {
    it(`is not believed by ${what}: one redirect to the proxy, then login_required`, async () => {
      const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
      const back = await comeBack(left, ALICE, ...lines());

      expect(toProxy(left).path).toBe('anew');
      expect(errorOf(back)).toBe('login_required');
      expect(codeOf(back)).toBeUndefined();
      const honest = await comeBack(left, ALICE, time(now));
      expect(await outcomeOf(program, honest)).toEqual(SIGNED_IN);
    });
  }

  it('is not believed by a stale time without the proof of the proxy either', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
    const lines = [backLine(left), HOST, ALICE, time(now)];

    expect(await attempt(program, lines)).toEqual(refused(403, 'upstream_secret'));
  });

  it('is not believed twice: a proof does not outlive its request', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
    const proof = time(now);
    expect(codeOf(await comeBack(left, ALICE, proof))).toBeDefined();

    const again = await leave({ prompt: 'login' }, ALICE, proof);
    const replayed = await comeBack(again, ALICE, proof);
    const spent = await comeBack(left, ALICE, proof);

    expect(toProxy(again).path).toBe('anew');
    expect(errorOf(replayed)).toBe('login_required');
    expect(await outcomeOf(program, spent)).toEqual(refused(403, 'handle_unknown'));
  });

  it('is not claimed by parameters of ours in the address', async () => {
    for (const more of [
      { asteroid_login_attempt: String(now) },
      { asteroid_login_attempt: '0' },
      { auth_time: String(now), fresh: 'true', asteroid_journey: 'reauthenticate' },
    ]) {
      const left = await leave({ prompt: 'login', ...more }, ALICE, time(now));

      expect(toProxy(left).path).toBe('anew');
      expect(codeOf(left)).toBeUndefined();
    }
  });

  it('puts into the ID Token what the proxy says, never the time of the way back', async () => {
    const left = await leave({ max_age: '1' }, ALICE, time(now - 100));
    const authTime = now;
    now += 30;
    const code = codeOf(await comeBack(left, ALICE, time(authTime)));

    const { id_token } = await redeem(program.public, code ?? '');
    expect(claimsOf(id_token)['auth_time']).toBe(authTime);
  });

  it('is one of an acr that the proxy states, not of one that was asked for', async () => {
    program = await start({ reauthenticate_url: STEP_UP });
    const weak = 'X-Authenticated-Acr: pwd';
    const left = await leave({ acr_values: 'mfa' }, ALICE, weak);

    expect(toProxy(left).told).toMatchObject({ acr: 'mfa' });
    expect(errorOf(await comeBack(left, ALICE, weak))).toBe('unmet_authentication_requirements');
    const strong = await comeBack(left, ALICE, 'X-Authenticated-Acr: mfa');
    expect(await outcomeOf(program, strong)).toEqual(SIGNED_IN);
  });
});

describe('a way back that somebody made up (T24, T31, AZ-20)', () => {
  const resume = (handle: string, different: Query = {}): string =>
    authorize({ ...different, asteroid_resume: handle });

  it('ends on a page: forged, cut, of another kind, or with another secret', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
    const handle = toProxy(left).rd.split('asteroid_resume=')[1] ?? '';
    const other = toProxy(await leave({ prompt: 'login' }, ALICE)).rd.split('asteroid_resume=')[1];
    const id = handle.split('.')[0] ?? '';
    for (const forged of [
      `${id}.${other?.split('.')[1]}`,
      handle.slice(0, -1),
      handle.replace('pr_', 'ac_'),
      `${handle}%00`,
      `pr_${'A'.repeat(22)}.${'A'.repeat(43)}`,
    ]) {
      const line = `GET /authorize?asteroid_resume=${forged} HTTP/1.1`;
      const { status, subject } = await attempt(program, [line, HOST, SECRET, ALICE, time(now)]);

      // No text has a NUL in it, whatever it is for.
      const refusal = forged.endsWith('%00') ? 400 : 403;
      expect({ status, subject }).toEqual({ status: refusal, subject: undefined });
    }
    const twice = `${backLine(left).replace(' HTTP/1.1', '')}&asteroid_resume=${other} HTTP/1.1`;
    expect(await attempt(program, [twice, HOST, SECRET, ALICE, time(now)])).toEqual(
      refused(400, 'parameter_repeated'),
    );
    expect(await outcomeOf(program, await comeBack(left, ALICE, time(now)))).toEqual(SIGNED_IN);
  });

  it('answers only the client whose request it was', async () => {
    const different = { client_id: 'other', redirect_uri: OTHER_URI, prompt: 'login' };
    const left = await leave(different, ALICE, time(now - 5));
    const handle = toProxy(left).rd.split('asteroid_resume=')[1] ?? '';

    const line = resume(decodeURIComponent(handle), { prompt: 'none', nonce: 'n' });
    const answer = await ask(program.public, [line, HOST, SECRET, ALICE, time(now)]);
    const code = codeOf(answer) ?? '';
    const { body } = await submit(
      program.public,
      '/token',
      { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
      `Authorization: Basic ${Buffer.from(`app:${CLIENT_SECRET}`).toString('base64')}`,
    );

    expect(answer.headers['location']).toMatch(/^https:\/\/other\.example\/callback\?code=/);
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_grant' });
  });

  it('is no way in without a navigation, nor ahead of one', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
    for (const [line, status] of [
      ['Sec-Fetch-Dest: image', 400],
      ['Sec-Fetch-Dest: iframe', 400],
      ['Sec-Purpose: prefetch', 503],
    ] as const) {
      const answer = await comeBack(left, ALICE, time(now), line);

      expect([answer.status, codeOf(answer)]).toEqual([status, undefined]);
    }
    expect(codeOf(await comeBack(left, ALICE, time(now)))).toBeDefined();
  });

  it('is always the issuer, whatever the request calls itself', async () => {
    const lines = [authorize({ prompt: 'login' }), HOST, SECRET, ALICE];
    const steered = await ask(program.public, [
      ...lines,
      'X-Forwarded-Host: evil.example',
      'Forwarded: host=evil.example',
      'X-Original-URL: //evil.example/',
      'Origin: https://evil.example',
    ]);

    expect(toProxy(steered).rd).toMatch(/^https:\/\/sso\.example\/authorize\?asteroid_resume=pr_/);
    expect(steered.headers['location']).not.toContain('evil');
    expect(steered.status).toBe(303);
    expect(steered.headers['cache-control']).toBe('no-store, private');
  });

  it('is told to nobody but the proxy: no log has the handle', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 5));
    const handle = toProxy(left).rd.split('asteroid_resume=')[1] ?? '';
    await comeBack(left, ALICE, time(now - 5));
    await comeBack(left, ALICE, time(now));

    expect(program.logText()).not.toContain(handle.split('.')[1]);
  });
});

describe('somebody else comes back (T26, UP-9)', () => {
  const bob = (): readonly string[] => [user('bob'), time(now)];

  it('gets a code where the client hinted at nobody, and signed in for this', async () => {
    const left = await leave({ prompt: 'login' }, ALICE, time(now - 500));

    expect(errorOf(await comeBack(left, user('bob'), time(now - 400)))).toBe('login_required');
    expect(await outcomeOf(program, await comeBack(left, ...bob()))).toEqual({
      ...SIGNED_IN,
      subject: 'bob',
    });
  });

  it('gets none where the id_token_hint names another, not by any button', async () => {
    const { id_token: id_token_hint } = await signIn(program);
    const left = await leave({ prompt: 'login', id_token_hint }, ALICE, time(now - 5));
    const page = await comeBack(left, ...bob());
    const handle = /name="handle" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const press = (decision: string, ...lines: readonly string[]) =>
      submit(program.public, '/account', { handle, decision }, SECRET, ...lines);

    expect(page.body).toContain('<strong>bob</strong>');
    expect(page.body).not.toContain('value="continue"');
    expect(errorOf(await press('continue', ...bob()))).toBe('login_required');
    expect(await outcomeOf(program, await press('continue', ALICE, time(now)))).toEqual(
      refused(403, 'another_subject'),
    );
    const away = await press('switch', ...bob());
    expect(errorOf(await comeBack(away, ...bob()))).toBe('login_required');
    expect(await outcomeOf(program, await comeBack(away, ALICE, time(now)))).toEqual(SIGNED_IN);
  });

  it('answers no page of another site, and no frame holds it', async () => {
    const page = await leave({ login_hint: 'carol' }, ALICE);
    const handle = /name="handle" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const fields = { handle, decision: 'continue' };
    const evil = 'Origin: https://evil.example';
    const crossed = await submit(program.public, '/account', fields, SECRET, ALICE, evil);
    const own = 'Origin: https://sso.example';

    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect([crossed.status, lineOf(program, crossed)?.['reason']]).toEqual([403, 'cross_site']);
    const honest = await submit(program.public, '/account', fields, SECRET, ALICE, own);
    expect(await outcomeOf(program, honest)).toEqual(SIGNED_IN);
  });

  it('finds a name on the page, and no markup', async () => {
    const { body } = await leave({ login_hint: '<b>x</b>' }, ALICE);

    expect(body).toContain('&lt;b&gt;x&lt;/b&gt;');
    expect(body).not.toContain('<b>x');
  });
});

describe('what the operator configures', () => {
  it('is the way out, where there is no other, and the acr values that can be had', async () => {
    const acr_values_supported = ['pwd', 'mfa'];
    program = await start(
      { reauthenticate_url: undefined, logout_url: LOGOUT },
      { acr_values_supported },
    );
    const page = await leave({ login_hint: 'carol' }, ALICE);
    const handle = /name="handle" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const fields = { handle, decision: 'switch' };

    const out = await submit(program.public, '/account', fields, SECRET, ALICE);
    const path = '/.well-known/openid-configuration';
    const metadata = await ask(program.public, [`GET ${path} HTTP/1.1`, HOST]);

    expect(toProxy(out).path).toBe('out');
    expect(await outcomeOf(program, await comeBack(out, user('carol')))).toMatchObject({
      subject: 'carol',
    });
    expect(JSON.parse(metadata.body)).toMatchObject({ acr_values_supported });
  });
});

describe('two requests at once, and many', () => {
  it('each have their own way, and one handle makes one code', async () => {
    const first = await leave({ prompt: 'login', state: 'state-1' }, ALICE, time(now - 5));
    const second = await leave({ prompt: 'login', state: 'state-2' }, ALICE, time(now - 5));
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => comeBack(n % 2 ? first : second, ALICE, time(now))),
    );
    const codes = answers.filter((answer) => codeOf(answer) !== undefined);

    expect(codes.map((answer) => redirected(answer)['state']).sort()).toEqual([
      'state-1',
      'state-2',
    ]);
  });
});
