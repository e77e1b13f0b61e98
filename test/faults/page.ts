// What a whole run showed, for docs/operations.md: one row for each fault.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Line, printCounts, seconds } from './report.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/operations.md');
const BEGIN = '<!-- faults: begin -->';
const END = '<!-- faults: end -->';

const HEAD = `| Redis | fault | requests | 503 | unanswered | codes lost | violations | recovered in | away for |
|---|---|---|---|---|---|---|---|---|`;

function printRow(line: Line): string {
  const { topology, id, name, verdict } = line;
  const { requests, unavailable, unknown, codesLost, recovery, longest } = verdict;
  const figures = [requests, unavailable, unknown, codesLost, printCounts(line)];
  const times = [seconds(recovery), seconds(longest)];
  return `| ${[topology, `${id} ${name}`, ...figures, ...times].join(' | ')} |`;
}

/** Puts the rows into the page, in place of those of the run before. */
export function keepPage(lines: readonly Line[]): void {
  const [before, rest] = readFileSync(PAGE, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has lost its markers`);
  const rows = lines.toSorted((a, b) => (a.topology < b.topology ? -1 : 1)).map(printRow);
  const table = [HEAD, ...rows].join('\n');
  writeFileSync(PAGE, `${before}${BEGIN}\n${table}\n${END}${after}`);
}
