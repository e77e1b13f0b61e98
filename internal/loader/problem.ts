// What is wrong with files, in the form an operator and an editor can follow.

import { type Finding, type Path, printPath } from '../config/finding.ts';
import { locate, type Tree } from './tree.ts';

export type Problem = {
  /** A file, or the environment variable that said it. */
  readonly file: string;
  readonly line: number;
  readonly key: string;
  /** What is wrong and what to do; never a value. */
  readonly problem: string;
};

export const printProblem = ({ file, line, key, problem }: Problem): string =>
  `${file}:${line}: ${key}: ${problem}`;

/** Everything that is wrong with a configuration, at once: exit code 78 at start. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];
  /** What was read, as far as it is known: one of them has to change before another reading helps. */
  readonly files: readonly string[];

  constructor(problems: readonly Problem[], files: readonly string[] = []) {
    super(problems.map(printProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.files = files;
  }
}

/** Gathers problems and warnings while everything is being read. */
export type Report = {
  readonly problems: Problem[];
  readonly warnings: Problem[];
};

export const createReport = (): Report => ({ problems: [], warnings: [] });

/** Throws `ConfigError` if anything is wrong; file by file, in the order of the lines. */
export function assertSound({ problems }: Report, read: readonly string[] = []): void {
  if (problems.length === 0) return;
  const files = [...new Set(problems.map(({ file }) => file))];
  const place = ({ file, line }: Problem): number => files.indexOf(file) * 1e7 + line;
  throw new ConfigError(
    [...problems].sort((left, right) => place(left) - place(right)),
    read,
  );
}

/** Adds findings with the lines in which they stand; one for each key is enough. */
export function addFindings(
  list: Problem[],
  tree: Tree | undefined,
  file: string,
  findings: readonly Finding[],
): void {
  for (const { path, problem } of findings) {
    const place = tree === undefined ? { file, line: 1 } : locate(tree, path);
    const key = printPath(path) || 'file';
    const known = list.some((other) => other.key === key && other.file === place.file);
    if (!known) list.push({ file: place.file, line: place.line, key, problem });
  }
}

/** Where a value stands, or would have to stand. */
export const problemAt = (tree: Tree, path: Path, problem: string): Problem => ({
  ...locate(tree, path),
  key: printPath(path),
  problem,
});
