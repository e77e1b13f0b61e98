// The example as its reader runs it: from the packed package, in a folder that knows nothing of this one, by
// the commands of its README.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { cleanUp, ROOT, start, temporaryFolder } from './rig.ts';

const EXAMPLE = path.join(ROOT, 'examples/express-app');
const SHIPPED = ['package.json', 'LICENSE', 'README.md', 'config', 'clients.yaml', 'users.yaml'];
const PATIENCE_MS = 300_000;

type Run = { readonly status: number | null; readonly output: string };

/** The folder that holds the package, as `npm publish` would send it. */
function pack(home: string): string {
  const folder = path.join(home, 'package');
  mkdirSync(folder);
  for (const name of SHIPPED) cpSync(path.join(ROOT, name), path.join(folder, name), COPY);
  const dist = path.join(folder, 'dist');
  execFileSync(process.execPath, ['build.mjs', dist], { cwd: ROOT, stdio: 'pipe' });
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', home], {
    cwd: folder,
    encoding: 'utf8',
  });
  return path.join(home, /"filename":\s*"([^"]+)"/.exec(printed)?.[1] ?? '');
}

const COPY = { recursive: true, filter: (file: string) => !/node_modules|test-results/.test(file) };

/** A copy of the example that depends on the package in place of this folder. */
function copyExample(home: string, tarball: string): string {
  const folder = path.join(home, 'express-app');
  cpSync(EXAMPLE, folder, COPY);
  const file = path.join(folder, 'package.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('file:../..', `file:${tarball}`));
  return folder;
}

/** The commands of the first block of the README, one a line. */
function readCommands(): readonly string[] {
  const readme = readFileSync(path.join(EXAMPLE, 'README.md'), 'utf8');
  return /```sh\n([\s\S]*?)```/.exec(readme)?.[1]?.trim().split('\n') ?? [];
}

let app: string;

function run(command: string): Run {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  const options = { cwd: app, encoding: 'utf8', env, timeout: PATIENCE_MS } as const;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], options);
  return { status, output: `${stdout}${stderr}` };
}

beforeAll(() => {
  const home = temporaryFolder();
  app = copyExample(home, pack(home));
}, PATIENCE_MS);

afterAll(cleanUp);

describe('the example', () => {
  const [install = '', test = '', browser = ''] = readCommands();

  it('has three commands', () => {
    expect(readCommands()).toEqual(['npm install', 'npm test', 'npm run test:browser']);
  });

  it('is installed by the first', { timeout: PATIENCE_MS }, () => {
    const { status, output } = run(install);

    expect(status, output).toBe(0);
  });

  it('has types that fit those of the package', { timeout: PATIENCE_MS }, () => {
    const { status, output } = run('npm run types');

    expect(status, output).toBe(0);
  });

  it('passes all of its tests by the second', { timeout: PATIENCE_MS }, () => {
    const { status, output } = run(test);

    expect(status, output).toBe(0);
    const [, passed = '', all] = /Tests +(\d+) passed \((\d+)\)/.exec(output) ?? [];
    expect(passed, output).toBe(all);
    expect(Number(passed)).toBeGreaterThanOrEqual(35);
    expect(output).toMatch(/Test Files +6 passed \(6\)/);
  });

  it('passes those in a real browser by the third, in several workers', {
    timeout: PATIENCE_MS,
  }, () => {
    const { status, output } = run(browser);

    expect(status, output).toBe(0);
    const [, all, workers] = /Running (\d+) tests using (\d+) workers/.exec(output) ?? [];
    const [, passed] = /^ +(\d+) passed/m.exec(output) ?? [];
    expect(passed, output).toBe(all);
    expect(Number(passed)).toBeGreaterThanOrEqual(8);
    expect(Number(workers)).toBeGreaterThan(1);
  });

  it('runs beside the issuer for development', { timeout: PATIENCE_MS }, async () => {
    const [port = 0, issuerPort = 0, adminPort = 0] = await findFreePorts(3);
    const ports = ['--port', `${issuerPort}`, '--admin-port', `${adminPort}`];
    const bin = path.join(app, 'node_modules/.bin');
    await start(path.join(bin, 'asteroid'), ['dev', ...ports], { port: issuerPort, cwd: app });
    await start(path.join(bin, 'tsx'), ['src/main.ts'], {
      port,
      cwd: app,
      env: { PORT: `${port}`, ISSUER: `http://localhost:${issuerPort}` },
    });

    const home = await fetch(`http://localhost:${port}/`);
    const login = await fetch(`http://localhost:${port}/login`, { redirect: 'manual' });

    expect(await home.text()).toContain('You are not signed in');
    expect(login.headers.get('location')).toContain(`http://localhost:${issuerPort}/authorize?`);
  });
});

describe('what docs/fixtures.md shows', () => {
  it('has types, and works', { timeout: PATIENCE_MS }, () => {
    const page = readFileSync(path.join(ROOT, 'docs/fixtures.md'), 'utf8');
    const blocks = [...page.matchAll(/```ts\n\/\/ test\/support\/test\.ts\n([\s\S]*?)```/g)];
    const folder = path.join(app, 'test/shown');
    mkdirSync(folder);
    for (const [index, name] of ['vitest.ts', 'playwright.ts'].entries()) {
      writeFileSync(path.join(folder, name), blocks[index]?.[1] ?? '');
    }
    writeFileSync(path.join(app, 'test/shown.test.ts'), SHOWN);

    const types = run('npm run types');
    const { status, output } = run('npx vitest run test/shown.test.ts');

    expect(blocks).toHaveLength(2);
    expect(types.status, types.output).toBe(0);
    expect(status, output).toBe(0);
  });
});

const SHOWN = `
  import { expect } from 'vitest';
  import { test } from './shown/vitest.ts';
  test('an issuer of its own', async ({ issuer }) => {
    const { id_token } = await issuer.issue({ as: 'alice', client: 'web', scope: 'openid email' });
    expect(id_token).toBeDefined();
    expect(issuer).not.toHaveIssued();
  });
`;

describe('a test that fails', () => {
  it('prints in vitest what the issuer was asked, and ends', { timeout: PATIENCE_MS }, () => {
    writeFileSync(path.join(app, 'test/failing.test.ts'), FAILING);

    const { status, output } = run('npx vitest run test/failing.test.ts');

    expect(status, output).toBe(1);
    expect(output).toContain('What the issuer of "fails" was asked:');
    expect(output).toMatch(/^200 token by web for alice \(.*code=\[redacted\]/m);
    expect(output).toContain('Tests  1 failed (1)');
  });

  it('has in Playwright what the issuer was asked among its attachments', {
    timeout: PATIENCE_MS,
  }, () => {
    const folder = path.join(app, 'test/browser');
    writeFileSync(path.join(folder, 'failing.spec.ts'), FAILING_IN_BROWSER);

    const { status, output } = run('npx playwright test failing.spec.ts');

    expect(status, output).toBe(1);
    expect(output).toContain('what the issuer was asked (text/plain)');
    expect(output).toMatch(/^ *200 token by web for alice /m);
    expect(output).toMatch(/^ +1 failed/m);
  });
});

const FAILING = `
  import { expect } from 'vitest';
  import { test } from './support/test.ts';
  test('fails', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    const home = await browser.open(app.url + '/login');
    expect(home.text).toContain('bob');
  });
`;

const FAILING_IN_BROWSER = `
  import { expect, test } from '../support/browser-test.ts';
  test.use({ signedInAs: 'alice' });
  test('fails', async ({ app, page }) => {
    await page.goto(app.url + '/login');
    expect(await page.content()).toContain('bob');
  });
`;
