// Tables of docs/performance.md: each benchmark writes between markers of its own, which name the line of
// Node where it matters: what was measured on another is left alone.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

/** Replaces what is between the markers of this name. @param terms how it was measured. */
export function keep(name: string, terms: string, tables: string): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const file = path.join(ROOT, 'docs/performance.md');
  const [before, rest] = readFileSync(file, 'utf8').split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    console.log(`docs/performance.md has no place for ${name}`);
    return;
  }
  const where = `Node ${process.version}, ${cpus()[0]?.model.trim()}, ${terms}.`;
  writeFileSync(file, `${before}${begin}\n${where}\n\n${tables}\n${end}${after}`);
}
