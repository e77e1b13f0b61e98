// How fast, and what a request costs: every row is asked of every server in turn, in rounds, so that
// what else the machine does meets all of them alike.

import { generate, type Measured } from './load.ts';
import { IS_TRIAL, ONLY_ROWS, ROUNDS, SECONDS } from './options.ts';
import { asking, createPurse, hasRow, NEEDS, type Purse, ROWS, type Row } from './rows.ts';
import {
  fillBrowsers,
  SERVERS,
  type Server,
  type ServerName,
  startServers,
  startSharedRedis,
} from './servers.ts';
import { count, judge, type Line, median, percent, renderTable, times } from './tables.ts';
import { onThisNode, P99_TARGET, ROW_TARGETS } from './targets.ts';

type Figures = Pick<Measured, 'p50' | 'p99' | 'ownShare'> & {
  readonly rate: number;
  /** Microseconds. */
  readonly cpu: number;
};
type Results = Map<string, Map<Row, Figures[]>>;

const NAMES = Object.keys(SERVERS) as ServerName[];
const ROWS_WANTED = ROWS.filter((row) => ONLY_ROWS?.includes(row) ?? true);
const ROWS_ASKED = ROWS.filter((row) =>
  ROWS_WANTED.some((wanted) => wanted === row || NEEDS[wanted]?.includes(row)),
);

/** One row against one server; what it earns goes into the purse of the next row. */
export async function measure(
  server: Server,
  row: Row,
  purse: Purse,
  seconds: number,
): Promise<Figures> {
  const { target } = server;
  const busy = server.cpuSeconds();
  const measured = await generate({ port: target.port, seconds, ...asking[row](target, purse) });
  const cpu = server.cpuSeconds() - busy;
  check(`${target.name}, ${row}`, measured);
  const { answered, p50, p99, ownShare } = measured;
  return { rate: answered / measured.seconds, p50, p99, ownShare, cpu: (cpu / answered) * 1e6 };
}

/** A server that refuses is fast, and its figure would be worth nothing. */
export function check(what: string, { answered, refused }: Measured): void {
  if (answered === 0) throw new Error(`${what}: no answer at all`);
  if (refused > 0) throw new Error(`${what}: ${refused} of ${answered} answers were refusals`);
}

async function round(servers: readonly Server[], seconds: number, results: Results): Promise<void> {
  const purses = new Map(servers.map((server) => [server, createPurse()]));
  for (const row of ROWS_ASKED) {
    for (const [server, purse] of purses) {
      if (!hasRow(server.target, row)) continue;
      const rows = results.get(server.target.name) ?? new Map<Row, Figures[]>();
      results.set(server.target.name, rows);
      rows.set(row, [...(rows.get(row) ?? []), await measure(server, row, purse, seconds)]);
    }
  }
}

type Look = (name: ServerName, row: Row) => readonly Figures[];

const of = (all: readonly Figures[], figure: keyof Figures): number =>
  median(all.map((figures) => figures[figure]));

/** Rounds are compared with each other before the one in the middle is taken. */
function ratio(a: readonly Figures[], b: readonly Figures[], figure: keyof Figures) {
  const ratios = a.map((figures, n) => figures[figure] / (b[n]?.[figure] ?? Number.NaN));
  return b.length === 0 ? undefined : median(ratios);
}

const cell = (all: readonly Figures[], text: (all: readonly Figures[]) => string) =>
  all.length === 0 ? undefined : text(all);

const renderRates = (look: Look): string =>
  renderTable(
    ['per second (p50 / p99, ms)', ...NAMES],
    ROWS_WANTED.map((row) => [
      row,
      ...NAMES.map((name) =>
        cell(look(name, row), (all) => {
          const [p50, p99] = [of(all, 'p50'), of(all, 'p99')];
          return `${count(of(all, 'rate'))} (${p50.toFixed(1)} / ${p99.toFixed(1)})`;
        }),
      ),
    ]),
  );

const renderCosts = (look: Look): string =>
  renderTable(
    ['µs of CPU per request', ...NAMES],
    ROWS_WANTED.map((row) => [
      row,
      ...NAMES.map((name) => cell(look(name, row), (all) => count(of(all, 'cpu')))),
    ]),
  );

function compare(row: Row, look: Look): Line {
  const ours = look('Asteroid, Redis', row);
  const theirs = look('oidc-provider, Redis', row);
  const peer = ratio(theirs, ours, 'cpu');
  const limit = ratio(look('limit', row), ours, 'cpu') ?? 0;
  const p99 = ratio(ours, theirs, 'p99');
  const targets = ROW_TARGETS[row];
  return [
    row,
    theirs.length === 0 ? undefined : times(peer ?? 0),
    judge(peer, targets?.peer && onThisNode(targets.peer), times),
    percent(limit),
    judge(limit, targets?.limit, percent),
    p99 && percent(p99),
    judge(p99, P99_TARGET, percent),
  ];
}

const renderTargets = (look: Look): string =>
  renderTable(
    [
      ...['Asteroid, Redis', 'to oidc-provider, Redis', 'target', 'of the limit', 'target'],
      ...['p99 of that of oidc-provider', 'target'],
    ],
    ROWS_WANTED.map((row) => compare(row, look)),
  );

/** The share of its core that the load itself took where it took most. */
function renderLoad(look: Look): string {
  const shares = NAMES.flatMap((name) =>
    ROWS_WANTED.filter((row) => look(name, row).length > 0).map((row) => ({
      what: `${row}, ${name}`,
      share: of(look(name, row), 'ownShare'),
    })),
  );
  const [most, ...others] = shares.toSorted((a, b) => b.share - a.share);
  const middle = median([...others, ...(most ? [most] : [])].map(({ share }) => share));
  return `The load took ${percent(middle)} of its core in the middle of all rows and ${percent(most?.share ?? 0)} at most (${most?.what}).`;
}

/** The tables, and how they were measured. */
export async function measureRates(): Promise<{ readonly terms: string; readonly tables: string }> {
  const redis = await startSharedRedis();
  const servers = await startServers(NAMES, redis.url);
  for (const server of servers) await fillBrowsers(server, IS_TRIAL ? 20 : undefined);
  await round(servers, SECONDS / 2, new Map()); // warms every server up
  const results: Results = new Map();
  for (let n = 0; n < ROUNDS; n += 1) await round(servers, SECONDS, results);
  const look: Look = (name, row) => results.get(name)?.get(row) ?? [];
  const tables = [renderTargets(look), renderRates(look), renderCosts(look), renderLoad(look)];
  return { terms: `${ROUNDS} rounds of ${SECONDS} s`, tables: tables.join('\n\n') };
}
