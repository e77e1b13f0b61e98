// What other people's programs get: the package as npm packs it, in a folder of theirs.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../support/built.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

let home = '';
let packed: readonly string[] = [];
/** What the compiler says of all programs, which it is asked about at once: it reads much that is common to them. */
let said: readonly string[] = [];
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'asteroid-published-'));
  const source = path.join(home, 'source');
  await mkdir(source);
  for (const name of ['package.json', 'config', 'clients.yaml', 'users.yaml', 'LICENSE']) {
    await cp(path.join(ROOT, name), path.join(source, name), { recursive: true });
  }
  buildProgram(path.join(source, 'dist'));
  const { stdout } = await run('npm', ['pack', '--json'], { cwd: source });
  const [{ filename, files }] = JSON.parse(stdout);
  packed = files.map((file: { readonly path: string }) => file.path);
  const installed = path.join(home, 'app', 'node_modules', 'asteroid-oidc');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', path.join(source, filename), '--strip-components=1', '-C', installed]);
  await writeFile(path.join(home, 'app', 'package.json'), '{ "type": "module" }');
  said = await compile({
    'uses.ts': USES,
    'producer.ts': PRODUCES,
    'example.ts': await readExample(),
    ...Object.fromEntries(WRONG.map(([, name, text]) => [name, `${HEAD}${text}\n`])),
  });
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

const USES = `import { type Fault, startTestIssuer, type Step, type TestIssuer, type Tokens } from 'asteroid-oidc/test-issuer';

const root = await startTestIssuer({
  clients: [{ client_id: 'web', client_secret: 'web-secret-web-secret-web-secret', redirect_uris: ['http://localhost:3000/cb'] }],
  users: [{ sub: 'alice', groups: ['admins'] }],
  config: { lifetimes: { access_token: '5m' } },
});
const issuer: TestIssuer = await root.test();
issuer.signIn({ sub: 'alice', acr: 'mfa' });
const tokens: Tokens = await issuer.issue({ as: 'alice', client: 'web', expiresIn: 60 });
issuer.clock.advance('2h');
await issuer.keys.rotate({ overlap: false });
await issuer.users.add({ sub: 'bob' });
const faults: readonly Fault[] = issuer.faults.list();
const steps: readonly Step[] = issuer.flows();
const life: number = tokens.expires_in;
await root.stop();
process.stdout.write(JSON.stringify({ life, faults: faults.length, steps: steps.length }));
`;

const PRODUCES = `import { createServer } from 'node:http';
import { type ListedProducer, startProducer } from 'asteroid-oidc/test-issuer';

const app = createServer(({ headers }, response) => response.end(headers['remote-user']));
await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
const address = app.address();
if (address === null || typeof address === 'string') throw new Error('no port');
const terms = { to: 'http://127.0.0.1:' + address.port, users: [{ sub: 'alice' }] };
const producer: ListedProducer = await startProducer({ ...terms, emit: 'authelia', as: 'alice' });
const user = await (await fetch(producer.url)).text();
await producer.stop();
app.close();
const typo = await startProducer({ ...terms, emit: 'autelia' }).catch(({ message }: Error) => message);
const names = producer.names.some((name) => name.toLowerCase() === 'remote-user');
process.stdout.write(JSON.stringify({ user, names, typo }));
`;

const HEAD = "import { startTestIssuer, type Step } from 'asteroid-oidc/test-issuer';\n";
const WRONG = [
  ['an option that there is not', 'wrong-option.ts', 'await startTestIssuer({ client: [] });'],
  [
    'a length of time that is none',
    'wrong-time.ts',
    '(await startTestIssuer()).clock.advance(true);',
  ],
  ['a step that there is not', 'wrong-step.ts', 'const s: Step["step"] = "login";'],
] as const;

/** What the compiler says about programs of somebody who installed the package, by name; it makes all of them. */
async function compile(programs: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const app = path.join(home, 'app');
  for (const [name, text] of Object.entries(programs)) await writeFile(path.join(app, name), text);
  const args = [TSC, '--ignoreConfig', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  const types = ['--types', 'node', '--typeRoots', path.join(ROOT, 'node_modules/@types')];
  const more = ['--moduleResolution', 'nodenext', '--exactOptionalPropertyTypes'];
  const all = [...args, ...types, ...more, ...Object.keys(programs)];
  return run(process.execPath, all, { cwd: app }).then(
    () => [],
    ({ stdout }: { readonly stdout: string }) => stdout.split('\n'),
  );
}

const saidOf = (name: string): readonly string[] => said.filter((line) => line.startsWith(name));

/** The program at the beginning of docs/testing.md, for people to copy. */
async function readExample(): Promise<string> {
  const text = await readFile(path.join(ROOT, 'docs/testing.md'), 'utf8');
  return /```ts\n(import [\s\S]*?)```/.exec(text)?.[1] ?? 'no example';
}

describe('the package', () => {
  it('brings declarations beside what runs, and nothing that a run leaves behind', () => {
    expect(packed).toContain('dist/types/test-issuer.d.ts');
    expect(packed).toContain('dist/test-issuer.js');
    expect(packed.filter((name) => name.includes('.compiled'))).toEqual([]);
  });

  it('is used by a program in strict TypeScript, which then runs', async () => {
    expect(saidOf('uses.ts')).toEqual([]);

    const { stdout } = await run(process.execPath, ['uses.js'], { cwd: path.join(home, 'app') });
    expect(JSON.parse(stdout)).toEqual({ life: 60, faults: 0, steps: 0 });
  });

  it('brings the proxy of a preset for tests of apps behind one', async () => {
    expect(saidOf('producer.ts')).toEqual([]);

    const { stdout } = await run(process.execPath, ['producer.js'], {
      cwd: path.join(home, 'app'),
    });
    expect(JSON.parse(stdout)).toEqual({
      user: 'alice',
      names: true,
      typo: expect.stringContaining('authelia'),
    });
  });

  it('does what its documentation shows', async () => {
    expect(saidOf('example.ts')).toEqual([]);

    const args = ['--test', '--test-reporter=tap', 'example.js'];
    // A test runner that finds itself in another one reports to that.
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
    const { stdout } = await run(process.execPath, args, { cwd: path.join(home, 'app'), env });
    expect(stdout).toContain('# pass 2\n');
  });

  it('brings declarations that have no mistake themselves', () => {
    expect(said.filter((line) => /^\S/.test(line) && !line.startsWith('wrong-'))).toEqual([]);
  });

  it.each(WRONG)('refuses %s', (_, name) => {
    expect(saidOf(name)).toEqual([expect.stringMatching(/^wrong-\w+\.ts\(2,/)]);
  });
});
