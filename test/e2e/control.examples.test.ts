// The examples of examples/control as their readers run them: with the toolchain of their language, against
// the built program.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, onCleanUp, PROGRAM, ROOT, temporaryFolder } from './rig.ts';

const FOLDER = path.join(ROOT, 'examples/control');
const STARTS = `${process.execPath} ${PROGRAM}`;

type Example = {
  readonly name: string;
  /** What has to be there, and words that it answers. */
  readonly tool: readonly [string, ...string[]];
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** What it prints when all of it was really done. */
  readonly proof: RegExp;
};

const EXAMPLES: readonly Example[] = [
  {
    name: 'curl',
    tool: ['curl', '--version'],
    command: ['sh', 'curl.sh'],
    cwd: '.',
    proof: /^(?:ok: .*\n){9}all is well\n$/,
  },
  {
    name: 'Python',
    tool: ['python3', '--version'],
    command: ['python3', '-B', '-m', 'unittest', '-v', 'test_signin.py'],
    cwd: 'python',
    proof: /^Ran 4 tests in .*\n\nOK\n$/m,
  },
  {
    name: 'Go',
    tool: ['go', 'version'],
    // What ran before proves nothing about the program of this moment.
    command: ['go', 'test', '-count=1', '-v', './...'],
    cwd: 'go',
    proof: /(?:^--- PASS: Test\w+ .*\n[\s\S]*?){3}^ok\s/m,
  },
  {
    name: 'Java',
    tool: ['java', '--version'],
    command: ['java', 'SignIn.java'],
    cwd: 'java',
    proof: /^all is well\n$/,
  },
];

const isThere = ({ tool: [program, ...words] }: Example): boolean =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0;

/** In CI a toolchain that is missing is a failure; elsewhere nobody needs four of them. */
const here = process.env['CI'] === undefined ? EXAMPLES.filter(isThere) : EXAMPLES;

async function run(
  { command: [program, ...words], cwd }: Example,
  env: Readonly<Record<string, string>>,
) {
  const child = spawn(program, words, {
    cwd: path.join(FOLDER, cwd),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, output };
}

afterAll(cleanUp);

describe('the examples of the control API (O20)', () => {
  it('are four, of which those run whose language is here', () => {
    expect(here.length).toBeGreaterThan(0);
    expect(EXAMPLES.filter(isThere).map(({ name }) => name)).toEqual(here.map(({ name }) => name));
  });

  for (const example of here) {
    it(`signs in, travels in time and meets a fault: ${example.name}`, async () => {
      const { code, output } = await run(example, { ASTEROID: STARTS });

      expect(code, output).toBe(0);
      expect(output).toMatch(example.proof);
    }, 240_000);

    it(`fails where there is no issuer: ${example.name}`, async () => {
      const { code, output } = await run(example, { ASTEROID: 'false' });

      expect(code, output).not.toBe(0);
      expect(output).not.toMatch(example.proof);
    }, 240_000);
  }
});

describe('one issuer for all examples (O20)', () => {
  const control = path.join(temporaryFolder(), 'control.json');
  beforeAll(async () => {
    const words = [PROGRAM, 'dev', '--port', '0', '--admin-port', '0', '--control-file', control];
    const child = spawn(process.execPath, words, { stdio: 'ignore' });
    const end = new Promise((resolve) => child.once('exit', resolve));
    onCleanUp(async () => {
      child.kill();
      await end;
      expect(existsSync(control)).toBe(false);
    });
    while (!existsSync(control)) {
      expect(child.exitCode).toBeNull();
      await sleep(50);
    }
  });

  it('is asked by all of them at once, and none of them is in the way of another', async () => {
    const env = { CONTROL_FILE: control, ASTEROID: 'false' };
    const all = await Promise.all(
      here.map(async (example) => ({ example, ...(await run(example, env)) })),
    );

    for (const { example, code, output } of all) {
      expect(code, output).toBe(0);
      expect(output).toMatch(example.proof);
    }
    const { url, token } = JSON.parse(readFileSync(control, 'utf8'));
    const headers = { Authorization: `Bearer ${token}` };
    const { issuers } = JSON.parse(await (await fetch(`${url}/issuers`, { headers })).text());
    expect(issuers.map(({ id }: { readonly id: string }) => id)).toEqual(['root']);
  }, 240_000);
});
