// What is left of budgets, for all processes: a text under one key, which says how much was used when.
// Waits for no replica: what is lost with a failover is that somebody has asked.

import type { BudgetVerbs } from '../budgets.ts';
import { type Access, type Reply, run } from './run.ts';
import { NOT_LATE, script } from './scripts.ts';

/**
 * As `decideTake` of memory/budget.ts, in milliseconds by Redis' own clock. A key lives until its budget
 * is whole. ARGV: notAfter, limit, milliseconds of the window.
 */
const TAKE = script(
  NOT_LATE,
  `
local limit, each = tonumber(ARGV[2]), tonumber(ARGV[3]) / tonumber(ARGV[2])
local before, at = string.match(redis.call('GET', KEYS[1]) or '', '^([%d.]+) (%d+)$')
local used = 0
if before then
  used = math.min(limit, math.max(0, tonumber(before) - math.max(0, ms - tonumber(at)) / each))
end
local function int(n) return string.format('%.0f', n) end
local function wait(units) return int(math.max(1, math.ceil(units * each / 1000 - 0.00001))) end
if used + 1 > limit + 0.00001 then return {'refused', '0', wait(used + 1 - limit)} end
local remaining = math.max(0, math.floor(limit - used - 1 + 0.00001))
redis.call('SET', KEYS[1], string.format('%.7f %.0f', used + 1, ms),
  'PX', int(math.max(1, math.ceil((used + 1) * each))))
return {'taken', int(remaining), wait(used + 2 + remaining - limit)}`,
);

const FOREIGN: Reply = ['foreign'];

export const createBudgetVerbs = ({
  reading: { redis, ask },
  names,
}: Pick<Access, 'reading' | 'names'>): BudgetVerbs => ({
  async take(rule, key, { limit, window }) {
    const [word, remaining, wait] = await ask.once('take', (notAfter) =>
      run(redis, TAKE, [names.budget(rule, key)], [notAfter, limit, window * 1000], FOREIGN),
    );
    // Nobody knows how much is left: whoever guesses must not get one for free.
    if (word === 'foreign') throw new Error('the key of a budget holds something else');
    return { allowed: word === 'taken', remaining: Number(remaining), wait: Number(wait) };
  },
});
