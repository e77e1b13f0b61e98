import type { Redis } from 'ioredis';
import { createClient } from './redis-client.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { untilTrue } from './until.ts';

export type ReplicatedRedis = {
  /** Where whoever is the primary answers. */
  readonly url: string;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Nothing of the primary reaches the replica any more, and nobody is told (a black hole). */
  partition(): void;
  heal(): void;
  /** New connections to the address are to that one, as behind a name that changes; others stay. */
  lead(to: 'primary' | 'replica'): void;
  /** Ends every connection to the address. */
  cut(): void;
  /** The replica has everything that the primary has. */
  caughtUp(): Promise<void>;
  /** The primary dies, and the replica takes its place: at the address of the primary, as behind a name. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
};

/** A primary and its replica, and one address that always leads to the primary. */
export async function startReplicatedRedis(args: readonly string[] = []): Promise<ReplicatedRedis> {
  const primary = await startRedis(['--repl-diskless-sync-delay', '0', ...args]);
  const line = await startTcpProxy(primary.port);
  const front = await startTcpProxy(primary.port);
  const replica = await startRedis([...args, '--replicaof', `127.0.0.1 ${line.port}`]);
  const [ofPrimary, ofReplica] = [createClient(primary.port), createClient(replica.port)];
  const offset = async (redis: Redis) =>
    /master_repl_offset:(\d+)/.exec(await redis.info('replication'))?.[1];
  const isLinked = async () =>
    (await ofReplica.info('replication')).includes('master_link_status:up') &&
    (await offset(ofPrimary)) === (await offset(ofReplica));
  const caughtUp = () => untilTrue('the replica has everything', isLinked);
  await caughtUp();
  // One that has just come is sent nothing more before it has said, a second later, that it is there.
  await untilTrue('the replica acknowledges', async () => {
    await ofPrimary.publish('any', '');
    return (await ofPrimary.wait(1, 1000)) === 1;
  });
  return {
    url: `redis://127.0.0.1:${front.port}`,
    primary,
    replica,
    partition: () => line.hold(),
    heal: () => line.release(),
    lead: (to) => front.aim((to === 'primary' ? primary : replica).port),
    cut: () => front.cutAll(),
    caughtUp,
    async failOver() {
      await primary.kill();
      line.cutAll();
      await ofReplica.replicaof('NO', 'ONE');
      front.aim(replica.port);
    },
    async stop() {
      for (const redis of [ofPrimary, ofReplica]) redis.disconnect();
      await Promise.all([front.stop(), line.stop()]);
      await Promise.all([primary.kill(), replica.kill()]);
    },
  };
}
