// What Redis knows of its own past, as Lua; see continuity.ts.

import { NOT_LATE, script } from './scripts.ts';

// Kept are the version of this layout, a name that whoever made it drew, when, whether it took the place of
// another, the replication id it has been seen under last, and when a replica was last promoted.
/**
 * ARGV: notAfter, a name for a memory that begins here, the one that is known or nothing. Answers the name; for
 * how long it has been kept, in milliseconds; `1` where it took another's place; for how long a replica that
 * was promoted has been the primary, or nothing; `1` where that could not be written down, because nothing can be
 * at this moment: reading goes on, and nothing is spent before somebody has. Or `replica`.
 */
export const LOOK = script(
  NOT_LATE,
  `
local info = redis.pcall('INFO', 'replication')
if type(info) ~= 'string' then info = '' end
if string.find(info, 'role:slave', 1, true) then return {'replica'} end
local function int(n) return string.format('%.0f', n) end
local replication = string.match(info, 'master_replid:(%x+)') or ''
local promoted = tonumber(string.match(info, 'second_repl_offset:(%-?%d+)') or -1) >= 0
local v = redis.call('GET', KEYS[1])
local name, began, lost, last, failover = string.match(v or '', '^1\\n([^\\n]+)\\n(%d+)\\n([01])\\n(%x*)\\n(%d*)$')
if not name then
  name = ARGV[2]
  began = int(ms)
  lost = ARGV[3] == '' and '0' or '1'
  last = ''
  failover = ''
elseif ARGV[3] ~= '' and ARGV[3] ~= name then
  lost = '1'
end
if replication ~= '' and replication ~= last then
  if promoted then failover = int(ms) end
  last = replication
end
local kept = table.concat({'1', name, began, lost, last, failover}, '\\n')
local unsaved = ''
if kept ~= v then
  local done = redis.pcall('SET', KEYS[1], kept)
  if done.err then
    local passes = string.find(done.err, 'NOREPLICAS') or string.find(done.err, 'OOM') or string.find(done.err, 'MISCONF')
    if not v or not passes then return done end
    unsaved = '1'
  end
end
return {name, int(ms - began), lost, failover == '' and '' or int(ms - failover), unsaved}`,
);
