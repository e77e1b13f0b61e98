import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { CLIENT_SECRET, REDIRECT_URI, runProgram, spawnProgram } from '../support/program.ts';
import type { RawTarget } from '../support/raw-http.ts';
import { until } from '../support/until.ts';
import {
  ALICE,
  ask,
  authorize,
  codeOf,
  HOST,
  honest,
  redeem,
  SECRET,
  user,
} from './threats.fixture.ts';
import {
  get,
  getBundle,
  isAlive,
  makeWorkersFolder,
  readiness,
  spawnWorkers,
  stopRedis,
  type Workers,
} from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 120_000 };

afterAll(stopRedis);

const ADMIN = { port: 0 };
const GROUP = process.getuid?.() === 0 ? 1 : (process.getgid?.() ?? 0);

/** Whether everybody who asks at once gets in, whichever worker has them. */
async function signInOften(target: RawTarget): Promise<void> {
  const codes = await Promise.all(
    Array.from({ length: 8 }, async () => codeOf(await ask(target, honest())) ?? ''),
  );
  const tokens = await Promise.all(codes.map((code) => redeem(target, code)));
  expect(tokens.map(({ access_token }) => typeof access_token)).toEqual(codes.map(() => 'string'));
}

const end = async ({ child }: Workers, signal: NodeJS.Signals = 'SIGTERM') => {
  child.process.kill(signal);
  return child.exit;
};

