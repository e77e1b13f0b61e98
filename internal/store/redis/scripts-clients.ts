// Registered clients as Lua; see clients.ts for the lines of a record.

import { NOT_LATE, script } from './scripts.ts';

const KEEP = `
local function keep(record, life, ...)
  if life == '' then return redis.call('SET', KEYS[1], record, ...) end
  return redis.call('SET', KEYS[1], record, 'PX', life, ...)
end`;

/** ARGV: notAfter, record, milliseconds or nothing. */
export const PLACE_CLIENT = script(
  NOT_LATE,
  KEEP,
  `
if keep(ARGV[2], ARGV[3], 'NX') then return {'placed'} end
return {'refused'}`,
);

/** ARGV: notAfter, id, milliseconds or nothing, budget. */
export const COUNT_CLIENT = script(
  NOT_LATE,
  `
if redis.call('ZCOUNT', KEYS[1], '(' .. ms, '+inf') >= tonumber(ARGV[4]) then return {'full'} end
redis.call('ZADD', KEYS[1], ARGV[3] == '' and '+inf' or ms + ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
return {'marked'}`,
);

/** ARGV: notAfter, version it has to have, version it gets, record, milliseconds or nothing. */
export const REPLACE_CLIENT = script(
  NOT_LATE,
  KEEP,
  `
local v = redis.call('GET', KEYS[1])
local version = v and string.match(v, '^1\\n([^\\n]*)\\n')
if not version then return {'unknown'} end
if version ~= ARGV[3] then
  if version ~= ARGV[2] then return {'changed'} end
  keep(ARGV[4], ARGV[5])
end
return {'replaced', string.format('%.0f', ms)}`,
);

/** ARGV: notAfter, version it has to have. */
export const REMOVE_CLIENT_AT = script(
  NOT_LATE,
  `
local v = redis.call('GET', KEYS[1])
local version = v and string.match(v, '^1\\n([^\\n]*)\\n')
if not version then return {'unknown'} end
if version ~= ARGV[2] then return {'changed'} end
redis.call('DEL', KEYS[1])
return {'removed'}`,
);

/**
 * ARGV: notAfter, how many, the id that was last, and its score then. One that is gone, or has another life by
 * now, has no place any more: whoever has the same score is listed again, so that none is passed over.
 */
export const LIST_CLIENTS = script(
  NOT_LATE,
  `
local start = 0
if ARGV[3] ~= '' then
  local rank = redis.call('ZRANK', KEYS[1], ARGV[3])
  if rank and redis.call('ZSCORE', KEYS[1], ARGV[3]) == ARGV[4] then start = rank + 1
  else start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[4]) end
end
return {'listed', unpack(redis.call('ZRANGE', KEYS[1], start, start + ARGV[2] - 1, 'WITHSCORES'))}`,
);
