// An old primary may go on for seconds after another one took its place, and what it acknowledges is lost when
// it becomes a replica. So the sentinels are listened to: they say when they switch.

import { isIP } from 'node:net';
import { Redis } from 'ioredis';
import type { Node } from './node.ts';
import { type RedisStoreOptions, toSentinelClients } from './options.ts';

export type SentinelWatch = { close(): void };

const CHANNEL = '+switch-master';

/** How long a switch is news: a sentinel that has not heard of it may name the old primary again. */
const NEWS_MS = 10_000;

type Switch = { readonly host: string; readonly port: number; readonly at: number };

/** Leaves a primary that is none any more. A sentinel that does not let us listen is none to listen to. */
export function watchSentinels(options: RedisStoreOptions, node: Node): SentinelWatch {
  let last: Switch | undefined;

  function leaveUnlessThere(): void {
    if (last === undefined || performance.now() - last.at > NEWS_MS) return;
    const { remoteAddress = '', remotePort } = toSocket(node);
    if (remotePort === last.port && plain(remoteAddress) === last.host) return;
    node.restart();
    // A name cannot be compared with the address of a socket: once has to be enough.
    if (isIP(last.host) === 0) last = undefined;
  }
  node.redis.prependListener('ready', leaveUnlessThere);

  const clients = toSentinelClients(options).map((clientOptions) => {
    const client = new Redis(clientOptions);
    client.on('error', () => {});
    client.on('message', (_channel: string, message: string) => {
      const [name, , , host = '', port] = message.split(' ');
      if (name !== options.sentinel?.name) return;
      last = { host, port: Number(port), at: performance.now() };
      leaveUnlessThere();
    });
    client.subscribe(CHANNEL).catch(() => {});
    return client;
  });
  return {
    close() {
      for (const client of clients) client.disconnect();
    },
  };
}

type Socket = {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
};

const toSocket = ({ redis: { stream } }: Node): Socket => stream;

/** As sentinels write it: an IPv4 address that came in over IPv6 is one. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');