describe.concurrent('workers on a Unix socket', PATIENT, () => {
  const listen = { public: { socket: 'asteroid.sock', mode: '0660', group: GROUP }, admin: ADMIN };

  it('share it: its permissions are those of the configuration, and it goes with the last', async () => {
    const workers = await spawnWorkers({ config: { listen } });
    const file = workers.folder.file('asteroid.sock');
    const { mode, gid } = statSync(file);
    await signInOften(workers.public);
    const second = await runProgram(['serve', '--config', workers.folder.configFile], {
      bundle: await getBundle(),
    });

    expect({ mode: mode & 0o777, gid }).toEqual({ mode: 0o660, gid: GROUP });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('another program listens there already');
    expect(existsSync(file)).toBe(true);
    for (const pid of workers.pids().values()) process.kill(pid, 'SIGKILL');
    await workers.child.logs('a worker ended', 2);
    await until(() => workers.pids().size === 2);
    expect(statSync(file).mode & 0o777).toBe(0o660);
    await signInOften(workers.public);
    expect(await end(workers)).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('take the place of one that a killed primary left behind', async () => {
    const workers = await spawnWorkers({ config: { listen } });
    const pids = [...workers.pids().values()];
    await end(workers, 'SIGKILL');
    await until(() => pids.every((pid) => !isAlive(pid)));

    const args = ['serve', '--config', workers.folder.configFile];
    const next = spawnProgram(args, { bundle: await getBundle() });
    await signInOften(await next.at('public'));
    next.process.kill('SIGTERM');

    expect(await next.exit).toBe(0);
  });

  it('make a folder for keys that they may enter, whatever the umask of the socket is', async () => {
    const workers = await spawnWorkers({ config: { listen, keys: { dir: 'made' } } });

    expect(statSync(workers.folder.file('made')).mode & 0o777).toBe(0o700);
    expect(await readiness(workers)).toMatchObject({ status: 200 });
    expect(await end(workers)).toBe(0);
  });
});

describe.concurrent('workers with TLS', PATIENT, () => {
  it('answer on every listener, and each asks clients for certificates', async () => {
    const servers = createAuthority('servers');
    const clients = createAuthority('clients');
    const proxies = createAuthority('proxies');
    const own = servers.issue({ dns: ['sso.example'] });
    const proxy = proxies.issue({ dns: ['proxy.example'] });
    const client = clients.issue({ dns: ['client.example'] });
    const tls = { cert_file: 'tls.crt', key_file: 'tls.key' };
    const workers = await spawnWorkers({
      config: {
        listen: {
          public: { port: 0, tls },
          mtls: { port: 0, tls: { ...tls, client_ca_file: 'ca.crt' } },
          admin: ADMIN,
          health: { port: 0 },
        },
        endpoints: { mtls_base: 'https://mtls.sso.example' },
        upstream: { trust: { mtls: { ca_file: 'proxies.crt', dns_sans: ['proxy.example'] } } },
      },
      files: {
        'tls.crt': own.cert,
        'tls.key': own.key,
        'ca.crt': clients.cert,
        'proxies.crt': proxies.cert,
      },
    });
    const options = { ca: servers.cert, servername: 'sso.example' };
    const at = (target: RawTarget, more: object = {}): RawTarget => ({
      port: 'port' in target ? target.port : 0,
      tls: { ...options, ...more },
    });

    const shown = at(workers.public, proxy);
    const hidden = await ask(at(workers.public), [authorize(), HOST, ALICE]);

    await signInOften(shown);
    expect(hidden.status).toBe(403);
    const atMtls = await get(at(await workers.child.at('mtls'), client), '/jwks.json');
    expect(atMtls.status).toBe(200);
    expect((await get(await workers.child.at('health'), '/readyz')).status).toBe(200);
    const listening = workers.child.logged().filter(({ msg }) => msg === 'listening');
    expect(listening.map(({ listener }) => listener)).toEqual([
      'public',
      'mtls',
      'admin',
      'health',
    ]);
    expect(await end(workers)).toBe(0);
  });
});

describe.concurrent('workers on a socket that was handed over (LISTEN_FDS)', PATIENT, () => {
  async function handOver() {
    const owner: Server = createServer().listen(0, '127.0.0.1');
    await once(owner, 'listening');
    const address = owner.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const handle: unknown = Reflect.get(owner, '_handle');
    const workers = await spawnWorkers({
      descriptors: [Number(Reflect.get(Object(handle), 'fd'))],
      env: { LISTEN_FDS: '1' },
    });
    owner.close();
    return { workers, target: { port } };
  }

  it('share it, and a worker that takes the place of another does too', async () => {
    const { workers, target } = await handOver();
    await signInOften(target);
    const [first = 0] = [...workers.pids().values()];

    process.kill(first, 'SIGKILL');
    await workers.child.logs('a worker ended');
    await until(() => workers.pids().size === 2);

    await signInOften(target);
    expect(await end(workers)).toBe(0);
  });

  it('end with 1 when all have died, for the socket is only to be had from whoever opened it', async () => {
    const { workers } = await handOver();

    for (const pid of workers.pids().values()) process.kill(pid, 'SIGKILL');

    expect(await workers.child.exit).toBe(1);
    expect(workers.child.stderr()).toContain('no worker is left');
  });

  it('end with 1 when the last has died while another one starts, which finds no socket', async () => {
    const { workers } = await handOver();
    const [first = 0, second = 0] = [...workers.pids().values()];

    process.kill(first, 'SIGKILL');
    await workers.child.logs('a worker ended');
    await pause(300);
    process.kill(second, 'SIGKILL');

    expect(await workers.child.exit).toBe(1);
    expect(workers.child.stderr()).toContain('no worker is left');
  });
});

describe('asteroid doctor and several workers (O2)', PATIENT, () => {
  const CALL = ['Host: 127.0.0.1', 'X-Asteroid-Admin: 1'];
  const DOCTOR = '/admin/v1/doctor HTTP/1.1';

  it('tells of them what it tells of one', async () => {
    const examine = async (count: number) => {
      const { child, public: through, admin } = await spawnWorkers({ config: { workers: count } });
      const urlOf = (target: RawTarget) => `http://127.0.0.1:${'port' in target ? target.port : 0}`;
      const { code, stdout, stderr } = await runProgram(
        ['doctor', '--through', urlOf(through), '--admin', urlOf(admin), '--json'],
        { bundle: await getBundle() },
      );
      child.process.kill('SIGTERM');
      return { code, stderr, report: { ...JSON.parse(stdout), through: undefined } };
    };
    const [one, two] = await Promise.all([examine(1), examine(2)]);

    expect(one).toMatchObject({ code: 1, stderr: '' });
    expect(two).toEqual(one);
  });

  it('sees no recording any more once a worker that took part is gone', async () => {
    const workers = await spawnWorkers();
    const [first = 0] = [...workers.pids().values()];
    expect((await ask(workers.admin, [`POST ${DOCTOR}`, ...CALL])).status).toBe(201);
    expect((await ask(workers.admin, [`POST ${DOCTOR}`, ...CALL])).status).toBe(409);
    expect((await ask(workers.admin, [`GET ${DOCTOR}`, ...CALL])).status).toBe(200);

    process.kill(first, 'SIGKILL');
    await workers.child.logs('a worker ended');
    await until(() => workers.pids().size === 2);

    expect((await ask(workers.admin, [`GET ${DOCTOR}`, ...CALL])).status).toBe(404);
    expect((await ask(workers.admin, [`DELETE ${DOCTOR}`, ...CALL])).status).toBe(204);
    expect((await ask(workers.admin, [`POST ${DOCTOR}`, ...CALL])).status).toBe(201);
    expect(await end(workers)).toBe(0);
  });

  it('and /debug/identity know what came to any of them, and equal values as equal', async () => {
    const workers = await spawnWorkers({
      clients: [{ client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] }],
    });
    for (let count = 0; count < 6; count += 1) {
      await ask(workers.public, [authorize(), HOST, SECRET, user('alice')]);
    }
    const seen = await Promise.all(
      [1, 2, 3, 4].map(async () =>
        JSON.parse((await ask(workers.admin, ['GET /debug/identity HTTP/1.1', ...CALL])).body),
      ),
    );

    for (const { requests } of seen) {
      expect(requests).toHaveLength(6);
      const hashes = requests.map(
        ({ lines }: { lines: { header: string; hash: string }[] }) =>
          lines.find(({ header }) => header === 'X-Authenticated-User')?.hash,
      );
      expect(new Set(hashes).size).toBe(1);
      expect(hashes[0]).toMatch(/^[0-9a-f]{8}$/);
    }
    expect(await end(workers)).toBe(0);
  });
});

describe('a folder for workers', PATIENT, () => {
  it('is one in which a single process runs too', async () => {
    const folder = await makeWorkersFolder({ config: { workers: 1 } });
    const child = spawnProgram(['serve', '--config', folder.configFile], {
      bundle: await getBundle(),
    });
    await child.at('public');

    expect(child.logged().some(({ worker }) => worker !== undefined)).toBe(false);
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });
});
