// How a store talks to Redis: over one connection; and where replicas are waited for over a second one, for
// what only reads. WAIT keeps everything behind it waiting, and a replica that hangs must not keep
// tokens from being looked up.

import { acknowledge } from './acknowledgement.ts';
import { type Ask, createAsk } from './ask.ts';
import { type Connection, openConnection } from './connection.ts';
import type { RedisStoreOptions } from './options.ts';
import type { Access } from './run.ts';

type Connections = Pick<Access, 'redis' | 'ask' | 'reading'> & {
  readonly connection: Pick<Connection, 'learnTime' | 'close'>;
};

const DEADLINE_MS = 1000;

/** What of a deadline replicas may take: the rest is for the way there and back. */
const PATIENCE = 0.5;

/** @param look at each connection that writes, before anybody else may use it. */
export async function openConnections(
  options: RedisStoreOptions,
  look: Parameters<typeof openConnection>[2],
): Promise<Connections> {
  const { deadlineMs = DEADLINE_MS, durability, acknowledgedBy: replicas = 1, onLoss } = options;
  const connection = await openConnection(options, deadlineMs, look);
  const { redis } = connection;
  const ask = createAsk(connection, deadlineMs);
  if (durability !== 'acknowledged') return { redis, ask, reading: { redis, ask }, connection };

  acknowledge(redis, connection.isUp, {
    replicas,
    patienceMs: Math.ceil(deadlineMs * PATIENCE),
    onLag: (isLagging) => onLoss?.({ kind: isLagging ? 'lagging' : 'caught_up' }),
  });
  // Its outages are those of the other, and are told there.
  const { onUp: _up, onDown: _down, onWarning: _warning, ...silent } = options;
  const reader = await openConnection(silent, deadlineMs, async () => {});
  const reading: { readonly redis: typeof redis; readonly ask: Ask } = {
    redis: reader.redis,
    ask: createAsk(reader, deadlineMs),
  };
  const renew = () => {
    connection.renew();
    reader.renew();
  };
  return {
    redis,
    ask: createAsk({ ...connection, renew }, deadlineMs),
    reading,
    connection: {
      learnTime: connection.learnTime,
      async close() {
        await Promise.all([connection.close(), reader.close()]);
      },
    },
  };
}
