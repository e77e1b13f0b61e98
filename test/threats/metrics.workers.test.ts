import { afterAll, describe, expect, it } from 'vitest';
import { scrape } from '../support/scrape.ts';
import { until } from '../support/until.ts';
import { ask, honest } from './threats.fixture.ts';
import { spawnWorkers, stopRedis, type Workers } from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 120_000 };

afterAll(stopRedis);

const granted = async ({ admin }: Workers): Promise<number | undefined> =>
  (await scrape(admin)).value('asteroid_audit_events_total', { type: 'authorization.granted' });

/** Which workers have answered requests. */
const servers = ({ child }: Workers): ReadonlySet<unknown> =>
  new Set(child.logged().flatMap(({ msg, worker }) => (msg === 'request' ? [worker] : [])));

describe('numbers of an issuer of two workers', PATIENT, () => {
  it('are sums, whoever is asked, and never fall when a worker dies', async () => {
    const workers = await spawnWorkers();
    let asked = 0;
    while (servers(workers).size < 2 || asked < 12) {
      await ask(workers.public, honest());
      asked += 1;
    }

    const sums = await Promise.all(Array.from({ length: 6 }, () => granted(workers)));
    const { value } = await scrape(workers.admin);
    expect(sums).toEqual(sums.map(() => asked));
    expect(value('asteroid_processes')).toBe(2);
    expect(value('asteroid_clients')).toBe(1);
    expect(value('asteroid_store_operation_duration_seconds_count', { verb: 'create' })).toBe(
      asked,
    );

    const [pid = 0] = workers.pids().values();
    process.kill(pid, 'SIGKILL');
    await until(() => !new Set(workers.pids().values()).has(pid));
    expect(await granted(workers)).toBe(asked);

    await until(() => workers.pids().size === 2);
    await ask(workers.public, honest());
    expect(await granted(workers)).toBe(asked + 1);
    expect((await scrape(workers.admin)).value('asteroid_processes')).toBe(2);
  });
});
