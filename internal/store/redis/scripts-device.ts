// The device flow as Lua. A device that waits is a record of its own kind under the key of the
// authorization it will come to be; see device-record.ts for its lines.

import { LINGERING, NOT_LATE, READ, RECORD, SPEND, script } from './scripts.ts';

/** What RFC 8628 §3.5 adds to the interval of a client that polls too soon. */
const SLOWER_BY = 5;

/**
 * ARGV: as REDEEM to its ninth, the code hash with the mark of a device code; whether nothing may be spent,
 * or nothing.
 */
export const REDEEM_DEVICE = script(
  LINGERING,
  NOT_LATE,
  READ,
  `
local asked, hash, ends, interval, polledAt, polled, said, rest, owner = string.match(v,
  '^1([dx])\\n([^\\n]*)\\n(%d+)\\n(%d+)\\n(%d*)\\n([^\\n]*)\\n([^\\n]*)\\n()([^\\n]*)\\n')
if asked then
  if hash ~= ARGV[3] then return {'unknown'} end
  if owner ~= ARGV[4] then return {'mismatch', 'client'} end
  if asked == 'd' and polled == ARGV[6] then return {said, interval} end
  if now >= tonumber(ends) then return {'expired'} end
  if asked == 'x' then return {'denied'} end
  said = 'pending'
  if polledAt ~= '' and now - polledAt < tonumber(interval) then
    said = 'slow_down'
    interval = int(interval + ${SLOWER_BY})
  end
  redis.call('SET', KEYS[1], '1d\\n' .. hash .. '\\n' .. ends .. '\\n' .. interval .. '\\n' .. int(now) ..
    '\\n' .. ARGV[6] .. '\\n' .. said .. '\\n' .. string.sub(v, rest), 'PX', int((ends - now + LINGER) * 1000))
  return {said, interval}
end`,
  RECORD,
  `
if code ~= ARGV[3] then return {'unknown'} end
if client ~= ARGV[4] then return {'mismatch', 'client'} end
if key ~= '' and key ~= ARGV[5] then return {'mismatch', 'jkt'} end
if ARGV[10] ~= '' and state == 'g' then return {'pending'} end`,
  SPEND,
);

/**
 * ARGV: notAfter, now, the lines of a grant or nothing. Answers `decided`, the client and the user code;
 * or `unknown`, and what has been granted instead.
 */
export const DECIDE = script(
  LINGERING,
  NOT_LATE,
  READ,
  `
local hash, ends, client, userCode = string.match(v,
  '^1d\\n([^\\n]*)\\n(%d+)\\n%d+\\n%d*\\n[^\\n]*\\n[^\\n]*\\n([^\\n]*)\\n([^\\n]*)\\n')
if not hash then return {'unknown', v} end
if now >= tonumber(ends) then return {'unknown'} end
local record
if ARGV[3] == '' then
  record = '1x\\n' .. hash .. '\\n' .. ends .. '\\n0\\n\\n\\n\\n' .. client .. '\\n'
else
  record = '1g\\n\\n\\n\\n\\n\\n\\n' .. ends .. '\\n' .. hash .. '\\n' .. ends .. '\\n' .. ARGV[3]
end
redis.call('SET', KEYS[1], record, 'PX', int((ends - now + LINGER) * 1000))
return {'decided', client, userCode}`,
);
