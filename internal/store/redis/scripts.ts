// The verbs as Lua. Each script touches the keys of one slot, compares before it spends, and makes
// its first write one that fails as a whole when memory is short: what follows a first write is
// carried out even then, and would be kept even if the script failed (Redis has no rollback).

import { hash } from 'node:crypto';

export type Script = { readonly lua: string; readonly sha: string };

/** The parts of a script as one, with the hash that Redis knows it by. */
export const script = (...parts: readonly string[]): Script => {
  const lua = parts.join('\n');
  return { lua, sha: hash('sha1', lua, 'hex') };
};

// A request that Redis reads only after we gave it up must do nothing: a socket's bytes outlive the
// patience of its sender. ARGV[1] is the last moment, in Redis' own milliseconds.
export const NOT_LATE = `
local t = redis.call('TIME')
local ms = t[1] * 1000 + math.floor(t[2] / 1000)
if ms > tonumber(ARGV[1]) then return {'late', string.format('%.0f', ms)} end`;

/** What every script that spends something begins with. */
export const READ = `
local now = tonumber(ARGV[2])
local v = redis.call('GET', KEYS[1])
if not v then return {'unknown'} end
local function int(n) return string.format('%.0f', n) end`;

// The layout of a record is described in record.ts. Version 1 only: what another version wrote is
// unknown here, and is left alone.
export const RECORD = `
local state, attempt, used, family, bound, current, previous, refreshEnd, graceEnd, life, fixed,
  code, codeEnd, ttl, latest, grant, client, redirect, challenge, key, json = string.match(v,
  '^1([gre])\\n([^\\n ]*)( ?[^\\n]*)\\n([^\\n ]*)( ?[^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n(%d*)\\n(%d*)\\n(%d+)\\n()' ..
  '([^\\n]*)\\n(%d+)\\n(%d*)\\n(%d*)\\n()([^\\n]*)\\n([^\\n]*)\\n([^\\n ]*) ?([^\\n]*)\\n()')
if not state then return {'unknown'} end
local function outlive(...)
  life = math.max(tonumber(life), ...)
  return int(life)
end
local function keep(head)
  redis.call('SET', KEYS[1], head .. string.sub(v, fixed),
    'PX', int(math.max(1, life - now + LINGER) * 1000))
end
-- Deleting comes first: it needs no memory, and so a replay ends the authorization even when
-- memory is used up. What stays is enough to know the next replay.
local function finish()
  if state ~= 'e' then
    redis.call('DEL', KEYS[2])
    redis.call('SET', KEYS[1], '1e\\n\\n' .. family .. bound .. '\\n\\n\\n\\n\\n' .. life .. '\\n' ..
      string.sub(v, fixed, json - 1), 'PX', int(math.max(LINGER, codeEnd - now) * 1000))
  end
  return {'replayed'}
end`;

/** Seconds a record stays after its life, so that "expired" can be told from "unknown". */
export const LINGER = 60;

export const LINGERING = `local LINGER = ${LINGER}`;

/** The end of a redemption, when everything was compared. ARGV from 6 on: attempt, expiresAt, family, hash. */
export const SPEND = `
if state == 'r' and attempt == ARGV[6] then return {'fresh', refreshEnd, string.sub(v, grant)} end
if state ~= 'g' then return finish() end
if now >= tonumber(codeEnd) then return {'expired'} end
local head = '1r\\n' .. ARGV[6] .. ' ' .. int(now) .. '\\n'
if ttl ~= '' and ARGV[8] ~= '' then
  refreshEnd = int(math.min(now + ttl, tonumber(latest)))
  head = head .. ARGV[8] .. '\\n' .. ARGV[9] .. '\\n\\n' .. refreshEnd .. '\\n\\n' ..
    outlive(tonumber(ARGV[7]), tonumber(refreshEnd)) .. '\\n'
else
  head = head .. '\\n\\n\\n\\n\\n' .. outlive(tonumber(ARGV[7])) .. '\\n'
end
keep(head)
return {'fresh', refreshEnd, string.sub(v, grant)}`;

/**
 * ARGV: notAfter, now, code hash, client, key, attempt, expiresAt, family with its binding, hash, `=`
 * redirect URI or nothing, challenge.
 */
export const REDEEM = script(
  LINGERING,
  NOT_LATE,
  READ,
  RECORD,
  `
if code ~= ARGV[3] then return {'unknown'} end
if client ~= ARGV[4] then return {'mismatch', 'client'} end
local sent = string.sub(redirect, 1, 1) == '+'
if ARGV[10] == '' then
  if sent then return {'mismatch', 'redirect_uri'} end
elseif ARGV[10] ~= '=' .. string.sub(redirect, 2) then
  return {'mismatch', 'redirect_uri'}
end
if challenge ~= ARGV[11] then return {'mismatch', 'code_verifier'} end
if key ~= '' and key ~= ARGV[5] then return {'mismatch', 'jkt'} end`,
  SPEND,
);

