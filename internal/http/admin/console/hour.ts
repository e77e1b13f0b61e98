// The last hour as lines: what came, what was refused, and how long it took.

import type { Minute } from '../../../telemetry/minutes.ts';
import { findQuantile } from '../../../telemetry/minutes.ts';
import type { Counts } from '../../../telemetry/samples.ts';
import { type Html, html } from '../../pages/html.ts';
import { drawPlot, MOST_SERIES, type Plot, type Series } from './plot.ts';

const printCount = (value: number): string =>
  value >= 10_000 ? `${Math.round(value / 100) / 10}k` : String(Math.round(value * 10) / 10);

/** Milliseconds, as exact as anybody needs. */
export function printMs(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Math.round(value * (value >= 1 ? 10 : 100)) / (value >= 1 ? 10 : 100));
}

const SHORT = {
  authorization_code: 'code',
  refresh_token: 'refresh',
  client_credentials: 'client',
};

/** The last word of a long name is what people call it. */
const shorten = (kind: string): string =>
  Object.hasOwn(SHORT, kind) ? SHORT[kind as keyof typeof SHORT] : (kind.split(':').at(-1) ?? kind);

export function drawHour(minutes: readonly Minute[]): Html {
  const at = minutes.map((minute) => minute.at);
  const of = (plot: Omit<Plot, 'at'>): Html => drawPlot({ at, ...plot });
  return html`<div class="cards">
${of({
  ...{ id: 'p-sign-ins', title: 'Sign-ins', unit: 'per minute', print: printCount },
  series: [{ name: 'Sign-ins', values: minutes.map((minute) => minute.signIns) }],
  none: 'Counting has begun; a line is there in a minute.',
})}${of({
  ...{ id: 'p-tokens', title: 'Tokens', unit: 'per minute, by grant', print: printCount },
  series: byKind(minutes, (minute) => minute.tokens, shorten),
  none: 'No tokens were issued.',
})}${of({
  ...{
    id: 'p-refusals',
    title: 'Refusals',
    unit: 'per minute, by what was refused',
    print: printCount,
  },
  series: byKind(
    minutes,
    (minute) => minute.refusals,
    (kind) => kind.replace(/\.refused$/, ''),
  ),
  none: 'Nothing was refused.',
})}${of({
  ...{ id: 'p-latency', title: 'Latency of requests', unit: 'milliseconds', print: printMs },
  series: quantiles(minutes, (minute) => minute.requests),
  none: 'No requests came.',
})}${of({
  ...{ id: 'p-store', title: 'Latency of the store', unit: 'milliseconds', print: printMs },
  series: quantiles(minutes, (minute) => minute.store),
  none: 'The store was not asked for anything.',
})}</div>
`;
}

/** Those that came most have a line of their own; all others share the last. */
function byKind(
  minutes: readonly Minute[],
  of: (minute: Minute) => Counts,
  print: (kind: string) => string,
): readonly Series[] {
  const totals = new Map<string, number>();
  for (const minute of minutes) {
    for (const [kind, count] of Object.entries(of(minute))) {
      totals.set(kind, (totals.get(kind) ?? 0) + count);
    }
  }
  const kinds = [...totals.keys()].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const own = kinds.length > MOST_SERIES ? kinds.slice(0, MOST_SERIES - 1) : kinds;
  const rest = kinds.slice(own.length);
  const sum = (minute: Minute, some: readonly string[]): number =>
    some.reduce((total, kind) => total + (of(minute)[kind] ?? 0), 0);
  const lines = own.map((kind) => ({
    name: print(kind),
    values: minutes.map((minute) => sum(minute, [kind])),
  }));
  if (rest.length === 0) return lines;
  return [...lines, { name: 'others', values: minutes.map((minute) => sum(minute, rest)) }];
}

const SHARES = [
  ['p50', 0.5],
  ['p99', 0.99],
] as const;

const quantiles = (
  minutes: readonly Minute[],
  of: (minute: Minute) => readonly number[],
): readonly Series[] =>
  SHARES.map(([name, share]) => ({
    name,
    values: minutes.map((minute) => {
      const seconds = findQuantile(of(minute), share);
      return seconds === undefined ? undefined : seconds * 1000;
    }),
  }));
