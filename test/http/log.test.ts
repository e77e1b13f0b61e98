import { describe, expect, it } from 'vitest';
import {
  createLog,
  type LogFields,
  type LogLevel,
  REDACTED_FIELDS,
} from '../../internal/telemetry/log.ts';
import { HOST, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

function open(level: LogLevel = 'debug', format: 'json' | 'text' = 'json') {
  let text = '';
  const destination = {
    write: (line: string) => {
      text += line;
    },
  };
  return { log: createLog({ level, format, destination }), text: () => text };
}

/** The one line that these fields become. */
function print(fields: LogFields): {
  readonly text: string;
  readonly line: Record<string, unknown>;
} {
  const { log, text } = open();
  log.info(fields, 'message');
  return { text: text(), line: JSON.parse(text()) };
}

describe('log lines', () => {
  it('are JSON with time, level, message and fields', () => {
    const { line } = print({ route: 'token', status: 200, ok: true, none: undefined, many: ['a'] });

    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      msg: 'message',
      route: 'token',
      status: 200,
      ok: true,
      many: ['a'],
    });
  });

  it('below the level are not written, and the level can change while it runs', () => {
    const { log, text } = open('warn');

    log.info({}, 'one');
    log.warn({}, 'two');
    log.setLevel('debug');
    log.debug({}, 'three');
    log.setLevel('silent');
    log.error({}, 'four');

    expect(text().match(/one|two|three|four/g)).toEqual(['two', 'three']);
  });

  it('for a terminal are one line of text', () => {
    const { log, text } = open('info', 'text');

    log.warn({ peer: '10.0.0.1', reason: 'a\nb' }, 'identity refused');

    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn identity refused peer="10\.0\.0\.1" reason="a\\nb"\n$/,
    );
  });
});

/** What a terminal or a viewer obeys instead of showing it. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u;

describe('log injection (DO-6, T11)', () => {
  for (const [name, value] of [
    ['line breaks', 'a\r\nb\nc'],
    ['the end of a JSON string', 'a","level":"fatal'],
    ['ANSI escapes', '\u001b[31mred\u001b[0m'],
    ['C1 control characters', 'a\u009b31m\u0085b'],
    ['line separators of Unicode', 'a\u2028b\u2029c'],
    ['marks that turn the writing', 'a\u202egnp.exe\u2066b\u061c\u200f'],
    ['a mark of the byte order', 'a\ufeffb'],
    ['a backspace and DEL', 'a\b\b\u007f'],
    ['a lone surrogate', 'a\ud800b'],
    ['a NUL', 'a\0b'],
  ] as const) {
    it(`one event is one printable line with ${name} in it`, () => {
      const { text, line } = print({ client: value });

      expect(text.endsWith('\n')).toBe(true);
      expect(text.slice(0, -1)).not.toMatch(UNSEEN);
      expect(line).toEqual({
        ...{ level: 'info', time: expect.any(String), msg: 'message' },
        client: value,
      });
    });

    it(`one event is one printable line for a terminal with ${name} in it`, () => {
      const { log, text } = open('info', 'text');
      log.info({ client: value, list: [value], error: new Error(value) }, 'message');

      expect(text().slice(0, -1)).not.toMatch(UNSEEN);
      expect(text()).toContain(' info message client="');
    });
  }

  it('leaves names that are not ASCII as they are, in both formats', () => {
    const name = 'Zoë Åström 李小龍 שלום 🦊';
    const { log, text } = open('info', 'text');
    log.info({ name }, 'message');

    expect(print({ name }).text).toContain(`"name":"${name}"`);
    expect(text()).toContain(`name="${name}"`);
  });

  it('cuts values of 64 KiB, and says how long they were', () => {
    const { text, line } = print({ agent: 'a'.repeat(65_536), list: ['b'.repeat(65_536)] });

    expect(text.length).toBeLessThan(2000);
    expect(line['agent']).toMatch(/^a{512}… \(65536 characters\)$/);
  });
});

describe('redaction (DO-7)', () => {
  for (const name of REDACTED_FIELDS) {
    it(`a field named ${name} has no value in the log`, () => {
      const { text } = print({ [name]: 'canary' });

      expect(text).not.toContain('canary');
      expect(text).toContain('[redacted]');
    });
  }

  it('an error is its stack and its causes, and nothing else it carries', () => {
    const cause = Object.assign(new Error('the inner one'), { command: { args: ['canary'] } });
    const error = Object.assign(new Error('the outer one', { cause }), { config: 'canary' });

    const { text, line } = print({ error });

    expect(text).not.toContain('canary');
    expect(line['error']).toMatch(/Error: the outer one\n[\s\S]*caused by: Error: the inner one\n/);
  });

  it('an error that is its own cause ends somewhere', () => {
    const error = new Error('round');
    error.cause = error;

    expect(print({ error }).text.length).toBeLessThan(10_000);
  });
});

describe('request lines', () => {
  it('name the method, the route, the status, the time it took and the request', async () => {
    const { target, logged } = await startHttp({ logLevel: 'info' });

    const { headers } = await ask(target, ['POST /token HTTP/1.1', HOST]);

    expect(logged()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        msg: 'request',
        request_id: headers['x-request-id'],
        method: 'POST',
        route: 'token',
        status: 200,
        duration_ms: expect.any(Number),
      },
    ]);
  });

  it('never hold the path, the query, the body or a header of the client', async () => {
    const { target, logText } = await startHttp();
    const canary = 'canary%0d%0a';

    await ask(target, [
      `GET /authorize?client_id=${canary}&state=${canary} HTTP/1.1`,
      HOST,
      'User-Agent: canary',
      'Cookie: a=canary',
      'Authorization: Basic canary',
      'X-Authenticated-User: canary',
      'X-Asteroid-Upstream-Secret: canary',
    ]);
    await ask(target, ['GET /canary HTTP/1.1', HOST]);
    await ask(target, ['GET /authorize HTTP/1.1', 'Host: canary']);
    await ask(
      target,
      ['POST /token HTTP/1.1', HOST, 'Content-Type: text/canary', 'Content-Length: 13'],
      'client=canary',
    );

    expect(logText().split('\n').length).toBeGreaterThan(4);
    expect(logText()).not.toContain('canary');
  });

  it('say why a request was refused', async () => {
    const { target, logged } = await startHttp();

    await ask(target, ['GET /authorize HTTP/1.1', 'Host: evil.example']);

    expect(logged()).toMatchObject([{ status: 421, route: 'authorize', reason: 'host_foreign' }]);
  });
});
