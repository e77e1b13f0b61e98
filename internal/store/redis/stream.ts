// The audit records of an issuer in Redis: one stream under one key, which is trimmed as it grows. One
// script for a whole batch, so that a cluster needs one slot and a failure leaves nothing half done.

import type { EventStream, StreamEntry } from '../stream.ts';
import type { RedisStoreOptions } from './connection/options.ts';
import { openConnections } from './connections.ts';
import { createKeyNames } from './keys.ts';
import { type Reply, run } from './run.ts';
import { NOT_LATE, script } from './scripts.ts';

const FOREIGN: Reply = ['foreign'];

/** ARGV: notAfter, how many are kept, texts. Trimmed by whole nodes, which costs next to nothing. */
const APPEND = script(
  NOT_LATE,
  `
for i = 3, #ARGV do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'record', ARGV[i])
end
return {'appended'}`,
);

/** ARGV: notAfter, the greatest id that may be answered, how many. */
const READ_BACK = script(`
local found = {'found'}
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], ARGV[2], '-', 'COUNT', ARGV[3])) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][2]
end
return found`);

/**
 * Over a connection of its own: a backlog of records must not stand before a sign-in. Opens also while
 * Redis is away.
 *
 * @param maxLength about so many entries are kept.
 */
export async function openRedisStream(
  options: RedisStoreOptions,
  maxLength: number,
): Promise<EventStream> {
  const { connection, redis, ask, reading } = await openConnections(options, async () => {});
  const { audit: key } = createKeyNames(options.issuer);
  return {
    async append(texts) {
      const [word] = await ask.once('append audit records', (notAfter) =>
        run(redis, APPEND, [key], [notAfter, maxLength, ...texts], FOREIGN),
      );
      if (word !== 'appended')
        throw new Error('something else is under the key of the audit trail');
    },
    async readBack(before, count) {
      const greatest = before === undefined ? '+' : `(${before}`;
      const [word, ...found] = await reading.ask.untilAnswered('read audit records', (notAfter) =>
        run(reading.redis, READ_BACK, [key], [notAfter, greatest, count], FOREIGN),
      );
      return word === 'found' ? toEntries(found) : [];
    },
    close: () => connection.close(),
  };
}

function toEntries(flat: readonly string[]): readonly StreamEntry[] {
  const entries: StreamEntry[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    entries.push({ id: flat[at] ?? '', text: flat[at + 1] ?? '' });
  }
  return entries;
}
