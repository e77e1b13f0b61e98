import { afterEach, describe, expect, it } from 'vitest';
import { createStreamSink, queryStream } from '../../internal/audit/sinks/stream.ts';
import { openRedisStream } from '../../internal/store/redis/stream.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { createAccount, recordOf, recordsOf } from '../unit/audit.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const OPTIONS = { issuer: 'https://issuer.example', maxPending: 1, deadlineMs: 800 };

async function open(url: string, maxLength = 10_000, different: object = {}) {
  const stream = await openRedisStream({ ...OPTIONS, url, ...different }, maxLength);
  const account = createAccount(500);
  const sink = createStreamSink(stream, account.terms);
  cleanups.push(() => sink.close());
  return { stream, sink, ...account };
}

async function start() {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  return redis;
}

describe('an audit trail in Redis', () => {
  it('is read back page by page, newest first, with all that a record has', async () => {
    const { stream, sink } = await open((await start()).url);
    const records = recordsOf(25);
    for (const record of records) sink.write(record);
    await sink.flush(5000);

    const first = await queryStream(stream, { limit: 10 });
    const second = await queryStream(stream, { limit: 10, before: first.next ?? '' });
    const third = await queryStream(stream, { limit: 10, before: second.next ?? '' });

    const all = [...first.records, ...second.records, ...third.records];
    expect(all).toEqual([...records].reverse());
    expect(third.next).toBeUndefined();
  });

  it('is asked by request, by time, and for what is older than a record', async () => {
    const { stream, sink } = await open((await start()).url);
    const records = recordsOf(5);
    for (const record of records) sink.write(record);
    await sink.flush(5000);
    const [, second] = records;
    if (second === undefined) throw new Error('there is a second one');
    const ask = async (filter: object) =>
      (await queryStream(stream, { limit: 10, ...filter })).records.length;

    expect(await ask({ requestId: 'r3' })).toBe(1);
    expect(await ask({ requestId: 'r3', subject: 'bob' })).toBe(0);
    expect(await ask({ type: 'consent.given', clientId: 'app' })).toBe(5);
    expect(await ask({ until: second.at - 60_000 })).toBe(0);
    expect(await ask({ before: second.id })).toBe(1);
    expect(await ask({ before: 'FLUSHALL' })).toBe(0);
  });

  it('forgets its oldest', async () => {
    const { stream, sink } = await open((await start()).url, 10);
    for (const record of recordsOf(500)) sink.write(record);
    await sink.flush(5000);

    const { records } = await queryStream(stream, { limit: 1000 });
    // Trimmed by whole nodes of a hundred.
    expect(records.length).toBeLessThan(220);
    expect(records[0]?.event).toMatchObject({ requestId: 'r499' });
  });

  it('in a cluster is under one key', async () => {
    const cluster = await startCluster({});
    cleanups.push(() => cluster.stop());
    const { nodes } = cluster;
    const { stream, sink } = await open('redis://', 10_000, { cluster: { nodes } });
    for (const record of recordsOf(300)) sink.write(record);
    await sink.flush(5000);

    expect((await queryStream(stream, { limit: 1000 })).records).toHaveLength(300);
  });

  it('takes what came while Redis was gone, loses what was too much, and says so at the end', async () => {
    const redis = await start();
    const { stream, sink, events, lost, types } = await open(redis.url);
    redis.pause();
    for (const record of recordsOf(600)) sink.write(record);
    await until(() => types().includes('audit_sink.failed'));
    redis.resume();
    await until(() => types().includes('audit_sink.recovered'));
    sink.write(recordOf('after'));
    await sink.flush(5000);

    expect(lost.count).toBe(100);
    expect(events.at(-1)).toMatchObject({ type: 'audit_sink.recovered', lost: 100 });
    const { records } = await queryStream(stream, { limit: 1000 });
    expect(new Set(records.map(({ id }) => id)).size).toBe(501);
    expect(records[0]?.event).toMatchObject({ requestId: 'after' });
  });
});
