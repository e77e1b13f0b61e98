// What a code exchange costs where there is more of something: clients, live authorizations, workers.
// Each is compared with a server that has less of it alone, by turns.

import { check, generate } from './load.ts';
import { amount, ROUNDS, SECONDS } from './options.ts';
import { measure } from './rates.ts';
import { asking, atMost, createPurse, type Row } from './rows.ts';
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
const COMPARED: readonly Row[] = ['authorize', 'code exchange'];
const TURNS = ROUNDS * 2 - 1;

type Growth = {
  readonly what: string;
  readonly less: Omit<AsteroidTerms, 'name'>;
  readonly more: Omit<AsteroidTerms, 'name'>;
  /** Authorizations that the one with more begins with. */
  readonly live?: number;
};

const GROWTHS: readonly Growth[] = [
  { what: `1 and ${count(CLIENTS)} clients`, less: { clients: 1 }, more: { clients: CLIENTS } },
  { what: `0 and ${count(LIVE)} live authorizations`, less: {}, more: {}, live: LIVE },
  { what: `1 and ${WORKERS} workers`, less: { workers: 1 }, more: { workers: WORKERS } },
];

/** Each with a Redis of its own. */
async function startOne(name: string, terms: Omit<AsteroidTerms, 'name'>): Promise<Server> {
  const redis = await startSharedRedis();
  const server = await startOurs({ ...terms, name, redisUrl: redis.url });
  await fillBrowsers(server);
  return server;
}

async function fill({ target }: Server, live: number): Promise<void> {
  const visits = atMost(live, asking['authorize, first visit'](target, createPurse()));
  const seconds = Number.POSITIVE_INFINITY;
  check(target.name, await generate({ port: target.port, seconds, ...visits }));
}

async function measureGrowth({ what, less, more, live = 0 }: Growth): Promise<readonly Line[]> {
  const servers = [await startOne(`${what}: less`, less), await startOne(`${what}: more`, more)];
  const costs = new Map<Row, number[][]>(COMPARED.map((row) => [row, []]));
  const takeTurn = async (seconds: number): Promise<void> => {
    const purses = servers.map(createPurse);
    for (const [row, turns] of costs) {
      const turn: number[] = [];
      for (const [n, server] of servers.entries()) {
        const { cpu } = await measure(server, row, purses[n] ?? createPurse(), seconds);
        turn.push(cpu);
      }
      turns.push(turn);
    }
  };
  await takeTurn(SECONDS);
  for (const turns of costs.values()) turns.length = 0; // that warmed them up
  const [, larger] = servers;
  if (larger !== undefined && live > 0) await fill(larger, live);
  for (let n = 0; n < TURNS; n += 1) await takeTurn(SECONDS / 2);
  for (const server of servers) await server.stop();
  return [...costs].map(([row, turns]) => toLine(what, row, turns));
}

function toLine(what: string, row: Row, turns: readonly (readonly number[])[]): Line {
  const of = (n: number) => median(turns.map((turn) => turn[n] ?? 0));
  const ratio = median(turns.map(([less = 1, more = 0]) => more / less));
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
