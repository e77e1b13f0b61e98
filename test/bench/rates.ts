// How fast, and what a request costs: every row is asked of every server in turn, in rounds, so that
// what else the machine does meets all of them alike.

import { check, generate, type Measured } from './load.ts';
import { IS_TRIAL, ONLY_ROWS, ROUNDS, SECONDS } from './options.ts';
import { type Figures, renderRates } from './rate-tables.ts';
import { asking, createPurse, hasRow, NEEDS, type Purse, ROWS, type Row } from './rows.ts';
import {
  fillBrowsers,
  type Server,
  type SharedRedis,
  startServers,
  startSharedRedis,
} from './servers.ts';

type Results = Map<string, Map<Row, Figures[]>>;

const WANTED = ROWS.filter((row) => ONLY_ROWS?.includes(row) ?? true);
const ASKED = ROWS.filter((row) =>
  WANTED.some((wanted) => wanted === row || NEEDS[wanted]?.includes(row)),
);

/** One row against one server; what it earns goes into the purse of the next row. */
export async function measure(
  server: Server,
  row: Row,
  purse: Purse,
  seconds: number,
): Promise<Measured & { readonly cpu: number }> {
  const { target } = server;
  const busy = server.cpuSeconds();
  const measured = await generate({ port: target.port, seconds, ...asking[row](target, purse) });
  const used = server.cpuSeconds() - busy;
  check(`${target.name}, ${row}`, measured);
  return { ...measured, cpu: (used / measured.answered) * 1e6 };
}

type Rig = { readonly servers: readonly Server[]; readonly redis: SharedRedis };

async function round({ servers, redis }: Rig, seconds: number, results: Results): Promise<void> {
  const purses = new Map(servers.map((server) => [server, createPurse()]));
  for (const row of ASKED) {
    for (const [server, purse] of purses) {
      if (!hasRow(server.target, row)) continue;
      const rows = results.get(server.target.name) ?? new Map<Row, Figures[]>();
      results.set(server.target.name, rows);
      const busy = redis.cpuSeconds();
      const measured = await measure(server, row, purse, seconds);
      const redisShare = (redis.cpuSeconds() - busy) / measured.seconds;
      const figures = { ...measured, rate: measured.answered / measured.seconds, redisShare };
      rows.set(row, [...(rows.get(row) ?? []), figures]);
    }
  }
}

/** The tables, and how they were measured. */
export async function measureRates(): Promise<{ readonly terms: string; readonly tables: string }> {
  const redis = await startSharedRedis();
  const servers = await startServers(redis.url);
  for (const server of servers) await fillBrowsers(server);
  const rig = { servers, redis };
  if (!IS_TRIAL) await round(rig, SECONDS, new Map()); // warms every server up
  const results: Results = new Map();
  for (let n = 0; n < ROUNDS; n += 1) await round(rig, SECONDS, results);
  const tables = renderRates(WANTED, (name, row) => results.get(name)?.get(row) ?? []);
  return { terms: `${ROUNDS} rounds of ${SECONDS} s`, tables };
}
