import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { CLIENT_SECRET, type Metadata, REDIRECT_URI, runProgram } from '../support/program.ts';
import { openRaw, type RawTarget } from '../support/raw-http.ts';
import {
  ALICE,
  APP,
  ask,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  redeem,
  refresh,
  SECRET,
} from './threats.fixture.ts';
import {
  get,
  getBundle,
  isAlive,
  isTurnedAway,
  makeWorkersFolder,
  readiness,
  spawnWorkers,
  stopRedis,
  until,
  type Workers,
} from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 90_000, retry: 1 };

afterAll(stopRedis);

const clientOf = (id: string): Metadata => ({
  client_id: id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
});
const APPS = ['app', 'second'].map(clientOf);

const codeFor = async (target: RawTarget, client: string) =>
  codeOf(await ask(target, [authorize({ client_id: client }), HOST, SECRET, ALICE]));

/** Asked often enough that each worker is asked. */
const everywhere = async <Answer>(question: () => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: 12 }, question));

/** Which workers have answered requests. */
const servers = ({ child }: Workers): ReadonlySet<unknown> =>
  new Set(child.logged().flatMap(({ msg, worker }) => (msg === 'request' ? [worker] : [])));

/** A token request whose last byte is not sent yet, and which worker has it. */
async function openRequest(target: RawTarget) {
  const body = 'grant_type=refresh_token&refresh_token=rt_unknown';
  const connection = await openRaw(target);
  const lines = ['POST /token HTTP/1.1', HOST, FORM, `Authorization: ${APP}`];
  const head = [...lines, `Content-Length: ${body.length}`].join('\r\n');
  // An answer first, so that a worker has the connection for certain.
  connection.write(`GET /jwks.json HTTP/1.1\r\n${HOST}\r\n\r\n`);
  await connection.next();
  connection.write(`${head}\r\n\r\n${body.slice(0, -1)}`);
  return { connection, finish: () => connection.write(body.slice(-1)) };
}

const signalAll = ({ child, pids }: Workers, signal: NodeJS.Signals): void => {
  for (const pid of [...pids().values(), child.process.pid ?? 0]) process.kill(pid, signal);
};

describe.concurrent('an issuer of two workers', PATIENT, () => {
  it('is one issuer: what one worker grants, the other redeems', async () => {
    const workers = await spawnWorkers();

    const codes = await everywhere(async () => codeOf(await ask(workers.public, honest())) ?? '');
    const tokens = await Promise.all(codes.map((code) => redeem(workers.public, code)));
    const again = await Promise.all(
      tokens.map(({ refresh_token }) => refresh(workers.public, refresh_token)),
    );

    expect(again.map(({ status }) => status)).toEqual(codes.map(() => 200));
    await until(() => servers(workers).size === 2);
    const listening = workers.child.logged().filter(({ msg }) => msg === 'listening');
    expect(listening.map(({ listener }) => listener)).toEqual(['public', 'admin']);
    expect(await readiness(workers)).toMatchObject({
      status: 200,
      dependencies: { store: 'ready', keys: 'ready', workers: 'ready' },
    });
    workers.child.process.kill('SIGTERM');
    expect(await workers.child.exit).toBe(0);
    expect(workers.child.stderr()).toBe('');
  });

  it('takes changed files and SIGHUP in every worker, and says so once', async () => {
    const workers = await spawnWorkers({ clients: APPS });
    await workers.folder.writeClients([...APPS, clientOf('new')]);
    await workers.child.logs('reloaded');
    await until(async () =>
      (await everywhere(() => codeFor(workers.public, 'new'))).every((code) => code !== undefined),
    );
    workers.child.process.kill('SIGHUP');
    await workers.child.logs('reloaded', 2);
    for (const pid of workers.pids().values()) process.kill(pid, 'SIGHUP');

    expect(await readiness(workers)).toMatchObject({ status: 200, configuration: 'current' });
    await workers.folder.write('clients.yaml', 'clients: [');
    await workers.child.logs('reload failed: everything stays as it was');
    await until(async () =>
      (await everywhere(() => readiness(workers))).every(
        ({ configuration }) => configuration === 'outdated',
      ),
    );
    expect(workers.child.logged().filter(({ msg }) => msg === 'reloaded')).toHaveLength(2);
  });
});

