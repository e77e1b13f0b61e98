// The keys of the issuer in Redis: one text, which no script reads. Its hash is its version, and decides
// who may replace it; a lease beside it saves work and decides nothing.

import { hash } from 'node:crypto';
import type { KeyShelf } from '../shelf.ts';
import type { RedisStoreOptions } from './connection/options.ts';
import { openConnections } from './connections.ts';
import { createKeyNames } from './keys.ts';
import { type Access, type Reply, run, toMilliseconds } from './run.ts';
import { MARK, NOT_LATE, script } from './scripts.ts';

const FOREIGN: Reply = ['foreign'];
const TAKEN: Reply = ['taken'];

// A replica answers, and may never hear of another key again: it is refused as one that is written to.
/** ARGV: notAfter, version that is known. It is asked every second, so what is known does not travel again. */
const READ_SHELF = script(`
local info = redis.pcall('INFO', 'replication')
if type(info) == 'string' and string.find(info, 'role:slave', 1, true) then
  return redis.error_reply('READONLY it is a replica')
end
local v = redis.call('GET', KEYS[1])
if not v then return {'empty'} end
local version = redis.sha1hex(v)
if version == ARGV[2] then return {'same'} end
return {'found', version, v}`);

/** ARGV: notAfter, version it has to have or nothing, version it gets, text. */
const REPLACE_SHELF = script(
  NOT_LATE,
  `
local v = redis.call('GET', KEYS[1])
local version = v and redis.sha1hex(v) or ''
if version == ARGV[3] then return {'replaced'} end
if version ~= ARGV[2] then return {'changed'} end
redis.call('SET', KEYS[1], ARGV[4])
return {'replaced'}`,
);

/** ARGV: notAfter, holder. */
const RELEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
return {'released'}`);

/**
 * Over a connection of its own: keys are read before there is a store, and by a command that needs
 * none. Opens also while Redis is away.
 */
export async function openRedisShelf(options: RedisStoreOptions): Promise<KeyShelf> {
  const { connection, ...asking } = await openConnections(options, async () => {});
  const shelf = createShelfVerbs({ ...asking, names: createKeyNames(options.issuer) });
  return { ...shelf, close: connection.close };
}

const createShelfVerbs = ({
  redis,
  ask,
  reading,
  names,
}: Pick<Access, 'redis' | 'ask' | 'reading' | 'names'>): Omit<KeyShelf, 'close'> => ({
  async read(known = '') {
    const [word, version = '', text = ''] = await reading.ask.untilAnswered(
      'read keys',
      (notAfter) => run(reading.redis, READ_SHELF, [names.keys], [notAfter, known], FOREIGN),
    );
    if (word === 'found') return { version, text };
    if (word === 'empty') return undefined;
    return word === 'same' ? 'same' : 'foreign';
  },
  async replace(expected = '', text) {
    const version = hash('sha1', text, 'hex');
    const [word] = await ask.untilAnswered('replace keys', (notAfter) =>
      run(redis, REPLACE_SHELF, [names.keys], [notAfter, expected, version, text], FOREIGN),
    );
    return word === 'replaced' ? version : undefined;
  },
  async lease(holder, seconds) {
    const [outcome] = await ask.once('lease keys', (notAfter) =>
      run(redis, MARK, [names.keysLease], [notAfter, toMilliseconds(seconds), holder], TAKEN),
    );
    return outcome === 'marked';
  },
  async release(holder) {
    await ask.once('release keys', (notAfter) =>
      run(redis, RELEASE, [names.keysLease], [notAfter, holder], FOREIGN),
    );
  },
});
