import { beforeAll, describe, expect, it } from 'vitest';
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
  outcomeOf,
  query,
  redirected,
  refused,
  SECRET,
  SIGNED_IN,
  submit,
  user,
} from './threats.fixture.ts';

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});

const at = (target: string, ...lines: readonly string[]): readonly string[] => [
  `GET ${target} HTTP/1.1`,
  HOST,
  SECRET,
  ALICE,
  ...lines,
];

const text = (lines: readonly string[], body = ''): string =>
  `${lines.join('\r\n')}\r\n\r\n${body}`;

/** A request that lacks the proof, hidden where two readers may disagree. */
const HIDDEN = text([authorize(), HOST, user('root')]);
const HIDDEN_PROVEN = text([authorize(), HOST, SECRET, user('root')]);

describe('a path that only resembles /authorize (T14, G-14)', () => {
  const q = `?${query()}`;
  for (const target of [
    `/authorize/${q}`,
    `/Authorize${q}`,
    `/AUTHORIZE${q}`,
    `//authorize${q}`,
    `///authorize${q}`,
    `/./authorize${q}`,
    `/x/../authorize${q}`,
    `/token/../authorize${q}`,
    `/.well-known/..%2fauthorize${q}`,
    `/x/%2e%2e/authorize${q}`,
    `/..;/authorize${q}`,
    `/authorize;a=b${q}`,
    `/authorize;${q}`,
    `/authorize%2f${q}`,
    `/authorize%20${q}`,
    `/authorize%23${q}`,
    `/authorize%00${q}`,
    `/authorize%3f${query()}`,
    `/authorize.${q}`,
    `/authorize/.${q}`,
    `/authorize/consent${q}`,
    `/%61uthorize${q}`,
    `/%2fauthorize${q}`,
    `/\\authorize${q}`,
    `\\authorize${q}`,
    `/authorize\\${q}`,
    `/authorize#${q}`,
    `/authorize#/token${q}`,
    `/token#/authorize${q}`,
    `/authorize&${query()}`,
    `/oauth/authorize${q}`,
    `/index.php/authorize${q}`,
    `/authorize\xa0${q}`,
  ]) {
    it(`is nothing, with the right proof: ${target.replace(query(), '…')}`, async () => {
      const outcome = await attempt(program, at(target));

      expect([400, 404]).toContain(outcome.status);
      expect(outcome.subject).toBeUndefined();
    });
  }

  for (const target of [
    `http://sso.example/authorize${q}`,
    `https://sso.example/authorize${q}`,
    `http://evil.example/authorize${q}`,
    `http:/authorize${q}`,
    `sso.example/authorize${q}`,
    `authorize${q}`,
    `?${query()}`,
    '*',
  ]) {
    it(`is nothing in another form: ${target.replace(query(), '…')}`, async () => {
      expect(await attempt(program, at(target))).toMatchObject({ status: 400, subject: undefined });
    });
  }

  it('is /authorize, byte for byte, with whatever follows the question mark', async () => {
    expect(await attempt(program, at(`/authorize${q}`))).toEqual(SIGNED_IN);
    expect(await attempt(program, at(`/authorize${q}&x=/../token`))).toEqual(SIGNED_IN);
  });

  for (const header of [
    'X-Original-URL: /authorize',
    'X-Rewrite-URL: /authorize',
    'X-Forwarded-Uri: /authorize',
    'X-Forwarded-Prefix: /authorize',
    'X-Forwarded-Path: /authorize',
    'X-HTTP-Method-Override: GET',
    'X-Forwarded-Method: GET',
  ]) {
    it(`is not what a header says: ${header}`, async () => {
      expect(await attempt(program, at(`/nothing${q}`, header))).toEqual(
        refused(404, 'path_unknown'),
      );
      expect(await attempt(program, at(`/jwks.json${q}`, header))).toMatchObject({ status: 200 });
    });
  }
});