describe.concurrent('a worker that dies', PATIENT, () => {
  it('is replaced, and the new one has the configuration in force, not the one that is on the disk', async () => {
    const [port, adminPort] = [await findFreePort(), await findFreePort()];
    const listen = { public: { port }, admin: { port: adminPort } };
    const workers = await spawnWorkers({ clients: APPS, config: { listen } });
    await workers.folder.writeClients([...APPS, clientOf('new')]);
    await workers.child.logs('reloaded');
    const config = JSON.parse(await readFile(workers.folder.configFile, 'utf8'));
    const waiting = { ...config, lifetimes: { access_token: '7m' }, workers: 3 };
    await workers.folder.write('asteroid.yaml', JSON.stringify(waiting));
    expect(await workers.child.logs('reloaded', 2)).toMatchObject({ restart_needed: ['workers'] });
    await workers.folder.write('clients.yaml', 'clients: [');
    await workers.child.logs('reload failed: everything stays as it was');
    const before = workers.pids();
    const code = codeOf(await ask(workers.public, honest())) ?? '';

    for (const pid of before.values()) process.kill(pid, 'SIGKILL');
    const ended = await workers.child.logs('a worker ended', 2);
    await until(() => workers.pids().size === 2);
    await until(
      async () => (await get(workers.admin, '/readyz').catch(() => undefined))?.status === 200,
    );

    expect(ended).toMatchObject({ level: 'error', how: 'SIGKILL' });
    expect([...workers.pids().values()]).not.toEqual([...before.values()]);
    const codes = await everywhere(() => codeFor(workers.public, 'new'));
    expect(codes.filter((found) => found === undefined)).toEqual([]);
    // Who is started later serves by what was taken, and what waits for a restart waits for one of the whole issuer.
    expect(await redeem(workers.public, code)).toMatchObject({ expires_in: 420 });
    expect(workers.pids().size).toBe(2);
    expect(await readiness(workers)).toMatchObject({ configuration: 'outdated' });
  });

  it('leaves the others at work, and readiness red until its place is filled', async () => {
    const workers = await spawnWorkers();
    const [, second = 0] = [...workers.pids().values()];
    const kept = await Promise.all(Array.from({ length: 6 }, () => openRequest(workers.public)));

    process.kill(second, 'SIGKILL');
    await workers.child.logs('a worker ended');
    for (const { finish } of kept) finish();
    const ends = await Promise.all(
      kept.map(({ connection }) =>
        connection.next().then(
          ({ status }) => status,
          () => 'lost',
        ),
      ),
    );

    expect(new Set(ends)).toEqual(new Set([400, 'lost']));
    await until(async () => (await readiness(workers)).status === 200);
  });

  it('or that hangs makes readiness red', async () => {
    const workers = await spawnWorkers();
    const [, second = 0] = [...workers.pids().values()];

    process.kill(second, 'SIGSTOP');
    // One of them is given to who hangs, and waits for it; the other says that it does not answer.
    const first = await Promise.any([
      get(workers.admin, '/readyz'),
      get(workers.admin, '/readyz'),
      get(workers.admin, '/readyz'),
    ]);

    expect(first.status).toBe(503);
    expect(JSON.parse(first.body).dependencies).toMatchObject({ workers: 'not ready' });
    process.kill(second, 'SIGCONT');
    await until(async () => (await readiness(workers)).status === 200);
  });
});

