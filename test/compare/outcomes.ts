// The table of what each of them accepts, as docs/mock-servers.md has it.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from './attempts.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/mock-servers.md');
const BEGIN = '<!-- what each of them accepts: written by test/compare/compare.ts -->';
const END = '<!-- end -->';

const say = (accepted: boolean | undefined): string => (accepted ? '**accepted**' : 'refused');

/** @param names those of the issuers, in the order of the columns. */
export function renderOutcomes(names: readonly string[], outcomes: readonly Outcome[]): string {
  const head = ['sent to both', 'standard', ...names];
  const lines = outcomes.map(({ what, rule, bad }) => [
    what,
    rule,
    ...names.map((name) => say(bad[name])),
  ]);
  const rows = [head, head.map(() => '---'), ...lines];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function split(): readonly [before: string, table: string, after: string] {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(BEGIN) + BEGIN.length;
  const end = page.indexOf(END);
  if (begin < BEGIN.length || end < begin) throw new Error(`${PAGE} has no place for the table`);
  return [page.slice(0, begin), page.slice(begin, end).trim(), page.slice(end)];
}

/** The table that the page has. */
export const readOutcomes = (): string => split()[1];

export function writeOutcomes(table: string): void {
  const [before, , after] = split();
  writeFileSync(PAGE, `${before}\n${table}\n${after}`);
}
