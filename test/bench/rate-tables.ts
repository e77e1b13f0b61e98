// The tables of rates and costs: first what was aimed at, then what that was computed from.

import type { Measured } from './load.ts';
import type { Row } from './rows.ts';
import { NAMES, type ServerName } from './servers.ts';
import { count, judge, type Line, median, percent, renderTable, times } from './tables.ts';
import { onThisNode, P99_TARGET, ROW_TARGETS } from './targets.ts';

export type Figures = Pick<Measured, 'p50' | 'p99' | 'ownShare'> & {
  /** Requests per second. */
  readonly rate: number;
  /** Microseconds of the server's core for each of them. */
  readonly cpu: number;
  /** What Redis used of the core that it shares with the load, from 0 to 1. */
  readonly redisShare: number;
};

/** What every round has measured; nothing for a server that does not have the row. */
type Look = (name: ServerName, row: Row) => readonly Figures[];

const of = (all: readonly Figures[], figure: keyof Figures): number =>
  median(all.map((figures) => figures[figure]));

/** Rounds are compared with each other before the one in the middle is taken. */
function ratio(a: readonly Figures[], b: readonly Figures[], figure: keyof Figures) {
  if (a.length === 0 || b.length === 0) return undefined;
  return median(a.map((figures, n) => figures[figure] / (b[n]?.[figure] ?? Number.NaN)));
}

function compare(row: Row, look: Look): Line {
  const [ours, theirs] = [look('Asteroid, Redis', row), look('oidc-provider, Redis', row)];
  const peer = ratio(theirs, ours, 'cpu');
  const limit = ratio(look('limit', row), ours, 'cpu');
  const p99 = ratio(ours, theirs, 'p99');
  const targets = ROW_TARGETS[row];
  return [
    row,
    peer && times(peer),
    judge(peer, targets?.peer && onThisNode(targets.peer), times),
    limit && percent(limit),
    judge(limit, targets?.limit, percent),
    p99 && percent(p99),
    judge(p99, P99_TARGET, percent),
  ];
}

const toRate = (all: readonly Figures[]): string => {
  const [p50, p99] = [of(all, 'p50'), of(all, 'p99')].map((value) => value.toFixed(1));
  return `${count(of(all, 'rate'))} (${p50} / ${p99})`;
};

function renderFigures(
  title: string,
  rows: readonly Row[],
  look: Look,
  text: (all: readonly Figures[]) => string,
): string {
  const toCell = (name: ServerName, row: Row): string | undefined => {
    const all = look(name, row);
    return all.length === 0 ? undefined : text(all);
  };
  const lines = rows.map((row) => [row, ...NAMES.map((name) => toCell(name, row))]);
  return renderTable([title, ...NAMES], lines);
}

/** How busy the other core was: where it is full, a rate is that of the load and not of the server. */
function renderLoad(rows: readonly Row[], look: Look): string {
  const all = NAMES.flatMap((name) => rows.map((row) => ({ name, row, figures: look(name, row) })))
    .filter(({ figures }) => figures.length > 0)
    .map(({ name, row, figures }) => {
      const [load, redis] = [of(figures, 'ownShare'), of(figures, 'redisShare')];
      const what = `${row} of ${name}: ${percent(load)} and ${percent(redis)}`;
      return { what, sum: load + redis };
    })
    .toSorted((a, b) => b.sum - a.sum);
  const busiest = all.slice(0, 3).map(({ what }) => what);
  const middle = percent(median(all.map(({ sum }) => sum)));
  return `The load and Redis took ${middle} of their core or less in half of the rows, and most in ${busiest.join('; ')}.`;
}

export function renderRates(rows: readonly Row[], look: Look): string {
  const head = [
    ...['Asteroid, Redis', 'to oidc-provider, Redis', 'target', 'of the limit', 'target'],
    ...['p99, of that of oidc-provider', 'target'],
  ];
  return [
    renderTable(
      head,
      rows.map((row) => compare(row, look)),
    ),
    renderFigures('per second (p50 / p99, ms)', rows, look, toRate),
    renderFigures('µs of CPU per request', rows, look, (all) => count(of(all, 'cpu'))),
    renderLoad(rows, look),
  ].join('\n\n');
}
