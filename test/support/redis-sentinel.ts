import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from './free-port.ts';
import { type ClientOptions, tell, toRecord } from './redis-client.ts';
import { type RedisServer, spawnRedis, startRedis } from './redis-server.ts';
import { type RedisTls, toArguments } from './redis-tls.ts';
import { untilTrue } from './until.ts';

export type RedisSentinel = {
  /** The name that the sentinels know the primary by. */
  readonly name: string;
  /** Addresses of the sentinels, HOST:PORT. */
  readonly nodes: readonly string[];
  readonly sentinels: readonly RedisServer[];
  /** All that keep data and were not killed, whatever they are at the moment. */
  servers(): readonly RedisServer[];
  /** Whom the first sentinel that answers takes for the primary. */
  primary(): Promise<RedisServer>;
  /** The servers that are not. */
  replicas(): Promise<readonly RedisServer[]>;
  /** Resolves when another server than before is the primary and every sentinel says so. */
  failover(): Promise<void>;
  /** The same, without being asked to: for who killed or froze the primary `from`. */
  untilFailedOver(from: RedisServer): Promise<void>;
  /** Starts an empty server where one was killed, as a replica of the primary. */
  restart(killed: RedisServer): Promise<RedisServer>;
  /** One command to one of the servers. */
  tell(server: RedisServer, ...command: readonly (string | number)[]): Promise<unknown>;
  stop(): Promise<void>;
};

export type SentinelOptions = {
  /** Of the servers that keep data. */
  readonly password?: string;
  readonly sentinelPassword?: string;
  /** More of redis.conf for the servers that keep data, as arguments. */
  readonly args?: readonly string[];
  readonly replicas?: number;
  /** Everybody talks with TLS; `tell` goes on without. */
  readonly tls?: RedisTls;
};

const NAME = 'asteroid';
const SENTINELS = 3;
const QUORUM = 2;

