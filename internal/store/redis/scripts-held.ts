// What an operator looks for in all of Redis, as Lua. A cursor is a place in the tables of one server: who
// has another one answers something, and leaves out what it pleases. So each answer names its server.

import { NOT_LATE, script } from './scripts.ts';

// A replica may lag, and END would be refused by it.
const SERVER = `
local info = redis.pcall('INFO', 'replication')
if type(info) == 'string' and string.find(info, 'role:slave', 1, true) then
  return redis.error_reply('READONLY it is a replica')
end
info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
if ARGV[2] ~= '' and ARGV[2] ~= server then return {'moved'} end
local answer = {'found', server}`;

/** No keys. ARGV: notAfter, server or nothing, cursor, pattern, count. Answers server, cursor, keys. */
export const SCAN_ALL = script(
  NOT_LATE,
  SERVER,
  `
local found = redis.call('SCAN', ARGV[3], 'MATCH', ARGV[4], 'COUNT', ARGV[5])
answer[3] = found[1]
for n, key in ipairs(found[2]) do answer[n + 3] = key end
return answer`,
);

/** Keys: index of an End-User. ARGV: notAfter, server or nothing, cursor, count. Answers server, cursor, members. */
export const SCAN_INDEX = script(
  NOT_LATE,
  SERVER,
  `
local found = redis.call('ZSCAN', KEYS[1], ARGV[3], 'COUNT', ARGV[4])
answer[3] = found[1]
for n = 1, #found[2], 2 do answer[#answer + 1] = found[2][n] end
return answer`,
);

/** Ends what waits for somebody, and nothing that was granted. ARGV: notAfter. */
export const DROP = script(
  NOT_LATE,
  `
local v = redis.call('GET', KEYS[1])
if not v or not string.find(v, '^1[pd]\\n') then return {'kept'} end
redis.call('DEL', KEYS[1])
return {'dropped'}`,
);
