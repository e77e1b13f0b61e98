import { findFreePort } from './free-port.ts';
import { type ClientOptions, tell } from './redis-client.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { untilTrue } from './until.ts';

/** A slot on its way from one primary to another: until it is settled, both know it. */
type SlotMove = {
  /** Moves so many keys of the slot (all of them), and says how many. */
  carry(limit?: number): Promise<number>;
  /** Moves the rest, and tells every node who has the slot. */
  settle(): Promise<void>;
};

export type RedisCluster = {
  /** Addresses, HOST:PORT, of every node that was started. */
  readonly nodes: readonly string[];
  readonly primaries: readonly RedisServer[];
  /** In the order of the primaries they replicated at first; empty without them. */
  readonly replicas: readonly RedisServer[];
  /** The primary that has the slot at the moment. */
  ownerOf(slot: number): Promise<RedisServer>;
  beginMove(slot: number, from: RedisServer, to: RedisServer): Promise<SlotMove>;
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
  /** Resolves when every node that lives takes the cluster for whole. */
  untilWhole(): Promise<void>;
  /** Resolves when another node has the slots of the one that was killed or frozen. */
  untilFailedOver(from: RedisServer): Promise<void>;
  /** One command to one of the nodes. */
  tell(server: RedisServer, ...command: readonly (string | number)[]): Promise<unknown>;
  stop(): Promise<void>;
};

export type ClusterOptions = {
  readonly password?: string;
  /** Whether each primary has a replica that takes over. */
  readonly withReplicas?: boolean;
  /** More of redis.conf, as arguments. */
  readonly args?: readonly string[];
  /** More for the node of this port: one that another port is announced of, or one with TLS. */
  readonly argsOf?: (port: number) => Promise<readonly string[]>;
};

const SLOTS = 16_384;
const PRIMARIES = 3;
const SHARE = Math.ceil(SLOTS / PRIMARIES);

