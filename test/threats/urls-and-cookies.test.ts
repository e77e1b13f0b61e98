import { beforeAll, describe, expect, it } from 'vitest';
import { type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { encodeQuery } from '../support/requests.ts';
import {
  APP,
  ask,
  attempt,
  codeOf,
  HOST,
  honest,
  redeem,
  refused,
  SECRET,
  SIGNED_IN,
  submit,
  unproven,
} from './threats.fixture.ts';

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});

describe('a token request in a URL (RFC 6749 §3.2; TK-1, G-13)', () => {
  const newForm = async () => {
    const code = codeOf(await ask(program.public, honest())) ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    return { code, target: `/token?${encodeQuery(form)}` };
  };
  const BASIC = `Authorization: ${APP}`;

  it('is 405 with Allow as a GET: the code is not spent', async () => {
    const { code, target } = await newForm();
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const { status, headers } = await ask(program.public, [
        `${method} ${target} HTTP/1.1`,
        HOST,
        BASIC,
      ]);
      expect({ method, status }).toEqual({ method, status: 405 });
      expect(headers['allow']).toMatch(/^POST\b/);
      expect(headers['cache-control']).toBe('no-store');
    }

    expect(await redeem(program.public, code)).toHaveProperty('access_token');
  });

  it('is not read beside a form: what the form does not say is missing', async () => {
    const { code, target } = await newForm();
    for (const form of [{}, { grant_type: 'authorization_code' }]) {
      const { status, body } = await submit(program.public, target, form, BASIC);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ error: 'invalid_request' });
    }

    expect(await redeem(program.public, code)).toHaveProperty('access_token');
  });

  it('is written to no log, whatever it says', async () => {
    const { code, target } = await newForm();
    await ask(program.public, [`GET ${target}&client_secret=in-the-url HTTP/1.1`, HOST]);
    await submit(program.public, `${target}&client_secret=in-the-url`, {}, BASIC);

    expect(program.logged().some(({ route }) => route === 'token')).toBe(true);
    expect(program.logText()).not.toContain(code);
    expect(program.logText()).not.toContain('in-the-url');
  });
});

describe('cookies that say who somebody is, of which there are none (G-23)', () => {
  const JUNK = [
    'Cookie: __Host-asteroid-session=garbage',
    'Cookie: a=1; a=2; a=3',
    'Cookie: =; ;;; =x; \xff\xfe="',
    `Cookie: ${'x'.repeat(8000)}=${'y'.repeat(4000)}`,
    'Cookie: X-Authenticated-User=root; subject=root; session=root',
    'Cookie: %00%ff; __proto__=x',
  ];

  for (const cookie of JUNK) {
    it(`change nothing about who is signed in: ${cookie.slice(0, 40)}`, async () => {
      expect(await attempt(program, honest(cookie))).toEqual(SIGNED_IN);
      expect(await attempt(program, honest(cookie, 'Cookie: second=line'))).toEqual(SIGNED_IN);
      expect(await attempt(program, unproven(SECRET, cookie))).toMatchObject({
        status: 401,
        subject: undefined,
      });
      expect(await attempt(program, unproven(cookie))).toEqual(refused(403, 'upstream_secret'));
    });
  }
});
