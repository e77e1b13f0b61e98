// The diff of docs/contributing.md, applied to a copy of the source as it stands: what the page promises
// to whoever adds a grant is what happens.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import {
  CLIENT_SECRET,
  makeFolder,
  REDIRECT_URI,
  runProgram,
  spawnProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { basic, encodeQuery, type Query } from '../support/requests.ts';
import { claimsOf, headerOf } from '../support/tokens.ts';
import { ROOT } from './sources.ts';

const PING = 'urn:example:grant:ping';

/** What of one file changes: hunks of lines, each with its mark. */
type Change = { readonly file: string; readonly hunks: readonly (readonly string[])[] };

/** The sections of a unified diff. */
const readDiff = (diff: string): readonly Change[] =>
  diff.split(/^diff --git .*\n/m).flatMap((section) => {
    const file = /^\+\+\+ b\/(.+)$/m.exec(section)?.[1];
    const [, ...hunks] = section.split(/^@@ .*\n/m);
    return file === undefined
      ? []
      : [{ file, hunks: hunks.map((hunk) => hunk.trimEnd().split('\n')) }];
  });

const linesOf = (hunk: readonly string[], marks: string): string =>
  hunk
    .filter((line) => marks.includes(line[0] ?? ' '))
    .map((line) => `${line.slice(1)}\n`)
    .join('');

/**
 * As `patch` does, which minds the lines around a change and not their numbers. Throws where they are not
 * there exactly once, or a new file is there already.
 */
function applyChange(text: string, { file, hunks }: Change): string {
  return hunks.reduce((current, hunk) => {
    const before = linesOf(hunk, ' -');
    const parts = before === '' ? [current, ''] : current.split(before);
    const [start, end] = parts;
    if (parts.length !== 2 || start === undefined || (before === '' && start !== '')) {
      throw new Error(`does not apply to ${file}: ${before}`);
    }
    return start + linesOf(hunk, ' +') + end;
  }, text);
}

let copy: string;
let changes: readonly Change[];
let program: string;

beforeAll(async () => {
  copy = await mkdtemp(path.join(tmpdir(), 'asteroid-grant-'));
  for (const name of ['internal', 'cmd', 'package.json', 'tsconfig.json']) {
    await cp(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const page = await readFile(path.join(ROOT, 'docs/contributing.md'), 'utf8');
  changes = readDiff(/^```diff\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '');
  for (const change of changes) {
    const file = path.join(copy, change.file);
    const text = await readFile(file, 'utf8').catch(() => '');
    await writeFile(file, applyChange(text, change));
  }
  const out = path.join(copy, 'out');
  await mkdir(out);
  program = await bundleProgram(out, copy);
});

afterAll(() => rm(copy, { recursive: true, force: true }));

const SECRET = { client_secret: CLIENT_SECRET };
const CLIENTS = [
  { client_id: 'app', ...SECRET, redirect_uris: [REDIRECT_URI] },
  { client_id: 'pinger', ...SECRET, grant_types: [PING], scope: 'api:read' },
];

const HOST = 'Host: sso.example';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

async function start(clients: Parameters<typeof makeFolder>[0]) {
  const folder = await makeFolder(clients);
  const child = spawnProgram(['serve', '--config', folder.configFile], { bundle: program });
  const target = await child.at('public');
  const get = async (where: string, ...lines: readonly string[]) =>
    ask(target, [`GET ${where} HTTP/1.1`, HOST, ...lines]);
  return {
    get,
    async discover() {
      const { body } = await get('/.well-known/openid-configuration');
      return JSON.parse(body).grant_types_supported as readonly string[];
    },
    async token(caller: string, form: Query) {
      const body = encodeQuery(form);
      const head = [
        'POST /token HTTP/1.1',
        HOST,
        FORM,
        `Authorization: ${basic(caller, CLIENT_SECRET)}`,
        `Content-Length: ${body.length}`,
      ];
      const answer = await ask(target, head, body);
      return { status: answer.status, json: JSON.parse(answer.body) };
    },
  };
}

describe('the diff of docs/contributing.md', () => {
  it('is one new file, and one line of the table with its import', () => {
    expect(changes.map(({ file }) => file)).toEqual([
      'internal/oidc/grants/ping.ts',
      'internal/oidc/grants/table.ts',
    ]);
    const [file, table] = changes.map(({ hunks }) => hunks.flat());
    expect(file?.every((line) => line.startsWith('+'))).toBe(true);
    expect(table?.filter((line) => !line.startsWith(' '))).toEqual([
      "+import { ping } from './ping.ts';",
      '+  ping,',
    ]);
  });

  it('compiles', async () => {
    const config = { extends: './tsconfig.json', include: ['internal/oidc'], exclude: [] };
    await writeFile(path.join(copy, 'tsconfig.copy.json'), JSON.stringify(config));
    const tsc = path.join(ROOT, 'node_modules/.bin/tsc');

    await promisify(execFile)(tsc, ['-p', 'tsconfig.copy.json'], { cwd: copy });
  });

  it('lets clients be registered for the grant, lists it and grants it, to them alone', async () => {
    const { discover, token } = await start({ clients: CLIENTS });

    expect(await discover()).toContain(PING);
    const { status, json } = await token('pinger', { grant_type: PING });
    expect([status, json]).toEqual([200, expect.objectContaining({ scope: 'api:read' })]);
    expect(headerOf(json.access_token)['typ']).toBe('at+jwt');
    expect(claimsOf(json.access_token)).toMatchObject({ sub: 'pinger', client_id: 'pinger' });
    expect((await token('app', { grant_type: PING })).json.error).toBe('unauthorized_client');
  });

  it('neither lists nor grants it where no client is registered for it', async () => {
    const { discover, token } = await start({ clients: CLIENTS.slice(0, 1) });

    expect(await discover()).not.toContain(PING);
    expect((await token('app', { grant_type: PING })).json.error).toBe('unsupported_grant_type');
  });

  it('lets nobody sign in under the name of a client that has the grant', async () => {
    const { get } = await start({ clients: CLIENTS });
    const query = encodeQuery({
      client_id: 'app',
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid',
      state: 's',
    });
    const signIn = async (name: string) => {
      const secret = `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}`;
      const { headers } = await get(`/authorize?${query}`, secret, `X-Authenticated-User: ${name}`);
      return new URL(headers['location'] ?? '').searchParams;
    };

    expect((await signIn('pinger')).get('error')).toBe('access_denied');
    expect((await signIn('alice')).has('code')).toBe(true);
  });

  it('is what makes the grant known: without it, it can be registered for nowhere', async () => {
    const { configFile } = await makeFolder({ clients: CLIENTS });
    const { code, stderr } = await runProgram(['check', '--config', configFile]);

    expect(code).toBe(78);
    expect(stderr).toContain('grant_types');
  });
});