describe('another Host (T13, G-16)', () => {
  for (const host of [
    'evil.example',
    'sso.example.evil.example',
    'evil.example#sso.example',
    'sso.example:444',
    'sso.example.',
    'sso.example, evil.example',
    'sso.example@evil.example',
    '127.0.0.1',
    'localhost',
    '[::1]',
    'ſso.example',
  ]) {
    it(`is answered 421 on the pages of people: ${host}`, async () => {
      const lines = [authorize(), `Host: ${Buffer.from(host).toString('latin1')}`, SECRET, ALICE];

      expect(await attempt(program, lines)).toEqual(refused(421, 'host_foreign'));
    });
  }

  it('is answered 400 where there are two, or none, in every version of HTTP', async () => {
    const rest = [SECRET, ALICE];
    for (const lines of [
      [authorize(), HOST, HOST, ...rest],
      [authorize(), HOST, 'Host: evil.example', ...rest],
      [authorize(), 'Host: evil.example', HOST, ...rest],
      [authorize(), 'Host:', ...rest],
      [authorize(), ...rest],
      [authorize().replace('1.1', '1.0'), ...rest],
      [authorize().replace('1.1', '1.0'), HOST, HOST, ...rest],
    ]) {
      expect(await attempt(program, lines)).toMatchObject({ status: 400, subject: undefined });
    }
  });

  it('is ours in any case and with the port of https', async () => {
    for (const host of ['sso.example', 'SSO.example', 'sso.example:443']) {
      const lines = [authorize(), `Host: ${host}`, SECRET, ALICE];

      expect(await attempt(program, lines)).toEqual(SIGNED_IN);
    }
  });

  it('changes nothing that is answered anywhere', async () => {
    const forwarded = [
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Port: 81',
      'X-Forwarded-Prefix: /evil',
      'X-Forwarded-Server: evil.example',
      'Forwarded: host=evil.example;proto=http',
      'X-Original-URL: /evil',
      'X-Rewrite-URL: /evil',
    ];
    for (const path of [
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/jwks.json',
      '/userinfo',
      '/nothing',
    ]) {
      const plain = await ask(program.public, [`GET ${path} HTTP/1.1`, HOST]);
      const moved = await ask(program.public, [
        `GET ${path} HTTP/1.1`,
        'Host: evil.example',
        ...forwarded,
      ]);

      expect({ status: moved.status, body: moved.body }).toEqual({
        status: plain.status,
        body: plain.body,
      });
      expect([...moved.lines, moved.body].join()).not.toContain('evil');
    }
    const answer = await ask(program.public, honest(...forwarded));
    expect(redirected(answer)['iss']).toBe('https://sso.example');
    expect(answer.lines.join()).not.toContain('evil');
  });
});