describe.concurrent('signals', PATIENT, () => {
  for (const { given, send } of [
    { given: 'the primary', send: ({ child }: Workers) => void child.process.kill('SIGTERM') },
    { given: 'the whole process group', send: (workers: Workers) => signalAll(workers, 'SIGTERM') },
    { given: 'everybody in a terminal', send: (workers: Workers) => signalAll(workers, 'SIGINT') },
  ]) {
    it(`SIGTERM to ${given} drains every worker, and the end is 0`, async () => {
      const workers = await spawnWorkers({
        config: { shutdown: { delay: '1s', grace: '30s' } },
      });
      const open = await Promise.all(Array.from({ length: 4 }, () => openRequest(workers.public)));
      const pids = [...workers.pids().values()];

      send(workers);
      await until(async () => (await readiness(workers)).draining === true);
      await until(() => isTurnedAway(workers));
      for (const { finish } of open) finish();
      const answers = await Promise.all(open.map(({ connection }) => connection.next()));

      expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
      expect(await workers.child.exit).toBe(0);
      expect(workers.child.stderr()).toBe('');
      expect(pids.filter(isAlive)).toEqual([]);
      expect(workers.child.logged().some(({ msg }) => msg === 'a worker ended')).toBe(false);
    });
  }

  it('a second one ends everything at once', async () => {
    const workers = await spawnWorkers({ config: { shutdown: { grace: '1h' } } });
    await openRequest(workers.public);

    workers.child.process.kill('SIGTERM');
    await until(async () => (await readiness(workers).catch(() => undefined))?.draining === true);
    workers.child.process.kill('SIGTERM');

    expect(await workers.child.exit).toBe(0);
  });

  it('a second one ends even a worker that hangs', async () => {
    const workers = await spawnWorkers({ config: { shutdown: { grace: '1h' } } });
    const [first = 0] = [...workers.pids().values()];
    process.kill(first, 'SIGSTOP');

    workers.child.process.kill('SIGTERM');
    workers.child.process.kill('SIGINT');

    expect(await workers.child.exit).toBe(0);
    expect(isAlive(first)).toBe(false);
  });

  it('SIGKILL of the primary lets workers finish what is under way, and then they end', async () => {
    const workers = await spawnWorkers();
    const open = await Promise.all(Array.from({ length: 4 }, () => openRequest(workers.public)));
    const pids = [...workers.pids().values()];

    workers.child.process.kill('SIGKILL');
    await until(() =>
      get(workers.public, '/jwks.json').then(
        () => false,
        () => true,
      ),
    );
    for (const { finish } of open) finish();
    const answers = await Promise.all(open.map(({ connection }) => connection.next()));

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    await until(() => pids.every((pid) => !isAlive(pid)));
  });
});

describe.concurrent('workers that cannot start', PATIENT, () => {
  const run = async (
    config: Metadata,
    spoil?: (file: (name: string) => string) => Promise<void>,
  ) => {
    const folder = await makeWorkersFolder({ config });
    await spoil?.(folder.file);
    return runProgram(['serve', '--config', folder.configFile], { bundle: await getBundle() });
  };
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

  for (const { given, config, says } of [
    {
      given: 'with the memory store',
      config: { store: { driver: 'memory' } },
      says: /codes and tokens of their own/,
    },
    {
      given: 'with ephemeral keys',
      config: { keys: { source: 'ephemeral' } },
      says: /keys that the others do not have/,
    },
    { given: 'as none', config: { workers: 0 }, says: /workers/ },
    { given: 'as a word', config: { workers: 'many' }, says: /workers/ },
  ]) {
    it(`${given} are refused with 78 and the reason`, async () => {
      const { code, stderr } = await run(config);

      expect(code).toBe(78);
      expect(lines(stderr)).toEqual([expect.stringMatching(says)]);
    });
  }

  it('for a key that cannot be read are refused once, with 78', async () => {
    const { code, stderr } = await run({}, (file) =>
      writeFile(file('keys/20260101T000000Z.ES256.pem'), 'no key', { mode: 0o600 }),
    );

    expect(code).toBe(78);
    expect(lines(stderr)).toEqual([expect.stringMatching(/20260101T000000Z\.ES256\.pem/)]);
  });

  it('for a port that is taken say so once, and end with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;

    const { code, stderr } = await run({ listen: { public: { port }, admin: { port: 0 } } });

    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      `cannot listen on http://127.0.0.1:${port}: another program listens there already`,
    ]);
  });

  it('are nothing that people start by themselves', async () => {
    const { code, stderr } = await runProgram(['worker'], { bundle: await getBundle() });

    expect(code).toBe(1);
    expect(lines(stderr)).toEqual(['a worker is started by asteroid serve']);
  });
});