/** ARGV: notAfter, now, family, hash, client, attempt, expiresAt, next hash or nothing, seal, grace, proved. */
export const ROTATE = script(
  LINGERING,
  NOT_LATE,
  READ,
  RECORD,
  `
if family == '' or family ~= ARGV[3] then return {'unknown'} end
if client ~= ARGV[5] then return {'mismatch', 'client'} end
-- Before anything is ended: a thief of an old token, who lacks the key, must not sign its owner out.
if bound ~= '' and bound ~= ' ' .. ARGV[11] then return {'mismatch', 'binding'} end
if state ~= 'r' then return finish() end
local function head()
  return '1r\\n' .. attempt .. used .. '\\n' .. family .. bound .. '\\n' .. current .. '\\n' .. previous .. '\\n' ..
    refreshEnd .. '\\n' .. graceEnd .. '\\n' .. outlive(tonumber(ARGV[7]), tonumber(refreshEnd)) .. '\\n'
end
local over = now >= tonumber(refreshEnd)
if ARGV[4] == current then
  if over then return {'expired'} end
  local grace = tonumber(ARGV[10])
  attempt = ARGV[6]
  used = ' ' .. int(now)
  refreshEnd = int(math.min(now + ttl, tonumber(latest)))
  if ARGV[8] ~= '' then
    previous = current
    current = ARGV[8]
    graceEnd = int(now + grace)
  end
  keep(head())
  if ARGV[8] ~= '' and grace > 0 then
    redis.call('SET', KEYS[2], ARGV[9], 'PX', int(grace * 1000))
  else
    redis.call('DEL', KEYS[2])
  end
  return {'fresh', refreshEnd, string.sub(v, grant), latest}
end
if ARGV[4] == previous then
  if attempt == ARGV[6] then return {'fresh', refreshEnd, string.sub(v, grant)} end
  local seal = redis.call('GET', KEYS[2])
  if seal and not over and now <= tonumber(graceEnd) then
    if tonumber(ARGV[7]) > tonumber(life) then keep(head()) end
    return {'grace', refreshEnd, string.sub(v, grant), seal}
  end
end
return finish()`,
);

/** Nothing by itself: its answer is held back until replicas have what was written before it. ARGV: notAfter. */
export const SETTLED = script(NOT_LATE, `return {'settled'}`);

/** Stands where a record was being made when everything of its End-User's ended: see scripts-granted.ts. */
export const BARRED = '1z';

/** ARGV: notAfter, record, milliseconds. */
export const PLACE = script(
  NOT_LATE,
  `
if redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then return {'placed'} end
if redis.call('GET', KEYS[1]) == '${BARRED}' then return {'ended'} end
return {'refused'}`,
);

/** ARGV: notAfter, milliseconds, what is noted there. */
export const MARK = script(
  NOT_LATE,
  `
if redis.call('SET', KEYS[1], ARGV[3], 'NX', 'PX', ARGV[2]) then return {'marked'} end
return {'taken'}`,
);

/** ARGV: notAfter, milliseconds, owner. The same owner may come twice, in any order. */
export const MARK_FOR = script(
  NOT_LATE,
  `
if redis.call('SET', KEYS[1], ARGV[3], 'NX', 'PX', ARGV[2]) or
  redis.call('GET', KEYS[1]) == ARGV[3] then return {'marked'} end
return {'taken'}`,
);

const PENDING = `
local v = redis.call('GET', KEYS[1])
if not v then return {'refused'} end
if string.find(v, '^1[gre]\\n') then return {'refused', 'granted'} end
local hash, expires = string.match(v, '^1p\\n([^\\n]*)\\n(%d+)\\n')
if hash ~= ARGV[3] or tonumber(ARGV[2]) >= tonumber(expires) then return {'refused'} end`;

/** ARGV: notAfter, now, pending hash, record, milliseconds. Answers with what it replaced. */
export const APPROVE = script(
  NOT_LATE,
  PENDING,
  `
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
return {'placed', v}`,
);

/** ARGV: notAfter, now, pending hash. */
export const DISCARD = script(
  NOT_LATE,
  PENDING,
  `
redis.call('DEL', KEYS[1])
return {'placed'}`,
);

/** ARGV: notAfter, id, milliseconds until it expires, budget. */
export const COUNT_PENDING = script(
  NOT_LATE,
  `
if redis.call('ZCOUNT', KEYS[1], '(' .. ms, '+inf') >= tonumber(ARGV[4]) then return {'full'} end
redis.call('ZADD', KEYS[1], ms + ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return {'marked'}`,
);

/** ARGV: notAfter, milliseconds from the first on. */
export const COUNT = script(
  NOT_LATE,
  `
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {'counted', sum}`,
);
