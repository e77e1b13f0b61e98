// What a million live authorizations take in the memory store, and how long they keep others waiting.
// Decides by no figure: whoever reads them does.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Figures } from './figures.ts';
import { keep } from './keep.ts';
import { amount, IS_TRIAL } from './options.ts';

const COUNT = amount(Number(process.env['BENCH_ENTRIES'] || '1000000'), 10_000);
const RUNS = amount(Number(process.env['BENCH_RUNS'] || '2'), 1);

// With helpers of its own the garbage collector is quicker, where they are given a processor at once.
const FLAGS = ['--single-threaded-gc', '--expose-gc', '--import', 'tsx'];

function run(): Figures {
  const file = path.join(import.meta.dirname, 'million.ts');
  const printed = execFileSync(process.execPath, [...FLAGS, file, String(COUNT)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(printed) as Figures;
}

const runs = Array.from({ length: RUNS }, run);
/** What disturbs a run only ever makes it look worse. */
const least = (of: (figures: Figures) => number | undefined): number =>
  Math.min(...runs.map((figures) => of(figures) ?? Number.POSITIVE_INFINITY));

const rowsOf = (names: object | undefined, row: (name: string) => readonly (number | string)[]) =>
  Object.keys(names ?? {}).map((name) => `| ${[name, ...row(name)].join(' | ')} |`);

const tables = [
  '| bytes per authorization | resident | heap, and outside of it |\n|---|---|---|',
  ...rowsOf(runs[0]?.rooms, (name) => [
    Math.round(least(({ rooms }) => rooms[name]?.rss)),
    Math.round(least(({ rooms }) => rooms[name]?.used)),
  ]),
  '\n| turns of ten requests each | worst, ms | p99.9, ms | µs per request |\n|---|---|---|---|',
  ...rowsOf(runs[0]?.pauses, (name) => [
    least(({ pauses }) => pauses[name]?.worst).toFixed(1),
    least(({ pauses }) => pauses[name]?.p999).toFixed(1),
    least(({ pauses }) => pauses[name]?.each).toFixed(1),
  ]),
  '\n| token exchange, two signatures included | µs |\n|---|---|',
  `| empty store | ${Math.round(least(({ exchange }) => exchange.empty))} |`,
  `| full store | ${Math.round(least(({ exchange }) => exchange.full))} |`,
].join('\n');

console.log(tables);
if (!IS_TRIAL)
  keep('memory', `${COUNT.toLocaleString('en')} authorizations, runs: ${RUNS}`, tables);
