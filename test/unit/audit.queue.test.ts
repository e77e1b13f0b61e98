import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAuditTrail } from '../../internal/audit/open.ts';
import type { SinkOptions } from '../../internal/audit/options.ts';
import { createQueue } from '../../internal/audit/queue.ts';
import { createRing } from '../../internal/audit/ring.ts';
import { PartlyTaken } from '../../internal/audit/sink.ts';
import type { AuditRecord } from '../../internal/audit/trail.ts';
import { createAccount, recordOf, recordsOf, until } from './audit.fixture.ts';

/** Hands over to a function that may fail, and remembers what it was given. */
function open(answer: (attempt: number) => unknown, maxWaiting = 1000, maxBatch = 100) {
  const account = createAccount(maxWaiting);
  const given: (readonly AuditRecord[])[] = [];
  const queue = createQueue(
    {
      async send(records) {
        given.push(records);
        const failure = answer(given.length);
        if (failure !== undefined) throw failure;
      },
      close: async () => undefined,
    },
    maxBatch,
    account.terms,
  );
  return { queue, given, ...account };
}

const failure = new Error('not there');

describe('what waits for a sink', () => {
  it('is the same batch again until it is taken, whatever comes meanwhile', async () => {
    const { queue, given } = open((attempt) => (attempt < 3 ? failure : undefined));
    queue.write(recordOf('r1'));
    await until(() => given.length === 1);
    queue.write(recordOf('r2'));
    await until(() => given.length === 4);

    expect(given.map((batch) => batch.length)).toEqual([1, 1, 1, 1]);
    expect(given[2]).toEqual(given[0]);
  });

  it('is without what was taken of it before the rest failed', async () => {
    const { queue, given } = open((attempt) =>
      attempt === 1 ? new PartlyTaken(2, failure) : undefined,
    );
    const records = recordsOf(5);
    for (const record of records) queue.write(record);
    await until(() => given.length === 2);

    expect(given[1]).toEqual(records.slice(2));
  });

  it('has to be few again before the sink is called well, each time with its own losses', async () => {
    let isThere = false;
    const { queue, events, lost } = open(() => (isThere ? undefined : failure), 4, 1);
    for (let round = 0; round < 2; round += 1) {
      isThere = false;
      for (const record of recordsOf(6)) queue.write(record);
      await until(() => events.at(-1)?.type === 'audit_sink.failed');
      isThere = true;
      queue.retry();
      await until(() => events.at(-1)?.type === 'audit_sink.recovered');
    }

    const told = events.filter(({ type }) => type === 'audit_sink.recovered');
    expect(told).toMatchObject([{ lost: 2 }, { lost: 2 }]);
    expect(lost.count).toBe(4);
  });

  it('is many until half of what may wait is gone, and the sink is not called well before', async () => {
    let isThere = false;
    const told: (string | undefined)[] = [];
    const { queue, types } = open(
      () => {
        if (isThere) told.push(types().at(-1));
        return isThere ? undefined : failure;
      },
      4,
      1,
    );
    for (const record of recordsOf(5)) queue.write(record);
    await until(() => types().includes('audit_sink.failed'));
    isThere = true;
    queue.retry();
    await until(() => told.length === 4);

    // What is handed over while three others wait, and so on.
    const bad = 'audit_sink.failed';
    const well = 'audit_sink.recovered';
    expect(told).toEqual([bad, bad, well, well]);
  });

  it('is handed over at once at the end, however long the next attempt would have been waited for', async () => {
    let isThere = false;
    const { queue, given, lost } = open(() => (isThere ? undefined : failure));
    queue.write(recordOf('r1'));
    // Further attempts wait half a minute each.
    for (let attempt = 1; attempt < 12; attempt += 1) {
      await until(() => given.length === attempt);
      queue.retry();
    }
    await until(() => given.length === 12);
    await new Promise((resolve) => setImmediate(resolve));
    isThere = true;
    await queue.flush(15_000);

    expect(given).toHaveLength(13);
    expect(lost.count).toBe(0);
  }, 30_000);

  it('is not waited for at the end as long as else', async () => {
    let attempts = 0;
    const { queue, types } = open((attempt) => {
      attempts = attempt;
      return attempt < 9 ? failure : undefined;
    });
    queue.write(recordOf('r1'));
    await until(() => attempts === 5);
    // The next attempt is seconds away by now.
    await queue.flush(60_000);

    expect(attempts).toBe(9);
    expect(types()).toEqual(['audit_sink.failed', 'audit_sink.recovered']);
  });
});

