// What the built program loads, and what it does not: nobody pays for what they do not use.

import { readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../support/admin-api.ts';
import { buildProgram, type Loaded, readLoaded } from '../support/built.ts';
import { type Child, type Metadata, makeFolder, spawnProgram } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { ROOT } from './sources.ts';

let home = '';
let program = '';
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'asteroid-built-'));
  program = buildProgram(path.join(home, 'dist'));
}, 60_000);
afterAll(() => rm(home, { recursive: true, force: true }));

const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

/** Our own dependencies among what was loaded. */
const known = ({ packages }: Loaded): readonly string[] =>
  Object.keys(dependencies).filter((name) => packages.has(name));

/** What `serve` has loaded when it ends. */
async function serve(config: Metadata, use: (child: Child) => Promise<void> = async () => {}) {
  const folder = await makeFolder({ config });
  const coverage = await mkdtemp(path.join(home, 'coverage-'));
  const child = spawnProgram(['serve', '--config', folder.configFile], {
    bundle: program,
    env: { NODE_V8_COVERAGE: coverage },
  });
  await child.at('admin');
  await use(child);
  child.process.kill('SIGTERM');
  expect(await child.exit).toBe(0);
  return readLoaded(program, coverage);
}

async function runWords(...args: readonly string[]): Promise<Loaded> {
  const coverage = await mkdtemp(path.join(home, 'coverage-'));
  const env = { NODE_V8_COVERAGE: coverage };
  await spawnProgram(args, { bundle: program, env }).exit;
  return readLoaded(program, coverage);
}

const get = async (child: Child, target: string): Promise<number> => {
  const line = `GET ${target} HTTP/1.1`;
  return (await ask(await child.at('admin'), [line, 'Host: 127.0.0.1:8881'])).status;
};

const ALWAYS = ['chokidar', 'lru-cache', 'pino', 'yaml', 'zod'];
const FILES = { keys: { source: 'file', dir: 'keys' } };

describe('the built program', () => {
  it('loads few files and no package that the configuration does not need', async () => {
    const loaded = await serve(FILES);

    expect(known(loaded)).toEqual(ALWAYS);
    expect(loaded.files.length).toBeGreaterThan(2);
    expect(loaded.files.length).toBeLessThanOrEqual(12);
  });

  it('loads the client of Redis where the store is Redis', async () => {
    const redis = { url: 'redis://127.0.0.1:1' };

    const loaded = await serve({ ...FILES, store: { driver: 'redis', redis } });

    expect(known(loaded)).toEqual([...ALWAYS, 'ioredis'].sort());
  });

  it('loads nothing more for probes', async () => {
    const loaded = await serve(FILES, async (child) => {
      expect(await get(child, '/livez')).toBe(200);
      expect(await get(child, '/readyz')).toBe(200);
    });

    expect(known(loaded)).toEqual(ALWAYS);
  });

  it('loads Express with the first operation, which is answered', async () => {
    const loaded = await serve(FILES, async (child) => {
      expect(await get(child, '/debug/identity')).toBe(200);
    });

    expect(known(loaded)).toEqual([...ALWAYS, 'express', 'helmet'].sort());
  });

  it('loads what watches the process with the first scrape', async () => {
    const loaded = await serve(FILES, async (child) => {
      expect(await get(child, '/metrics')).toBe(200);
    });

    expect(known(loaded)).toEqual([...ALWAYS, '@opentelemetry/api', 'prom-client'].sort());
  });

  it('loads OpenTelemetry where traces go somewhere', async () => {
    const tracing = { endpoint: 'http://127.0.0.1:1/v1/traces' };

    const loaded = await serve({ ...FILES, tracing });

    const traces = ['api', 'exporter-trace-otlp-http', 'resources', 'sdk-trace'];
    expect(known(loaded)).toEqual(
      [...ALWAYS, ...traces.map((name) => `@opentelemetry/${name}`)].sort(),
    );
  });

  it('asks whether an issuer is ready without any package but that of its words', async () => {
    expect(known(await runWords('health', '--url', 'http://127.0.0.1:1/'))).toEqual(['commander']);
  });

  it('explains its words without any other package', async () => {
    expect(known(await runWords('--help'))).toEqual(['commander']);
  });

  it('takes the same words for serve in every spelling', async () => {
    const { configFile } = await makeFolder();
    const child = spawnProgram(['serve', `--config=${configFile}`], { bundle: program });

    await child.at('public');
  });
});

describe('a file of the built program that is gone', () => {
  async function without(part: RegExp): Promise<string> {
    const folder = await mkdtemp(path.join(home, 'broken-'));
    await cp(path.dirname(program), folder, { recursive: true });
    const gone = readdirSync(folder).find((name) => part.test(name)) ?? '';
    unlinkSync(path.join(folder, gone));
    return path.join(folder, path.basename(program));
  }

  it('is named when it is needed at start', async () => {
    const { configFile } = await makeFolder();
    const bundle = await without(/^serve-.*\.js$/);
    const child = spawnProgram(['serve', '--config', configFile], { bundle });

    expect(await child.exit).toBe(1);
    expect(child.stderr()).toMatch(/^Cannot find module .*serve-\w+\.js/);
  });

  it('is named in the log when it is needed later, and the listener goes on', async () => {
    const { configFile } = await makeFolder();
    const bundle = await without(/^frame-.*\.js$/);
    const child = spawnProgram(['serve', '--config', configFile], { bundle });

    expect(await get(child, '/debug/identity')).toBe(500);
    expect((await child.logs('admin request failed'))['error']).toMatch(/frame-\w+\.js/);
    expect(await get(child, '/readyz')).toBe(200);
  });

  it('takes only the plots of a console away, and no request', async () => {
    const tokens = [{ name: 'look', hash: hashToken('x'), role: 'read' }];
    const config = { admin: { tokens, console: { enabled: true } } };
    const { configFile } = await makeFolder({ config });
    const bundle = await without(/^samples-.*\.js$/);
    const child = spawnProgram(['serve', '--config', configFile], { bundle });

    expect((await child.logs('the console has no plots'))['error']).toMatch(/samples-\w+\.js/);
    expect(await get(child, '/readyz')).toBe(200);
  });
});
