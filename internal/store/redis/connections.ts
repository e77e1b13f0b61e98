// How a store talks to Redis: over one connection; and where replicas are waited for over a second one, for
// what only reads. WAIT keeps everything behind it waiting, and a replica that hangs must not keep
// tokens from being looked up.

import { acknowledge } from './connection/acknowledgement.ts';
import { createAsk } from './connection/ask.ts';
import { createCommands } from './connection/commands.ts';
import { type Connection, openConnection } from './connection/connection.ts';
import type { RedisStoreOptions } from './connection/options.ts';
import { createRefusals } from './connection/refusals.ts';
import type { Continuity } from './continuity.ts';
import type { Access } from './run.ts';

type Connections = Pick<Access, 'redis' | 'ask' | 'reading' | 'deadlineMs' | 'keepers'> & {
  readonly connection: Pick<Connection, 'probe' | 'close'>;
};

const DEADLINE_MS = 1000;

/** What of a deadline replicas may take: the rest is for the way there and back. */
const PATIENCE = 0.5;

/** @param beforeUp of each connection, also one that only reads: a replica must not answer for its primary. */
export async function openConnections(
  options: RedisStoreOptions,
  beforeUp: Continuity['meet'],
): Promise<Connections> {
  const { deadlineMs = DEADLINE_MS, durability = 'fast' } = options;
  const onCreated = durability === 'fast' ? undefined : holdBack(options, deadlineMs);
  const connection = await openConnection({ ...options, onCreated, beforeUp }, deadlineMs);
  const redis = createCommands(connection);
  const refused = createRefusals(options.onRefused);
  if (durability === 'fast') {
    const ask = createAsk(connection, deadlineMs, refused);
    const { keepers } = connection;
    return { redis, ask, reading: { redis, ask }, keepers, deadlineMs, connection };
  }
  // Its outages are those of the other, and are told there.
  const { onUp: _up, onDown: _down, onWarning: _warning, ...silent } = options;
  const reader = await openConnection({ ...silent, beforeUp }, deadlineMs);
  const renew = () => {
    connection.renew();
    reader.renew();
  };
  return {
    redis,
    deadlineMs,
    ask: createAsk({ ...connection, renew }, deadlineMs, refused),
    reading: {
      redis: createCommands(reader),
      ask: createAsk({ ...reader, renew }, deadlineMs, refused),
    },
    keepers: reader.keepers,
    connection: {
      async probe(name) {
        await Promise.all([connection.probe(name), reader.probe(name)]);
      },
      async close() {
        await Promise.all([connection.close(), reader.close()]);
      },
    },
  };
}

const holdBack =
  ({ acknowledgedBy = 1, onLoss }: RedisStoreOptions, deadlineMs: number) =>
  (node: Parameters<typeof acknowledge>[0]): void =>
    acknowledge(node, {
      replicas: acknowledgedBy,
      patienceMs: Math.ceil(deadlineMs * PATIENCE),
      onLag: (isLagging) => onLoss?.({ kind: isLagging ? 'lagging' : 'caught_up' }),
    });
