// The configuration of a test issuer: what a test says in place of files, read the way that every
// configuration is read, and every problem told in the words of whoever wrote it.

import path from 'node:path';
import { ConfigError, type Problem } from '../loader/problem.ts';
import type { ReadYaml, YamlFile } from '../loader/read.ts';
import { toTree } from '../loader/tree.ts';
import type { Metadata } from './api.ts';
import { Misuse } from './misuse.ts';

/** Where a document would be: names of files that it mentions are meant from the working directory. */
export const placeOf = (name: string): string => path.resolve(name);

/** By their names: `config` is asteroid.yaml, `clients` is clients.yaml. */
export type Documents = ReadonlyMap<string, Metadata>;

/** Those first, the files of the disk otherwise. */
export function createReadYaml(documents: Documents, others: ReadYaml): ReadYaml {
  const byPlace = new Map<string, () => YamlFile>(
    [...documents].map(([name, content]) => [placeOf(name), () => toYamlFile(name, content)]),
  );
  return async (file) => byPlace.get(file)?.() ?? others(file);
}

/** As a file would be that holds this. */
function toYamlFile(name: string, content: Metadata): YamlFile {
  const text = JSON.stringify(content, undefined, 1);
  const place = { file: placeOf(name), line: 1 };
  return { tree: toTree(copy(content), place), problems: [], text };
}

/** What JSON can say of it: nobody changes it afterwards, and what is undefined is not there. */
export const copy = <Value extends Metadata | readonly Metadata[]>(value: Value): Value =>
  JSON.parse(JSON.stringify(value));

/** Runs what reads a configuration; what is wrong with it is the caller's to put right. */
export async function readingFor<Result>(
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) throw new Misuse(explain(what, error.problems));
    throw error;
  }
}

/** A line for each, as `clients[0].redirect_uris: is missing; add it`. */
export function explain(what: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ file, key, problem }) => `${toName(file, key)}: ${problem}`);
  return [`${what}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Sections stand under `config`, clients and users beside it; what is a file keeps its name. */
function toName(file: string, key: string): string {
  const own = path.relative('.', file);
  if (own === 'config' || own === 'config of test') return `config.${key}`;
  if (own === 'added') return key.replace(/^(?:clients|users)\[\d+\]\.?/, '') || 'metadata';
  return own === 'clients' || own === 'users' ? key : `${file}: ${key}`;
}
