// Questions about what is on record, of an issuer of several processes that each remember their own.

import { afterAll, describe, expect, it } from 'vitest';
import { READER, TOKENS } from '../support/admin-api.ts';
import { openRaw } from '../support/raw-http.ts';
import { scrape } from '../support/scrape.ts';
import { ask, honest, unproven, user } from './threats.fixture.ts';
import { spawnWorkers, stopRedis, until, type Workers } from './workers.fixture.ts';

/** Each test starts several processes, and the machine may be busy. */
const PATIENT = { timeout: 90_000, retry: 1 };

afterAll(stopRedis);

type Found = { readonly worker: number; readonly event: { readonly request_id: string } };
type Page = { readonly records: readonly Found[]; readonly next?: string };

const refusedTo = ({ child }: Workers) =>
  child.logged().filter(({ msg }) => msg === 'admin.refused');

/** A connection to the Admin API, and which worker is at its other end: one that is refused says so in the log. */
async function openAdmin(workers: Workers) {
  const connection = await openRaw(workers.admin);
  const get = async (target: string, token: string): Promise<string> => {
    const lines = [`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1'];
    connection.write(`${lines.join('\r\n')}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    return (await connection.next()).body;
  };
  const before = refusedTo(workers).length;
  await get('/admin/v1/audit', 'nobody');
  await until(() => refusedTo(workers).length > before);
  return {
    worker: Number(refusedTo(workers).at(-1)?.['worker']),
    query: async (query: string): Promise<Page> =>
      JSON.parse(await get(`/admin/v1/audit?type=identity.refused${query}`, READER)),
    close: connection.destroy,
  };
}

/** Until both workers have refused some; the ids of the requests. */
async function spoofBoth({ public: target, child }: Workers): Promise<readonly string[]> {
  const ids: string[] = [];
  const refusing = () =>
    new Set(
      child.logged().flatMap(({ msg, worker }) => (msg === 'identity.refused' ? [worker] : [])),
    );
  while (ids.length < 12 || refusing().size < 2) {
    const { headers } = await ask(target, unproven(user('mallory')));
    ids.push(headers['x-request-id'] ?? '');
  }
  await ask(target, honest());
  return ids;
}

describe('the audit trail of an issuer of two workers', PATIENT, () => {
  it('is one list, with every spoof once, whoever is asked and page by page, as many as the metrics say', async () => {
    const workers = await spawnWorkers({ config: { admin: { tokens: TOKENS } } });
    const spoofs = await spoofBoth(workers);
    const answers = new Map<number, readonly Found[]>();
    while (answers.size < 2) {
      const { worker, query, close } = await openAdmin(workers);
      const whole = await query('&limit=100');
      expect(whole.next).toBeUndefined();
      const paged: Found[] = [];
      let page = await query('&limit=5');
      for (; page.next !== undefined; page = await query(`&limit=5&after=${page.next}`)) {
        paged.push(...page.records);
      }
      expect([...paged, ...page.records]).toEqual(whole.records);
      answers.set(worker, whole.records);
      close();
    }

    for (const records of answers.values()) {
      expect(records.map(({ event }) => event.request_id).sort()).toEqual([...spoofs].sort());
      expect(new Set(records.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
    }
    const { value } = await scrape(workers.admin);
    const type = 'identity.refused';
    expect(value('asteroid_audit_events_total', { type })).toBe(spoofs.length);
    expect(value('asteroid_refusals_total', { type })).toBe(spoofs.length);
  });

  it('is what those that are there remember, while one of them is dead and when its place is taken', async () => {
    const workers = await spawnWorkers({ config: { admin: { tokens: TOKENS } } });
    const spoofs = await spoofBoth(workers);
    const { worker, query, close } = await openAdmin(workers);
    const other = worker === 1 ? 2 : 1;
    const before = await query('&limit=100');
    expect(before.records).toHaveLength(spoofs.length);
    const pid = workers.pids().get(other) ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(() => !new Set(workers.pids().values()).has(pid));
    const own = before.records.filter((record) => record.worker === worker);

    expect((await query('&limit=100')).records).toEqual(own);
    await until(() => workers.pids().size === 2);
    expect((await query('&limit=100')).records).toEqual(own);
    close();
  });
});
