import { describe, expect, it } from 'vitest';
import { CONFIG, createFolder, loadFolder, problemsOf, SECRET } from './loader.fixture.ts';

const withRedis = (redis: string) => `${CONFIG}store: { driver: redis, redis: ${redis} }\n`;

const problemsWith = async (redis: string, files: Readonly<Record<string, string>> = {}) =>
  problemsOf(await createFolder({ 'asteroid.yaml': withRedis(redis), ...files }));

describe('loading: Redis that is more than one server', () => {
  it('takes sentinels, with a password of their own', async () => {
    const folder = await createFolder({
      'asteroid.yaml': withRedis(
        '{ sentinel: { name: mymaster, nodes: ["s1:26379", "[::1]:26380"], username: watcher, password_file: pw, tls: false } }',
      ),
      pw: 'of the sentinels\n',
    });

    const { config, redis } = await loadFolder(folder);

    expect(config.store.redis.sentinel).toMatchObject({
      name: 'mymaster',
      nodes: ['s1:26379', '[::1]:26380'],
      username: 'watcher',
      tls: false,
    });
    expect(redis).toMatchObject({ url: 'redis://', sentinelPassword: 'of the sentinels' });
  });

  it('takes the nodes of a cluster, also from the environment', async () => {
    const folder = await createFolder({ 'asteroid.yaml': withRedis('{}') });

    const { config, redis } = await loadFolder(folder, {
      env: { ASTEROID_STORE_REDIS_CLUSTER_NODES: '[ "r1:6379", "r2:6379" ]' },
    });

    expect(config.store.redis.cluster).toEqual({ nodes: ['r1:6379', 'r2:6379'] });
    expect(redis).toMatchObject({ url: 'redis://' });
  });

  it('takes the scheme, user and database of a URL without a host', async () => {
    const folder = await createFolder({
      'asteroid.yaml': withRedis(
        '{ url: "rediss:///2", sentinel: { name: m, nodes: ["s1:26379"] } }',
      ),
    });

    expect((await loadFolder(folder)).redis).toMatchObject({ url: 'rediss:///2' });
  });

  const SENTINEL = 'sentinel: { name: m, nodes: ["s1:26379"] }';
  const CLUSTER = 'cluster: { nodes: ["r1:6379"] }';

  const CONTRADICTIONS: ReadonlyArray<readonly [string, string, string]> = [
    ['both', `{ ${SENTINEL}, ${CLUSTER} }`, 'sentinel: cannot be combined with cluster'],
    ['a host', `{ url: "redis://h", ${SENTINEL} }`, 'url: names a server, and so does sentinel'],
    [
      'the host of the default',
      `{ url: "redis://127.0.0.1:6379", ${CLUSTER} }`,
      'url: names a server, and so does cluster',
    ],
    ['a socket', `{ url: "unix:///s", ${CLUSTER} }`, 'url: names a server, and so does cluster'],
    ['a database', `{ url: "redis:///1", ${CLUSTER} }`, 'url: selects a database, and a cluster'],
    ['no host at all', '{ url: "redis:///2" }', 'url: names no server'],
    ['no port', '{ cluster: { nodes: [r1] } }', 'cluster.nodes[0]: has to be HOST:PORT'],
    [
      'a scheme',
      '{ cluster: { nodes: ["redis://h:1"] } }',
      'cluster.nodes[0]: has to be HOST:PORT',
    ],
    ['no port there is', '{ cluster: { nodes: ["h:0"] } }', 'cluster.nodes[0]: has to be'],
    ['bare IPv6', '{ cluster: { nodes: ["::1:6379"] } }', 'cluster.nodes[0]: has to be HOST:PORT'],
    ['no nodes', '{ sentinel: { name: m, nodes: [] } }', 'sentinel.nodes: '],
    ['no name', '{ sentinel: { nodes: ["s1:26379"] } }', 'sentinel.name: '],
  ];
  for (const [what, redis, problem] of CONTRADICTIONS) {
    it(`refuses ${what}`, async () => {
      const problems = await problemsWith(redis);

      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`store.redis.${problem}`);
    });
  }

  it('names the file of a URL that contradicts, and never what is in it', async () => {
    const problems = await problemsWith(`{ url_file: url, ${CLUSTER} }`, {
      url: `redis://:${SECRET}@h/3\n`,
    });

    expect(problems).toHaveLength(2);
    for (const problem of problems) {
      expect(problem).toContain('store.redis.url_file: ');
      expect(problem).not.toContain(SECRET);
    }
  });

  it('accepts database 0 of a cluster, and says nothing about what is no longer used', async () => {
    expect(await problemsWith(`{ url: "redis:///0", ${CLUSTER} }`)).toEqual([]);
    expect(await problemsWith(`{ ${SENTINEL} }`)).toEqual([]);
  });
});
