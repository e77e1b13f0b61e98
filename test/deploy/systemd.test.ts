// The units, judged by systemd itself, and the command in them started with the socket that they describe.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, onCleanUp, PROGRAM, ROOT, temporaryFolder } from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { inProject, type Outcome, run } from './programs.ts';

afterAll(cleanUp);

const UNITS = ['asteroid.service', 'asteroid.socket'] as const;
type Unit = (typeof UNITS)[number];

const read = (unit: Unit): string => readFileSync(inProject(`deploy/systemd/${unit}`), 'utf8');

type Edit = readonly [unit: Unit, from: string, to: string];

/** The units as they are installed, on a machine that has Node elsewhere. */
function install(edits: readonly Edit[] = []): readonly string[] {
  const folder = temporaryFolder();
  return UNITS.map((unit) => {
    const all: readonly Edit[] = [[unit, '/usr/bin/node', process.execPath], ...edits];
    const text = all
      .filter(([edited]) => edited === unit)
      .reduce((before, [, from, to]) => {
        if (unit === 'asteroid.service' && !before.includes(from)) throw new Error(`no ${from}`);
        return before.replace(from, to);
      }, read(unit));
    const file = path.join(folder, unit);
    writeFileSync(file, text);
    return file;
  });
}

const verify = (files: readonly string[]): Outcome =>
  run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=yes', ...files]);

/** Exposure from 0 (none) to 100, which `systemd-analyze` refuses above the threshold. */
const judge = (files: readonly string[], threshold: number): Outcome =>
  run('systemd-analyze', [
    'security',
    '--offline=true',
    `--threshold=${threshold}`,
    files[0] ?? '',
  ]);

describe('the units of systemd', () => {
  it('are what systemd takes, without a word about them', () => {
    const { status, output } = verify(install());
    const own = output.split('\n').filter((line) => line.includes('asteroid'));

    expect([status, own]).toEqual([0, []]);
  });

  const WRONG: readonly (readonly [string, Edit])[] = [
    [
      'a program that is not there',
      ['asteroid.service', `ExecStart=${process.execPath}`, 'ExecStart=/usr/bin/nowhere'],
    ],
    ['a misspelt setting', ['asteroid.service', 'RestartSec=1', 'RestartSecs=1']],
    ['a value that is none', ['asteroid.service', 'ProtectHome=yes', 'ProtectHome=maybe']],
    ['a socket without an address', ['asteroid.socket', 'ListenStream=/run/asteroid.sock', '']],
    [
      'a misspelt setting of the socket',
      ['asteroid.socket', 'SocketMode=0660', 'SocketModes=0660'],
    ],
  ];
  for (const [what, edit] of WRONG) {
    it(`that are got wrong are found: ${what}`, () => {
      const { status, output } = verify(install([edit]));

      expect(status !== 0 || output.includes('asteroid.s'), output).toBe(true);
    });
  }

  it('leave little open to whoever takes the process over', () => {
    const { status, output } = judge(install(), 15);

    expect(status, output).toBe(0);
  });

  it('that leave more open are found', () => {
    const open: readonly Edit[] = [
      ['asteroid.service', 'CapabilityBoundingSet=\n', ''],
      ['asteroid.service', 'SystemCallFilter=@system-service\n', ''],
    ];

    expect(judge(install(open), 15).status).not.toBe(0);
  });

  it('try a configuration that cannot work once, as docs/deployment.md has it, and outlive a drain', () => {
    expect(read('asteroid.service')).toMatch(/^RestartPreventExitStatus=78$/m);
    const [, stop = ''] = /^TimeoutStopSec=(\d+)$/m.exec(read('asteroid.service')) ?? [];
    expect(Number(stop)).toBeGreaterThan(30);
  });
});

const setting = (unit: Unit, name: string): string =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(read(unit))?.[1] ?? '';

const CONFIGURATION = (admin: number): string => `issuer: http://localhost:1
listen:
  public: { socket: /run/asteroid.sock, mode: "0660" }
  admin: { host: 127.0.0.1, port: ${admin} }
upstream:
  preset: nginx-auth-request
  trust: { unix_socket: true }
store: { driver: memory }
keys: { source: ephemeral }
clients: { file: clients.yaml }
userinfo: { backends: [{ type: headers }] }
`;

/** Starts ExecStart of the service as systemd would, with the socket that asteroid.socket describes. */
async function activate(): Promise<{ readonly socketPath: string; readonly output: () => string }> {
  const home = temporaryFolder();
  const socketPath = path.join(home, path.basename(setting('asteroid.socket', 'ListenStream')));
  mkdirSync(path.join(home, 'etc'));
  writeFileSync(
    path.join(home, 'etc/asteroid.yaml'),
    CONFIGURATION(await findFreePort()).replace('/run/asteroid.sock', socketPath),
  );
  writeFileSync(path.join(home, 'etc/clients.yaml'), 'clients: []');
  const command = setting('asteroid.service', 'ExecStart')
    .replace('/usr/bin/node', process.execPath)
    .replace('/opt/asteroid/dist/asteroid.js', PROGRAM)
    .replace('/etc/asteroid', path.join(home, 'etc'))
    .split(' ');
  const name = setting('asteroid.socket', 'FileDescriptorName');
  const args = ['--listen', socketPath, `--fdname=${name}`, ...command];
  const child = spawn('systemd-socket-activate', args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  onCleanUp(async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  await expect.poll(() => output, { timeout: 20_000 }).toContain('Listening on');
  return { socketPath, output: () => output };
}

const get = (socketPath: string, where: string, headers = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const question = http.get({
      socketPath,
      path: where,
      headers: { host: 'localhost:1', ...headers },
    });
    question.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
  });

describe('socket activation', () => {
  it('starts Asteroid with the first connection, which it answers', async () => {
    const { socketPath, output } = await activate();

    expect(output()).not.toContain('asteroid started');
    expect(await get(socketPath, '/.well-known/openid-configuration')).toBe(200);
    expect(await get(socketPath, '/jwks.json')).toBe(200);
  });
});
