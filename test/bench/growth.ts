// What a code exchange costs where there is more of something: clients, live authorizations, workers.
// Each is compared with a server that has less of it alone, by turns.

import { ask } from './ask.ts';
import { amount, ROUNDS, SECONDS } from './options.ts';
import { measure } from './rates.ts';
import { createPurse, type Row } from './rows.ts';
import {
  type AsteroidTerms,
  fillBrowsers,
  type Server,
  startOurs,
  startSharedRedis,
} from './servers.ts';
import { count, judge, type Line, median, percent, renderTable } from './tables.ts';
import { GROWTH_TARGET } from './targets.ts';

const CLIENTS = 1_000;
const LIVE = amount(200_000, 500);
const WORKERS = 2;
/** Requests of each row. */
const WARM_UP = amount(10_000, 50);
const COMPARED: readonly Row[] = ['authorize', 'code exchange'];
const TURNS = ROUNDS * 2 - 1;

type Terms = Omit<AsteroidTerms, 'name'>;

type Growth = {
  readonly what: string;
  readonly less: Terms;
  readonly more: Terms;
  /** Authorizations that the one with more has beside those of the warm-up. */
  readonly live?: number;
};

const GROWTHS: readonly Growth[] = [
  { what: `1 and ${count(CLIENTS)} clients`, less: { clients: 1 }, more: { clients: CLIENTS } },
  { what: `${count(LIVE)} live authorizations more`, less: {}, more: {}, live: LIVE },
  { what: `1 and ${WORKERS} workers`, less: { workers: 1 }, more: { workers: WORKERS } },
];

/** Each with a Redis of its own. */
async function startOne(name: string, terms: Terms): Promise<Server> {
  const redis = await startSharedRedis();
  const server = await startOurs({ ...terms, name, redisUrl: redis.url });
  await fillBrowsers(server);
  await warmUp(server, terms);
  return server;
}

/** Until each of its workers has compiled what is measured. */
async function warmUp({ target }: Server, { workers = 1 }: Terms): Promise<void> {
  const purse = createPurse();
  for (const row of COMPARED) await ask(target, row, { most: WARM_UP * workers, purse });
}

async function measureGrowth({ what, live = 0, ...growth }: Growth): Promise<readonly Line[]> {
  const smaller = await startOne(`${what}: less`, growth.less);
  const larger = await startOne(`${what}: more`, growth.more);
  const costs = new Map<Row, (readonly [number, number])[]>(COMPARED.map((row) => [row, []]));
  if (live > 0) await ask(larger.target, 'authorize, first visit', { most: live });
  for (let n = 0; n < TURNS; n += 1) {
    const [less, more] = [createPurse(), createPurse()];
    for (const [row, turns] of costs) {
      const { cpu } = await measure(smaller, row, less, SECONDS / 2);
      turns.push([cpu, (await measure(larger, row, more, SECONDS / 2)).cpu]);
    }
  }
  await smaller.stop();
  await larger.stop();
  return [...costs].map(([row, turns]) => toLine(what, row, turns));
}

function toLine(what: string, row: Row, turns: readonly (readonly [number, number])[]): Line {
  const of = (n: 0 | 1) => median(turns.map((turn) => turn[n]));
  const ratio = median(turns.map(([less, more]) => more / less));
  return [
    ...[what, row, count(of(0)), count(of(1))],
    ...[percent(ratio), judge(ratio, GROWTH_TARGET, percent)],
  ];
}

/** The table, and how it was measured. */
export async function measureGrowths(): Promise<{
  readonly terms: string;
  readonly tables: string;
}> {
  const lines: Line[] = [];
  for (const growth of GROWTHS) lines.push(...(await measureGrowth(growth)));
  const head = ['over Redis, with', 'µs of CPU per', 'less', 'more', 'of it', 'target'];
  return { terms: `${TURNS} rounds of ${SECONDS / 2} s`, tables: renderTable(head, lines) };
}
