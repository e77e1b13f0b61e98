// docs/admin-examples.md as an operator follows it, from its top to its end, at the whole program: each command prints
// what the page says, and every operation has one.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../internal/admin/api/table.ts';
import { blocksOf } from '../architecture/pages.ts';
import { ROOT } from '../architecture/sources.ts';
import {
  findOperation,
  hashToken,
  holdAgainst,
  startAdminApi,
  WRITER,
} from '../support/admin-api.ts';
import { createTestClock } from '../support/clock.ts';
import { readRequest, send, toWords } from '../support/curl.ts';
import { findDifference, type Names, parsePrinted } from '../support/printed.ts';
import { CLIENT_SECRET } from '../support/program.ts';
import { ask, authorize, codeOf, honest, user } from '../threats/threats.fixture.ts';

const PAGE = 'docs/admin-examples.md';
const ISSUER = 'https://sso.example.com';
const REDIRECT_URI = 'https://grafana.example.com/login/generic_oauth';

type Step = { readonly line: number; readonly command: string; readonly printed: string };

/** Commands, each with what the page says that it prints. */
const stepsOf = (text: string): readonly Step[] =>
  blocksOf(text)
    .filter(({ language }) => language === 'console')
    .flatMap(({ text: block, line }) =>
      block
        .split(/^\$ /m)
        .slice(1)
        .map((step) => {
          const [, command = '', printed = ''] = /^((?:.*\\\n)*.*)\n([\s\S]*)$/.exec(step) ?? [];
          return { line, command, printed: printed.trimEnd() };
        }),
    );

async function startIssuer() {
  const clock = createTestClock(1_764_154_800);
  const caller = await startAdminApi({
    now: clock,
    config: {
      issuer: ISSUER,
      admin: { tokens: [{ name: 'deploy', hash: hashToken(WRITER), role: 'write' }] },
      keys: { source: 'file', dir: 'keys' },
      userinfo: { backends: [{ type: 'store' }, { type: 'yaml', file: 'users.yaml' }] },
    },
    users: ['alice', 'bob', 'carol'].map((sub) => ({
      sub,
      name: `${sub[0]?.toUpperCase()}${sub.slice(1)}`,
    })),
    clients: [
      { client_id: 'grafana', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    ],
  });
  const request = { client_id: 'grafana', redirect_uri: REDIRECT_URI, scope: 'openid profile' };
  for (const name of ['alice', 'alice', 'bob', 'carol']) {
    const [, , secret = ''] = honest();
    const lines = [authorize(request), 'Host: sso.example.com', secret, user(name)];
    expect(codeOf(await ask(caller.program.public, lines))).toBeDefined();
  }
  return { clock, ...caller };
}

const learned = (text: string, names: Names): string =>
  [...names].reduce((current, [name, value]) => current.replaceAll(name, value), text);

const isJson = (text: string): boolean => /^(?:\{|")/.test(text) && /[}"]$/.test(text);

/** Where what was printed differs from the page. */
const compare = (printed: string, real: string, names: Names): string | undefined =>
  isJson(printed)
    ? findDifference(parsePrinted(printed), JSON.parse(real), names)
    : findDifference(printed, real, names);

describe(PAGE, () => {
  it('prints what it says, and has an example of every operation', async () => {
    const { url, clock } = await startIssuer();
    const text = await readFile(path.join(ROOT, PAGE), 'utf8');
    const [setting = ''] = blocksOf(text).flatMap(({ language, text: block }) =>
      language === 'sh' ? [block] : [],
    );
    const names: Names = new Map([
      ['http://127.0.0.1:8881/admin/v1', url],
      ['adm_…', WRITER],
    ]);
    const asked = new Set<string>();

    for (const { line, command, printed } of stepsOf(text)) {
      clock.advance(10);
      const request = readRequest(toWords(learned(command, names), learned(setting, names)));
      const { status, body, printed: real } = await send(request);

      const at = `${PAGE}:${line}: ${command}`;
      expect.soft(compare(printed, real.trimEnd(), names), at).toBeUndefined();
      const target = request.url.slice(url.length).split('?')[0] ?? '';
      const found = findOperation(request.method, target);
      if (found === undefined) throw new Error(`${at} asks for no operation`);
      holdAgainst(found, status, body === '' ? undefined : JSON.parse(body));
      asked.add(found.operation.operationId);
    }

    expect([...asked].toSorted()).toEqual(OPERATIONS.map(({ id }) => id).toSorted());
  });
});

describe('what a page says that is printed', () => {
  const differs = (printed: string, real: unknown, names: Names = new Map()) =>
    findDifference(parsePrinted(printed), real, names);

  it.each([
    ['{"a":1,"b":["x",…],…}', { a: 1, b: ['x', 'y'], c: 2 }],
    ['{"a":\n {"b":true}}', { a: { b: true } }],
    ['[{…},…]', [{ a: 1 }]],
    ['{"at":1764154800}', { at: 1_900_000_000 }],
    ['{"file":"…/asteroid.yaml"}', { file: '/tmp/x/asteroid.yaml' }],
  ])('is %s', (printed, real) => {
    expect(differs(printed, real)).toBeUndefined();
  });

  it.each([
    ['{"a":1}', { a: 1, b: 2 }],
    ['{"a":1,"b":2}', { a: 1 }],
    ['{"a":1,…}', { b: 1 }],
    ['{"a":1}', { a: 2 }],
    ['{"a":1764154800}', { a: 3 }],
    ['{"a":"x"}', { a: 'y' }],
    ['{"a":true}', { a: false }],
    ['["x"]', ['x', 'y']],
    ['["x","y",…]', ['x']],
    ['{"a":{}}', { a: [] }],
    ['{"a":null}', { a: {} }],
    ['{"file":"…/asteroid.yaml"}', { file: '/tmp/x/clients.yaml' }],
    ['{"a":"…"}', { a: '' }],
    ['{"a":"…"}', { a: 1 }],
  ])('is not %s', (printed, real) => {
    expect(differs(printed, real)).toBeTypeOf('string');
  });

  it('has the same name for the same thing', () => {
    const names: Names = new Map();
    expect(differs('["a1…","a1…"]', ['x', 'x'], names)).toBeUndefined();
    expect(differs('["a1…"]', ['y'], names)).toBeTypeOf('string');
  });
});