/** A primary, its replicas (one) and three sentinels, which agree with each other when this resolves. */
export async function startSentinel({
  password,
  sentinelPassword,
  args = [],
  replicas = 1,
  tls,
}: SentinelOptions = {}): Promise<RedisSentinel> {
  const auth = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const common = ['--repl-diskless-sync-delay', '0', ...auth, ...args];
  const data: ClientOptions = password === undefined ? {} : { password };
  const watch: ClientOptions = sentinelPassword === undefined ? {} : { password: sentinelPassword };
  const toSentinel = (port: number, ...command: readonly (string | number)[]) =>
    tell(port, watch, 'SENTINEL', ...command);
  const tlsPorts = new Map<RedisServer, number>();
  const portOf = (server: RedisServer) => tlsPorts.get(server) ?? server.port;
  const start = async (more: readonly string[], port?: number) => {
    const tlsPort = tls && (await findFreePort());
    const secured = tls && tlsPort ? [...tls.directives(tlsPort), REPLICATION] : [];
    const server = await startRedis([...common, ...toArguments(secured), ...more], port);
    if (tlsPort !== undefined) tlsPorts.set(server, tlsPort);
    return server;
  };
  const startReplica = (of: RedisServer, port?: number) =>
    start(['--replicaof', `127.0.0.1 ${portOf(of)}`], port);

  const first = await start([]);
  const servers = new Set<RedisServer>([first]);
  for (let index = 0; index < replicas; index += 1) servers.add(await startReplica(first));
  for (const { port } of [...servers].slice(1)) await untilReplicates(port, data);
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, () =>
      startOneSentinel(portOf(first), { password, sentinelPassword, tls }),
    ),
  );
  for (const { port } of sentinels) {
    await toSentinel(port, 'DEBUG', 'PUBLISH-PERIOD', 100, 'INFO-PERIOD', 200);
  }
  /** Everybody sees everybody, and each replica is good enough to be promoted. */
  async function untilSettled(primary: RedisServer): Promise<void> {
    await untilTrue('the primary counts its replicas', async () => {
      return (await tell(primary.port, data, 'WAIT', replicas, 100)) === replicas;
    });
    for (const { port } of sentinels) {
      await untilTrue('the sentinels know each other and the replicas', async () => {
        const seen = toRecord(await toSentinel(port, 'MASTER', NAME));
        const known = toList(await toSentinel(port, 'REPLICAS', NAME)).map(toRecord);
        return (
          seen['num-other-sentinels'] === String(SENTINELS - 1) &&
          seen['flags'] === 'master' &&
          known.length === replicas &&
          known.every((one) => one['flags'] === 'slave' && one['master-link-status'] === 'ok')
        );
      });
    }
  }
  await untilSettled(first);
  // At this pace they would take a promoted replica for one that is lost, and make it a replica again.
  for (const { port } of sentinels) {
    await toSentinel(port, 'DEBUG', 'PUBLISH-PERIOD', 2000, 'INFO-PERIOD', 1000);
  }

  async function primaryPortOf(sentinel: number): Promise<number> {
    const answer = await toSentinel(sentinel, 'GET-MASTER-ADDR-BY-NAME', NAME);
    return Number(Array.isArray(answer) ? answer[1] : 0);
  }
  async function primary(): Promise<RedisServer> {
    const port = await Promise.any(sentinels.map((sentinel) => primaryPortOf(sentinel.port)));
    const server = [...servers].find((one) => portOf(one) === port);
    if (server === undefined) throw new Error('the sentinels name a primary that was killed');
    return server;
  }
  async function untilFailedOver(from: RedisServer): Promise<void> {
    for (const { port } of sentinels) {
      await untilTrue('another server is the primary', async () => {
        const named = await primaryPortOf(port);
        const now = [...servers].find((one) => portOf(one) === named);
        if (now === undefined || now === from) return false;
        const [role] = toList(await tell(now.port, data, 'ROLE'));
        return role === 'master';
      });
    }
  }
  return {
    name: NAME,
    nodes: sentinels.map(({ announced }) => `127.0.0.1:${announced}`),
    sentinels,
    servers: () => [...servers],
    primary,
    untilFailedOver,
    async replicas() {
      const current = await primary();
      return [...servers].filter((one) => one !== current);
    },
    async failover() {
      const before = await primary();
      const { port } = sentinels[0] ?? first;
      // A sentinel that finds no replica good enough at the moment gives up without a word.
      await untilTrue('a failover was begun and carried out', async () => {
        if ((await primaryPortOf(port)) !== portOf(before)) return true;
        await toSentinel(port, 'FAILOVER', NAME);
        return false;
      });
      await untilFailedOver(before);
    },
    async restart(killed) {
      servers.delete(killed);
      const current = await primary();
      const server = await startReplica(current, killed.port);
      servers.add(server);
      await untilReplicates(server.port, data);
      await untilSettled(current);
      return server;
    },
    tell: ({ port }, ...command) => tell(port, data, ...command),
    async stop() {
      await Promise.all([...sentinels, ...servers].map((one) => one.kill()));
    },
  };
}

const REPLICATION = ['tls-replication', 'yes'] as const;

type Passwords = {
  readonly tls: RedisTls | undefined;
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
};

async function startOneSentinel(
  primary: number,
  { password, sentinelPassword, tls }: Passwords,
): Promise<RedisServer & { readonly announced: number }> {
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const secured = tls === undefined ? [] : [...tls.directives(tlsPort), REPLICATION];
  const server = await spawnRedis(port, async (folder) => {
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      ...secured.map((directive) => directive.join(' ')),
      ...(sentinelPassword === undefined
        ? []
        : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
      `sentinel monitor ${NAME} 127.0.0.1 ${primary} ${QUORUM}`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${NAME} ${password}`]),
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 3000`,
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    return [file, '--sentinel'];
  });
  return { ...server, announced: tls === undefined ? port : tlsPort };
}

const untilReplicates = (port: number, options: ClientOptions): Promise<void> =>
  untilTrue('the replica has everything', async () =>
    /^master_link_status:up/m.test(String(await tell(port, options, 'INFO', 'replication'))),
  );

const toList = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);