describe('requests that two readers would cut differently (T12, G-15)', () => {
  const head = ['POST /token HTTP/1.1', HOST, FORM, `Authorization: ${APP}`];
  for (const { given, bytes } of [
    {
      given: 'Content-Length beside Transfer-Encoding',
      bytes: text(
        [...head, `Content-Length: ${HIDDEN.length + 5}`, 'Transfer-Encoding: chunked'],
        '0\r\n\r\n',
      ),
    },
    {
      given: 'Transfer-Encoding beside Content-Length',
      bytes: text([...head, 'Transfer-Encoding: chunked', 'Content-Length: 4'], '0\r\n\r\n'),
    },
    {
      given: 'two lengths',
      bytes: text([...head, 'Content-Length: 0', `Content-Length: ${HIDDEN.length}`]),
    },
    { given: 'lengths in one line', bytes: text([...head, 'Content-Length: 0, 5']) },
    { given: 'a blank before the colon', bytes: text([...head, 'Content-Length : 0']) },
    {
      given: 'a transfer coding in disguise',
      bytes: text([...head, 'Transfer-Encoding: xchunked']),
    },
    {
      given: 'a transfer coding after a tab',
      bytes: text([...head, 'Transfer-Encoding:\tchunked, identity'], '0\r\n\r\n'),
    },
    {
      given: 'two transfer codings',
      bytes: text(
        [...head, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
        '0\r\n\r\n',
      ),
    },
    {
      given: 'a folded coding',
      bytes: text([...head, 'Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'),
    },
    { given: 'a bare line feed', bytes: `${head.join('\r\n')}\r\nX: y\nContent-Length: 0\r\n\r\n` },
    {
      given: 'a chunk extension with a bare line feed',
      bytes: text([...head, 'Transfer-Encoding: chunked'], '0;a\nb\r\n\r\n'),
    },
    {
      given: 'a chunk size with a sign',
      bytes: text([...head, 'Transfer-Encoding: chunked'], '+0\r\n\r\n'),
    },
    { given: 'a body on GET', bytes: text([...honest(), `Content-Length: ${HIDDEN.length}`]) },
    {
      given: 'chunks on GET',
      bytes: text([...honest(), 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    },
    {
      given: 'chunks in HTTP/1.0',
      bytes: text(
        ['POST /token HTTP/1.0', ...head.slice(1), 'Transfer-Encoding: chunked'],
        '0\r\n\r\n',
      ),
    },
  ]) {
    it(`are cut nowhere: ${given} is 400, and what follows is never a request`, async () => {
      for (const hidden of [HIDDEN, HIDDEN_PROVEN]) {
        const { answers, closed } = await sendRaw(program.public, bytes + hidden, { answers: 2 });

        expect(answers.map(({ status }) => status)).toEqual([400]);
        expect(answers.map(codeOf)).toEqual([undefined]);
        expect(closed).toBe(true);
      }
    });
  }

  it('are not what a body holds: a request in a form stays a form', async () => {
    const lines = [...head, `Content-Length: ${HIDDEN_PROVEN.length}`];
    const { answers } = await sendRaw(program.public, text(lines, HIDDEN_PROVEN), { answers: 1 });

    expect(answers.map(({ status }) => status)).toEqual([400]);
    expect(answers.map(codeOf)).toEqual([undefined]);
  });

  it('do not lend their proof to the next: each request of a connection needs its own', async () => {
    const both = text(honest()) + HIDDEN + text(honest());
    const { answers } = await sendRaw(program.public, both, { answers: 3 });

    expect(answers.map(({ status }) => status)).toEqual([303, 403, 303]);
    expect(answers.map((answer) => codeOf(answer) !== undefined)).toEqual([true, false, true]);
  });

  it('are answered when they are whole: a chunked form, byte by byte', async () => {
    const form = query();
    const body = `${[...form].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`;
    const lines = ['POST /authorize HTTP/1.1', HOST, SECRET, ALICE, FORM];

    expect(await attempt(program, [...lines, 'Transfer-Encoding: chunked'], { body })).toEqual(
      SIGNED_IN,
    );
  });
});

describe('upgrades and tunnels (T17)', () => {
  for (const upgrade of ['h2c', 'websocket', 'TLS/1.0', 'HTTP/2.0']) {
    it(`is never switched to ${upgrade}, and the connection ends with the answer`, async () => {
      const first = honest('Connection: Upgrade, HTTP2-Settings', `Upgrade: ${upgrade}`);
      const { answers, closed } = await sendRaw(program.public, text(first) + HIDDEN_PROVEN, {
        answers: 2,
      });

      expect(answers.map(({ status }) => status)).toEqual([303]);
      expect(closed).toBe(true);
    });
  }

  it('does not let half of a request be dropped and the other half be one', async () => {
    const connection = await openRaw(program.public);
    const first = text(['GET /jwks.json HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: h2c']);
    connection.write(`${first}GET /jwks.json HTTP/1.1\r\n${HOST}\r\nX-What-A-Client-Sent: `);
    const { status } = await connection.next();
    connection.write(HIDDEN_PROVEN);

    expect(status).toBe(200);
    await expect(connection.next()).rejects.toThrow('ended');
  });

  for (const target of ['sso.example:443', '127.0.0.1:22', '/authorize']) {
    it(`opens no tunnel to ${target}`, async () => {
      const lines = [`CONNECT ${target} HTTP/1.1`, HOST, SECRET, ALICE];
      const { answers, closed } = await sendRaw(program.public, text(lines) + HIDDEN_PROVEN);

      expect(answers.filter(({ status }) => status < 400)).toEqual([]);
      expect(closed).toBe(true);
    });
  }

  it('speaks no HTTP/2 without TLS', async () => {
    const { answers } = await sendRaw(program.public, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

    expect(answers.map(({ status }) => status)).toEqual([400]);
  });
});

describe('methods (G-2)', () => {
  for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY', 'get']) {
    it(`makes no code for ${method} /authorize`, async () => {
      const lines = honest().map((line) => line.replace(/^GET /, `${method} `));
      const { answers } = await sendRaw(program.public, text(lines), { head: method === 'HEAD' });

      expect(answers.map(({ status }) => [400, 405].includes(status))).toEqual([true]);
      expect(answers.map(codeOf)).toEqual([undefined]);
    });
  }

  it('answers HEAD for discovery and JWKS with the headers of GET and no body', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks.json']) {
      const get = await ask(program.public, [`GET ${path} HTTP/1.1`, HOST]);
      const head = await ask(program.public, [`HEAD ${path} HTTP/1.1`, HOST]);
      const { date: _1, 'x-request-id': _2, ...expected } = get.headers;

      expect(head).toMatchObject({ status: 200, body: '', headers: expected });
    }
  });
});

describe('what a parameter may do to a header (G-17)', () => {
  for (const state of [
    '%0d%0aSet-Cookie:x=1',
    '%0aLocation:https://evil.example',
    '%0d',
    '%e2%80%a8',
    '%c3%a9',
    '%f0%9f%92%a9',
    '%09',
    '%22%3e%3cscript%3e',
  ]) {
    it(`carries state=${state} escaped, and writes no header of it`, async () => {
      const lines = [`GET /authorize?${query({ state: undefined })}&state=${state} HTTP/1.1`];
      const answer = await ask(program.public, [...lines, HOST, SECRET, ALICE]);

      expect(await outcomeOf(program, answer)).toEqual(SIGNED_IN);
      expect(redirected(answer)['state']).toBe(decodeURIComponent(state));
      expect(answer.headers['location']).toMatch(/^[\x21-\x7e]+$/);
      expect(answer.headers['set-cookie']).toMatch(/^__Host-asteroid-session=[\w-]+; [ \w=;/-]+$/);
    });
  }

  it('answers bytes that are no text with 400 and never with 500', async () => {
    for (const state of ['%ff', '%c3%28', '%00', '\xff', '%', '%zz']) {
      const lines = [`GET /authorize?${query({ state: undefined })}&state=${state} HTTP/1.1`];
      const { status } = await ask(program.public, [...lines, HOST, SECRET, ALICE]);

      expect(status).toBe(400);
    }
  });

  it('escapes what it shows, and repeats nothing of a form at a JSON endpoint', async () => {
    const script = '"><script>alert(1)</script>\r\nX: y';
    const lines = [authorize({ client_id: script, redirect_uri: script, scope: script }), HOST];
    const page = await ask(program.public, [...lines, SECRET, ALICE]);
    const json = await submit(program.public, '/token', { grant_type: script, code: script });

    expect(page.status).toBe(400);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect([page.body, json.body].join()).not.toContain('<script>alert');
    expect([...page.lines, ...json.lines].join()).not.toContain('alert');
  });
});
