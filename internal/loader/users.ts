// users.yaml, from the disk to claims by subject.

import { readUsers } from '../config/users.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { addFindings, assertSound, createReport, type Report } from './problem.ts';
import { readYaml } from './read.ts';
import { toValue } from './tree.ts';

/** Throws `ConfigError` with every problem of the file. */
export async function loadUsers(file: string): Promise<ReadonlyMap<Subject, Claims>> {
  const report = createReport();
  const users = await readUserFile(file, report);
  assertSound(report);
  return users;
}

export async function readUserFile(
  file: string,
  report: Report,
): Promise<ReadonlyMap<Subject, Claims>> {
  const { tree, problems } = await readYaml(file);
  report.problems.push(...problems);
  if (tree === undefined) return new Map();
  const reading = readUsers(toValue(tree));
  addFindings(report.problems, tree, file, reading.problems);
  return reading.users;
}
