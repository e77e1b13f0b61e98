import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startBalancer } from '../support/balancer.ts';
import { findFreePort } from '../support/free-port.ts';
import { type Child, spawnProgram } from '../support/program.ts';
import { openRaw, type RawConnection, type RawTarget } from '../support/raw-http.ts';
import { startRedis } from '../support/redis-server.ts';
import { APP, ask, codeOf, FORM, HOST, honest, redeem } from './threats.fixture.ts';
import {
  get,
  getBundle,
  makeWorkersFolder,
  spawnWorkers,
  stopRedis,
  until,
} from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 90_000 };

afterAll(stopRedis);

/** Asks again and again for another refresh token, on one connection for as long as it is kept. */
async function keepRefreshing(
  target: RawTarget,
  isOver: () => boolean,
): Promise<readonly string[]> {
  const code = codeOf(await ask(target, honest())) ?? '';
  let { refresh_token: token } = await redeem(target, code);
  const outcomes: string[] = [];
  let connection: RawConnection | undefined;
  while (!isOver()) {
    connection ??= await openRaw(target);
    const body = `grant_type=refresh_token&refresh_token=${token}`;
    const lines = ['POST /token HTTP/1.1', HOST, FORM, `Authorization: ${APP}`];
    connection.write([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    const answer = await connection.next();
    outcomes.push(answer.status === 200 ? 'refreshed' : `${answer.status} ${answer.body}`);
    if (answer.status !== 200) break;
    token = JSON.parse(answer.body).refresh_token;
    if (answer.headers['connection'] === 'close') connection = undefined;
  }
  return outcomes;
}

describe('a rolling restart of two replicas under load (F-22)', PATIENT, () => {
  it('fails no request', { timeout: 120_000 }, async () => {
    const shutdown = { delay: '2s', grace: '30s' };
    const folder = await makeWorkersFolder({ config: { shutdown } });
    const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
    // One of a single process, the other of two.
    const replicas = await Promise.all(
      [1, 2].map(async (workers) => {
        const [port, admin] = [await findFreePort(), await findFreePort()];
        const listen = { public: { port }, admin: { port: admin } };
        await folder.write(`${workers}.yaml`, JSON.stringify({ ...config, listen, workers }));
        return { port, admin, file: folder.file(`${workers}.yaml`) };
      }),
    );
    const bundle = await getBundle();
    const start = ({ file }: { file: string }): Child =>
      spawnProgram(['serve', '--config', file], { bundle });
    const balancer = await startBalancer(replicas);
    onTestFinished(() => balancer.close());
    const running = new Map(replicas.map((replica) => [replica, start(replica)]));
    await until(() => replicas.every(balancer.isReady));
    let isOver = false;
    const target = { port: balancer.port };
    const load = Promise.all(Array.from({ length: 6 }, () => keepRefreshing(target, () => isOver)));
    const ends: unknown[] = [];

    for (const replica of replicas) {
      const child = running.get(replica);
      child?.process.kill('SIGTERM');
      ends.push(await child?.exit);
      running.set(replica, start(replica));
      await until(() => balancer.isReady(replica));
    }
    isOver = true;
    const outcomes = (await load).flat();

    expect(ends).toEqual([0, 0]);
    expect(balancer.failures).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(50);
    expect(new Set(outcomes)).toEqual(new Set(['refreshed']));
  });
});

describe('an issuer that is told to end while Redis is away (F-22)', PATIENT, () => {
  for (const { given, harm } of [
    { given: 'is gone', harm: 'kill' },
    { given: 'hangs', harm: 'pause' },
  ] as const) {
    for (const workers of [1, 2]) {
      it(`and ${given} ends with 0, workers: ${workers}`, async () => {
        const redis = await startRedis();
        onTestFinished(() => (harm === 'pause' ? redis.stop() : undefined));
        const {
          child,
          public: target,
          admin,
        } = await spawnWorkers({
          config: { store: { driver: 'redis', redis: { url: redis.url } }, workers },
        });
        const code = codeOf(await ask(target, honest())) ?? '';
        await redis[harm]();
        const waiting = redeem(target, code).catch(() => undefined);
        await until(async () => (await get(admin, '/readyz')).status === 503);

        child.process.kill('SIGTERM');

        expect(await child.exit).toBe(0);
        expect(await waiting).toMatchObject({ error: 'temporarily_unavailable' });
      });
    }
  }
});
