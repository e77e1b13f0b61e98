// How soon each of them answers: from its start to its first answer of discovery, in turns. In a process
// that has started others before, as test files do; as the first thing that a process does, Node's own
// start included; and as a program. Nothing here is asserted: a machine has its moods.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, renderTable } from '../bench/tables.ts';
import { buildProgram } from '../support/built.ts';
import { findFreePorts } from '../support/free-port.ts';
import { CALLBACK, SECRET } from './issuers.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PATIENCE_MS = 30_000;

type Contestant = {
  readonly name: string;
  /** What makes `start()` → `{ url, stop }`, in a module. */
  readonly library: string;
  /** Whether there is more than the second and later starts of a process to measure. */
  readonly hasFirst: boolean;
  /** What Node is told to run. */
  readonly program?: (port: number, other: number) => readonly string[];
};

const OPTIONS = JSON.stringify({
  clients: [{ client_id: 'app', client_secret: SECRET, redirect_uris: [CALLBACK] }],
  users: [{ sub: 'alice' }],
});

const mock = (alg: string): string => `
  import { OAuth2Server } from 'oauth2-mock-server';
  async function start() {
    const server = new OAuth2Server();
    await server.issuer.keys.generate('${alg}');
    await server.start(0, '127.0.0.1');
    return { url: server.issuer.url, stop: () => server.stop() };
  }`;

const contestants = (dist: string): readonly Contestant[] => [
  {
    name: 'Asteroid',
    library: `
      import { startTestIssuer } from '${dist}/test-issuer.js';
      const start = () => startTestIssuer(${OPTIONS});`,
    hasFirst: true,
    program: (port, other) => [
      `${dist}/asteroid.js`,
      ...['dev', '--port', `${port}`, '--admin-port', `${other}`],
    ],
  },
  {
    name: 'Asteroid, `issuer.test()`',
    library: `
      import { startTestIssuer } from '${dist}/test-issuer.js';
      let root;
      const start = async () => (root ??= await startTestIssuer(${OPTIONS})).test();`,
    hasFirst: false,
  },
  { name: 'oauth2-mock-server, ES256', library: mock('ES256'), hasFirst: true },
  {
    name: 'oauth2-mock-server, RS256 as its README has it',
    library: mock('RS256'),
    hasFirst: true,
    program: (port) => [
      path.join(ROOT, 'node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs'),
      ...['-a', '127.0.0.1', '-p', `${port}`],
    ],
  },
];

/** Prints how many ms one start takes in a process that has made some before, or as its first. */
const timing = ({ library }: Contestant, warmUps: number): string => `
  import { get } from 'node:http';
  ${library}
  const ask = (url) => new Promise((resolve, reject) => get(
    url + '/.well-known/openid-configuration',
    { agent: false },
    (answer) => answer.resume().on('end', resolve),
  ).on('error', reject));
  let begin = 0;
  for (let n = 0; n <= ${warmUps}; n += 1) {
    if (n > 0) begin = performance.now();
    const { url, stop } = await start();
    await ask(url);
    if (n === ${warmUps}) console.log(performance.now() - begin);
    await stop();
  }
  process.exit();
`;

const inProcess = (contestant: Contestant, warmUps: number): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', timing(contestant, warmUps)], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  );

const isThere = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, agent: false };
    const headers = { Host: `localhost:${port}` };
    http
      .get({ ...options, path: '/.well-known/openid-configuration', headers }, (answer) =>
        resolve(answer.resume().statusCode === 200),
      )
      .on('error', () => resolve(false));
  });

async function asProgram({ name, program }: Contestant): Promise<number> {
  if (program === undefined) return Number.NaN;
  const [port = 0, other = 0] = await findFreePorts(2);
  const begin = performance.now();
  const child = spawn(process.execPath, program(port, other), { cwd: ROOT, stdio: 'ignore' });
  const exit = once(child, 'exit');
  try {
    while (!(await isThere(port))) {
      const late = performance.now() - begin > PATIENCE_MS;
      if (late || child.exitCode !== null) throw new Error(`${name} does not answer`);
      await sleep(1);
    }
    return performance.now() - begin;
  } finally {
    child.kill('SIGTERM');
    await exit;
  }
}

/** The median, and the quickest. */
const toFigure = (took: readonly number[]): string | undefined =>
  took.some(Number.isNaN)
    ? undefined
    : `${Math.round(median(took))} (${Math.round(Math.min(...took))})`;

/** @param starts of each in each way. */
export async function measureStartup(starts: number): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'asteroid-compare-'));
  try {
    buildProgram(folder);
    const rows = contestants(folder).map((contestant) => ({
      contestant,
      again: [] as number[],
      first: [] as number[],
      program: [] as number[],
    }));
    // Once for nothing: what a program keeps for its next start is there when it counts.
    for (const { contestant } of rows) await asProgram(contestant);
    for (let n = 0; n < starts; n += 1) {
      for (const { contestant, again, first, program } of rows) {
        again.push(inProcess(contestant, 5));
        first.push(contestant.hasFirst ? inProcess(contestant, 0) : Number.NaN);
        program.push(await asProgram(contestant));
      }
    }
    const head = [
      'ms to the first answer',
      'in a process that did it before',
      'as its first',
      'as a program',
    ];
    return renderTable(
      head,
      rows.map(({ contestant: { name }, again, first, program }) => [
        name,
        ...[again, first, program].map(toFigure),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
