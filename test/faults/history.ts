// Every request of a round with its answer, in the order in which they ended; and its file, for whoever
// has to find out how a violation came about.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Operation } from './operation.ts';

export type History = {
  record(operation: Operation): void;
  all(): readonly Operation[];
  /** What happened to these sign-ins, for the history of another round. */
  of(signIns: ReadonlySet<string>): readonly Operation[];
};

export function createHistory(before: readonly Operation[] = []): History {
  const operations: Operation[] = [...before];
  return {
    record: (operation) => void operations.push(operation),
    all: () => operations,
    of: (signIns) => operations.filter(({ about }) => about.some((name) => signIns.has(name))),
  };
}

const FOLDER = path.resolve(import.meta.dirname, '.histories');

/** One JSON text a line, the first of them saying what round it was. */
export function keepHistory(
  name: string,
  head: Readonly<Record<string, unknown>>,
  operations: readonly Operation[],
): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${name}.jsonl`);
  const lines = [head, ...operations].map((line) => JSON.stringify(line));
  writeFileSync(file, `${lines.join('\n')}\n`);
  return path.relative(process.cwd(), file);
}