/** Three primaries that share the slots, and a replica of each where asked for. */
export async function startCluster({
  password,
  withReplicas = false,
  args = [],
  argsOf = async () => [],
}: ClusterOptions = {}): Promise<RedisCluster> {
  const auth = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
  const options: ClientOptions = password === undefined ? {} : { password };
  const ask: Tell = ({ port }, ...command) => tell(port, options, ...command);
  const { primaries, replicas, idOf } = await formCluster(ask, {
    auth,
    withReplicas,
    args,
    argsOf,
  });
  const all = [...primaries, ...replicas];
  const living = () => all.filter(isAlive);
  const untilWhole = () => untilAllAgree(ask, all);

  async function ownerOf(slot: number, except?: RedisServer): Promise<RedisServer> {
    for (const server of living()) {
      if (server === except) continue;
      const ranges = await ask(server, 'CLUSTER', 'SLOTS').catch(() => []);
      const range = (Array.isArray(ranges) ? ranges : []).find(
        ([first, last]) => first <= slot && slot <= last,
      );
      const owner = all.find((one) => idOf(one) === range?.[2]?.[2]);
      if (owner !== undefined) return owner;
    }
    throw new Error('nobody has this slot');
  }

  async function beginMove(slot: number, from: RedisServer, to: RedisServer): Promise<SlotMove> {
    await ask(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', idOf(from));
    await ask(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', idOf(to));
    const where = ['127.0.0.1', to.port, '', 0, 5000];
    const credentials = password === undefined ? [] : ['AUTH', password];
    async function carry(limit = Number.POSITIVE_INFINITY): Promise<number> {
      let carried = 0;
      for (;;) {
        const count = Math.min(100, limit - carried);
        const keys = count <= 0 ? [] : await ask(from, 'CLUSTER', 'GETKEYSINSLOT', slot, count);
        if (!Array.isArray(keys) || keys.length === 0) return carried;
        await ask(from, 'MIGRATE', ...where, ...credentials, 'KEYS', ...keys.map(String));
        carried += keys.length;
      }
    }
    return {
      carry,
      async settle() {
        await carry();
        const others = living().filter((one) => primaries.includes(one));
        for (const server of [to, from, ...others]) {
          await ask(server, 'CLUSTER', 'SETSLOT', slot, 'NODE', idOf(to)).catch(() => {});
        }
      },
    };
  }

  return {
    nodes: all.map(({ port }) => `127.0.0.1:${port}`),
    primaries,
    replicas,
    ownerOf,
    beginMove,
    async moveSlot(slot, from, to) {
      await (await beginMove(slot, from, to)).settle();
    },
    untilWhole,
    untilFailedOver: (from) =>
      untilTrue('another node has its slots', async () => {
        const others = living().filter((one) => one !== from);
        const views = await Promise.all(
          others.map(async (server) => String(await ask(server, 'CLUSTER', 'INFO'))),
        );
        const index = primaries.indexOf(from);
        const owner = await ownerOf(index * SHARE, from);
        return owner !== from && views.every((view) => /^cluster_state:ok/m.test(view));
      }),
    tell: ask,
    async stop() {
      await Promise.all(all.map((one) => one.kill()));
    },
  };
}

type Tell = RedisCluster['tell'];

type Forming = {
  readonly auth: readonly string[];
  readonly withReplicas: boolean;
  readonly args: readonly string[];
  readonly argsOf: (port: number) => Promise<readonly string[]>;
};

async function formCluster(ask: Tell, { auth, withReplicas, args, argsOf }: Forming) {
  const busPorts = new Map<RedisServer, number>();
  const startSome = async (count: number) => {
    const some: RedisServer[] = [];
    for (let index = 0; index < count; index += 1) {
      const [port, busPort] = [await findFreePort(), await findFreePort()];
      const own = await argsOf(port);
      const server = await startRedis(
        [
          ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
          ...['--cluster-node-timeout', '1000', '--cluster-allow-replica-migration', 'no'],
          ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
          ...[...auth, ...args, ...own],
        ],
        port,
      );
      busPorts.set(server, busPort);
      some.push(server);
    }
    return some;
  };
  const primaries = await startSome(PRIMARIES);
  const replicas = await startSome(withReplicas ? PRIMARIES : 0);
  const all = [...primaries, ...replicas];
  const ids = new Map<RedisServer, string>();
  for (const server of all) ids.set(server, String(await ask(server, 'CLUSTER', 'MYID')));
  const idOf = (server: RedisServer) => ids.get(server) ?? '';

  for (const [index, server] of primaries.entries()) {
    const last = Math.min((index + 1) * SHARE, SLOTS) - 1;
    await ask(server, 'CLUSTER', 'ADDSLOTSRANGE', index * SHARE, last);
    await ask(server, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  for (const server of primaries) {
    for (const other of all) {
      if (server === other) continue;
      await ask(server, 'CLUSTER', 'MEET', '127.0.0.1', other.port, busPorts.get(other) ?? 0);
    }
  }
  await untilAllAgree(ask, all);
  await joinReplicas(ask, primaries, replicas, idOf);
  return { primaries, replicas, idOf };
}

async function joinReplicas(
  ask: Tell,
  primaries: readonly RedisServer[],
  replicas: readonly RedisServer[],
  idOf: (server: RedisServer) => string,
): Promise<void> {
  for (const [index, replica] of replicas.entries()) {
    const primary = primaries[index];
    if (primary === undefined) continue;
    await untilTrue('the replica has a primary', async () => {
      await ask(replica, 'CLUSTER', 'REPLICATE', idOf(primary));
      return true;
    });
    await untilTrue('the replica has everything', async () =>
      /^master_link_status:up/m.test(String(await ask(replica, 'INFO', 'replication'))),
    );
  }
  for (const server of [...primaries, ...replicas]) {
    await untilTrue('every node knows who replicates', async () => {
      const nodes = String(await ask(server, 'CLUSTER', 'NODES'))
        .trim()
        .split('\n');
      return nodes.filter((line) => / (?:myself,)?slave /.test(line)).length === replicas.length;
    });
  }
}

const isAlive = ({ process }: RedisServer): boolean =>
  process.exitCode === null && process.signalCode === null;

async function untilAllAgree(ask: Tell, all: readonly RedisServer[]): Promise<void> {
  for (const server of all.filter(isAlive)) {
    await untilTrue('the cluster is whole', async () => {
      const info = String(await ask(server, 'CLUSTER', 'INFO'));
      return /^cluster_state:ok/m.test(info) && info.includes(`cluster_known_nodes:${all.length}`);
    });
  }
}
