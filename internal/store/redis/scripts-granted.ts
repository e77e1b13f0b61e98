// What is found by End-User, as Lua: the index of all that they granted, those of their sessions and the marks
// of sessions that have ended are in one slot, so that one script enters what is granted into all of them.

import { BARRED, NOT_LATE, script } from './scripts.ts';

// The first write is the one that needs memory; what is taken out afterwards needs none.
const HOLD = `
local function hold(key, member)
  redis.call('ZADD', key, ms + ARGV[2], member)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ms)
  if redis.call('PTTL', key) < tonumber(ARGV[2]) then redis.call('PEXPIRE', key, ARGV[2]) end
end`;

/**
 * Keys: index of the End-User, index of the session, its end mark; or the first alone. ARGV: notAfter,
 * milliseconds until it may go, member of the first, member of the second, bound of the second.
 */
export const ENTER = script(
  NOT_LATE,
  HOLD,
  `
if KEYS[2] then
  if redis.call('EXISTS', KEYS[3]) == 1 then return {'ended'} end
  hold(KEYS[2], ARGV[4])
  local over = redis.call('ZCARD', KEYS[2]) - ARGV[5]
  if over > 0 then
    for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, over)) do
      if member ~= ARGV[4] and over > 0 then
        redis.call('ZREM', KEYS[2], member)
        over = over - 1
      end
    end
  end
end
hold(KEYS[1], ARGV[3])
return {'marked'}`,
);

// Memory that is used up must not keep anybody signed in: then it ends without its mark. What else keeps the
// mark from being made (a replica, a primary without its replicas) keeps what it is about, too.
const MARK_END = `
local function mark(...)
  local kept = redis.pcall('SET', ...)
  return kept.err and not string.find(kept.err, 'OOM', 1, true) and kept or nil, kept.err == nil
end`;

/** Keys: index, end mark. ARGV: notAfter, milliseconds. Answers the members. */
export const END_SESSION = script(
  NOT_LATE,
  MARK_END,
  `
local failed = mark(KEYS[2], 1, 'PX', ARGV[2])
if failed then return failed end
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ms, '+inf')`,
);

/** How the JSON of a grant begins, and so the last line of a record. */
export const ownedBy = (subject: string): string => `{"s":${JSON.stringify(subject)},`;

/** Lines of a record between its state and the JSON of its grant. */
const BETWEEN = 14;

/**
 * Ends an authorization if its grant begins with what is said. Of an id that an index has, the record may
 * not be there yet: in a cluster its primary may hear of it later. Then it never will be, and the grant that
 * is under way fails. Keys: record, seal. ARGV: notAfter, how the JSON of the grant begins or nothing, the
 * milliseconds of that bar, or nothing where no index has the id. Answers `ended` and the record; `gone`
 * when nothing is there and never will be; else `kept`.
 */
export const END = script(
  NOT_LATE,
  MARK_END,
  `
local v = redis.call('GET', KEYS[1])
local isListed = ARGV[3] ~= ''
if not v then
  if not isListed then return {'gone'} end
  local failed, isMarked = mark(KEYS[1], '${BARRED}', 'PX', ARGV[3])
  if failed then return failed end
  return {isMarked and 'gone' or 'kept'}
end
local state = string.match(v, '^1([gredpxz])')
if state == 'e' or state == 'x' or state == 'z' then return {'gone'} end
if ARGV[2] == '' then return {'kept'} end
if state == 'p' or state == 'd' then
  if not isListed then return {'gone'} end
  redis.call('DEL', KEYS[1])
  return {'gone'}
end
local json = string.match(v, '^1[gr]\\n${'[^\\n]*\\n'.repeat(BETWEEN)}()')
if not json or string.sub(v, json, json + #ARGV[2] - 1) ~= ARGV[2] then return {'kept'} end
redis.call('DEL', KEYS[1], KEYS[2])
return {'ended', v}`,
);