describe('what is remembered', () => {
  const records = recordsOf(12);
  const idsIn = (ring: ReturnType<typeof createRing>) =>
    ring.query({ limit: 100 }).records.map(({ id }) => id);
  const newest = (from: number, to: number) =>
    records
      .slice(from, to)
      .map(({ id }) => id)
      .reverse();

  for (const [before, after] of [
    [8, 3],
    [3, 8],
    [5, 5],
    [5, 0],
    [0, 5],
  ] as const) {
    it(`is the newest of it where ${after} instead of ${before} are kept`, () => {
      const ring = createRing(before);
      for (const record of records.slice(0, 10)) ring.add(record);
      ring.resize(after);
      expect(idsIn(ring)).toEqual(newest(10 - Math.min(before, after), 10));

      for (const record of records.slice(10)) ring.add(record);
      const kept = Math.min(after, Math.min(before, after) + 2);
      expect(idsIn(ring)).toEqual(newest(12 - kept, 12));
    });
  }
});

describe('a trail', () => {
  const stdout = (types?: readonly string[]): SinkOptions => ({
    ...{ type: 'stdout', types, maxWaiting: 0, madeOf: types },
  });
  const file = (path: string): SinkOptions => ({
    ...{ type: 'file', types: undefined, maxWaiting: 10, path, madeOf: path },
  });

  async function openTrail(sinks: readonly SinkOptions[]) {
    const account = createAccount();
    const lines: string[] = [];
    const write = (_: object, message: string) => lines.push(message);
    const trail = await openAuditTrail(sinks, {
      ...{ ...account.terms, now: Date.now, findOrigin: () => undefined, remembered: 10 },
      log: { info: write, warn: write },
    });
    return { trail, lines, ...account };
  }

  const event = (type: 'consent.given' | 'consent.denied') =>
    ({ type, clientId: 'app', subject: 'alice', requestId: 'r' }) as const;

  it('goes only to sinks that want the type, or the beginning of it', async () => {
    const { trail, lines } = await openTrail([
      stdout(['consent.given']),
      stdout(['consent.*']),
      stdout(['sent.*']),
    ]);
    trail.audit(event('consent.denied'));
    expect(lines).toEqual(['consent.denied']);
    trail.audit(event('consent.given'));
    expect(lines).toHaveLength(3);
  });

  it('gives up within the time also what waits for a sink of before, and counts it', async () => {
    const { trail, types, lost } = await openTrail([file('/dev/full')]);
    trail.audit(event('consent.given'));
    await until(() => types().includes('audit_sink.failed'));
    await trail.replace([stdout()], 600_000);
    await trail.flush(20);
    expect(lost.count).toBe(1);

    await trail.close();
  });

  it('leaves a sink alone that is the same after an exchange', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-audit-'));
    const name = path.join(folder, 'later', 'audit.log');
    const { trail, types, lost } = await openTrail([file(name)]);
    trail.audit(event('consent.given'));
    await until(() => types().includes('audit_sink.failed'));
    await trail.replace([file(name), stdout()], 0);
    await mkdir(path.dirname(name));
    await trail.flush(10_000);
    await trail.close();

    expect(await readFile(name, 'utf8')).toContain('consent.given');
    expect(lost.count).toBe(0);
    await rm(folder, { recursive: true });
  });

  /** A stream that takes everything. */
  const redis = (name: string, terms: { readonly open?: Error; readonly close?: Error } = {}) => {
    const closed: string[] = [];
    const options: SinkOptions = {
      ...{ type: 'redis', types: undefined, maxWaiting: 10, madeOf: name },
      async open() {
        if (terms.open !== undefined) throw terms.open;
        return {
          append: async () => undefined,
          readBack: async () => [],
          async close() {
            closed.push(name);
            if (terms.close !== undefined) throw terms.close;
          },
        };
      },
    };
    return { options, closed };
  };

  it('keeps the sinks of before where one of the others cannot be opened, and leaves none open', async () => {
    const { trail, lines } = await openTrail([stdout()]);
    const well = redis('well');
    const ill = redis('ill', { open: failure });

    await expect(trail.replace([stdout(), well.options, ill.options], 0)).rejects.toBe(failure);
    trail.audit(event('consent.given'));

    expect(well.closed).toEqual(['well']);
    expect(lines).toEqual(['consent.given']);
  });

  it('survives a sink that cannot be closed, and says so', async () => {
    const { trail, events } = await openTrail([redis('stuck', { close: failure }).options]);

    await trail.replace([stdout()], 0);
    await until(() => events.length > 0);
    await trail.close();

    expect(events).toMatchObject([{ type: 'audit_sink.failed', reason: 'not there' }]);
  });
});
