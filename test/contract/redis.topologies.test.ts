import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts';
import { type RedisSentinel, startSentinel } from '../support/redis-sentinel.ts';

/** The slot of `foo`, as `CLUSTER KEYSLOT` says. */
const SLOT_OF_FOO = 12_182;

describe('the sentinels that tests run against', () => {
  let sentinel: RedisSentinel;

  beforeAll(async () => {
    sentinel = await startSentinel({ password: 'of-data', sentinelPassword: 'of-sentinels' });
  });
  afterAll(() => sentinel.stop());

  it('make the replica the primary when asked to', async () => {
    const before = await sentinel.primary();
    await sentinel.tell(before, 'SET', 'foo', 'bar');
    const [replica = before] = await sentinel.replicas();
    await expect.poll(() => sentinel.tell(replica, 'GET', 'foo')).toBe('bar');

    await sentinel.failover();

    const after = await sentinel.primary();
    expect(after.port).not.toBe(before.port);
    expect(await sentinel.replicas()).toEqual([before]);
    expect(await sentinel.tell(after, 'GET', 'foo')).toBe('bar');
  });

  it('make it that when the primary is killed, and take it back in as a replica', async () => {
    const before = await sentinel.primary();

    await before.kill();
    await sentinel.untilFailedOver(before);
    const restarted = await sentinel.restart(before);

    // On a busy machine they may have changed their minds since: one leads, and the other follows.
    const servers = sentinel.servers();
    expect(servers).toContain(restarted);
    const roles = () => Promise.all(servers.map((server) => sentinel.tell(server, 'ROLE')));
    await expect
      .poll(async () => (await roles()).map((role) => [role].flat()[0]).sort(), { timeout: 30_000 })
      .toEqual(['master', 'slave']);
  });
});

describe('the cluster that tests run against', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await startCluster({ withReplicas: true, password: 'of-cluster' });
  });
  afterAll(() => cluster.stop());

  it('gives a slot with its keys to another primary', async () => {
    const from = await cluster.ownerOf(SLOT_OF_FOO);
    const to = cluster.primaries.find((one) => one !== from) ?? from;
    await cluster.tell(from, 'SET', 'foo', 'bar');

    const move = await cluster.beginMove(SLOT_OF_FOO, from, to);
    expect(await move.carry()).toBe(1);
    await expect(cluster.tell(from, 'GET', 'foo')).rejects.toThrow(/^ASK /);
    await move.settle();

    expect(await cluster.ownerOf(SLOT_OF_FOO)).toBe(to);
    expect(await cluster.tell(to, 'GET', 'foo')).toBe('bar');
    await expect(cluster.tell(from, 'GET', 'foo')).rejects.toThrow(/^MOVED /);
  });

  it('lets the replica of a primary that was killed take over', async () => {
    const [killed] = cluster.primaries;
    if (killed === undefined) throw new Error('no primary');

    await killed.kill();
    await cluster.untilFailedOver(killed);

    expect(await cluster.ownerOf(0)).toBe(cluster.replicas[0]);
  });
});
