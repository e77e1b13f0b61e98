import { beforeEach, describe, expect, it } from 'vitest';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { sendRaw } from '../support/raw-http.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  query,
  refused,
  SECRET,
  SIGNED_IN,
} from './threats.fixture.ts';

/** Room for one authorization, its place in a session and what its End-User granted: a second sign-in shows whether anything before it was kept. */
const start = (client: object = {}): Promise<Program> =>
  startProgram({
    config: { store: { driver: 'memory', memory: { max_entries: 3, max_pending: 1 } } },
    clients: [
      {
        client_id: 'app',
        client_secret: CLIENT_SECRET,
        redirect_uris: [REDIRECT_URI],
        ...client,
      },
    ],
  });

let program: Program;
beforeEach(async () => {
  program = await start();
});

const granted = ({ logged }: Program) =>
  logged().filter(({ msg }) => msg === 'authorization.granted').length;

describe('a page of a stranger that makes a browser ask for a code (T24)', () => {
  for (const destination of [
    ...['image', 'iframe', 'frame', 'embed', 'object', 'empty', 'script', 'style', 'font'],
    ...['video', 'worker', 'manifest', 'report', 'webidentity', 'Document', 'document, image', ''],
  ]) {
    it(`gets a 400 page and no code as "${destination}", and nothing is kept`, async () => {
      const answer = await ask(program.public, honest(`Sec-Fetch-Dest: ${destination}`));

      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.headers['location']).toBeUndefined();
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(codeOf(answer)).toBeUndefined();
      expect(granted(program)).toBe(0);
      expect(await attempt(program, honest('Sec-Fetch-Dest: document'))).toEqual(SIGNED_IN);
    });
  }

  it('gets none by a form either', async () => {
    const body = query();
    const lines = ['POST /authorize HTTP/1.1', HOST, SECRET, ALICE, FORM];
    const form = [...lines, `Content-Length: ${body.length}`];

    expect(await attempt(program, [...form, 'Sec-Fetch-Dest: iframe'], { body })).toEqual(
      refused(400, 'not_a_navigation'),
    );
    expect(await attempt(program, [...form, 'Sec-Fetch-Dest: document'], { body })).toEqual(
      SIGNED_IN,
    );
  });

  it('gets none by saying two things', async () => {
    const lines = honest('Sec-Fetch-Dest: document', 'Sec-Fetch-Dest: image');

    expect(await attempt(program, lines)).toEqual(refused(400, 'header_repeated'));
  });

  it('gets none silently in a frame, unless the client is one that may', async () => {
    const framed = await start({ allow_iframe: true });
    const silent = [authorize({ prompt: 'none' }), HOST, SECRET, ALICE, 'Sec-Fetch-Dest: iframe'];

    expect(await attempt(program, silent)).toEqual(refused(400, 'not_a_navigation'));
    expect(await attempt(framed, honest('Sec-Fetch-Dest: iframe'))).toEqual(
      refused(400, 'not_a_navigation'),
    );
    expect(await attempt(framed, silent)).toEqual(SIGNED_IN);
  });

  it('gets a code for a client whose browser says nothing, and a state to compare', async () => {
    const { lines } = await ask(program.public, honest());

    expect(lines.join()).toContain('state=state-of-the-client');
    expect(lines.join()).toContain('iss=https%3A%2F%2Fsso.example');
  });

  it('gets none without state and without PKCE', async () => {
    const answer = await ask(program.public, [
      authorize({ state: undefined }),
      HOST,
      SECRET,
      ALICE,
    ]);

    expect(answer.headers['location']).toContain('error=invalid_request');
    expect(codeOf(answer)).toBeUndefined();
  });
});

describe('requests that nobody waits for (G-2)', () => {
  for (const line of [
    'Sec-Purpose: prefetch',
    'Sec-Purpose: prefetch;prerender',
    'Sec-Purpose: prefetch;anonymous-client-ip',
    'Purpose: prefetch',
  ]) {
    it(`make no code: ${line}`, async () => {
      for (const lines of [honest(line), honest(line, 'Sec-Fetch-Dest: document')]) {
        const answer = await ask(program.public, lines);

        expect({ status: answer.status, code: codeOf(answer) }).toEqual({
          status: 503,
          code: undefined,
        });
      }
      expect(granted(program)).toBe(0);
      expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    });
  }

  it('make none as HEAD, which link previews send: 405', async () => {
    const head = honest().map((line) => line.replace(/^GET /, 'HEAD '));
    const { answers } = await sendRaw(program.public, `${head.join('\r\n')}\r\n\r\n`, {
      head: true,
    });

    expect(answers.map(({ status, headers }) => [status, headers['allow']])).toEqual([
      [405, 'GET, POST'],
    ]);
    expect(answers.map(codeOf)).toEqual([undefined]);
    expect(granted(program)).toBe(0);
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('would have been noticed: a sign-in fills the room that these tests leave', async () => {
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    const { headers } = await ask(program.public, honest());

    expect(headers['location']).toContain('error=temporarily_unavailable');
  });
});
