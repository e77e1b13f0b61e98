// From the parser's nodes to our tree. What the parser would allow and no configuration needs is
// refused here: references, tags, merge keys, duplicate keys, numbers in disguise.

import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { type Path, printPath } from '../config/finding.ts';
import type { Problem } from './problem.ts';
import type { MapNode, ScalarNode, Tree } from './tree.ts';

/** The text that is being read, and what is wrong with it so far. */
export type Source = {
  readonly file: string;
  readonly lineAt: (offset: number) => number;
  readonly problems: Problem[];
};

/** Adds to the problems of the source, and makes of the node what can be made of it. */
export function readNode(source: Source, node: unknown, path: Path): Tree {
  const place = { file: source.file, line: lineOf(source, node) };
  const problem = findPropertyProblem(node);
  if (problem !== undefined) say(source, node, path, problem);
  if (isSeq(node)) {
    const items = node.items.map((item, index) => readNode(source, item, [...path, index]));
    return { kind: 'list', ...place, items };
  }
  if (isMap(node)) return { kind: 'map', ...place, entries: readEntries(source, node.items, path) };
  const number = findNumberProblem(node);
  if (number !== undefined) say(source, node, path, number);
  return { kind: 'scalar', ...place, value: plainValue(node) };
}

function say({ file, lineAt, problems }: Source, node: unknown, path: Path, problem: string): void {
  problems.push({ file, line: lineAt(offsetOf(node)), key: printPath(path) || 'file', problem });
}

type Pair = { readonly key: unknown; readonly value: unknown };

function readEntries(source: Source, pairs: readonly Pair[], path: Path): MapNode['entries'] {
  const entries = new Map<string, { line: number; node: Tree }>();
  for (const { key, value } of pairs) {
    const name = nameOf(key);
    const inner = name === undefined ? path : [...path, name];
    const first = entries.get(name ?? '');
    const problem =
      findPropertyProblem(key) ??
      findKeyProblem(key, name) ??
      (first === undefined ? undefined : `stands in line ${first.line} already; remove one`);
    if (problem !== undefined) say(source, key, inner, problem);
    else if (name !== undefined) {
      const line = lineOf(source, key);
      const isEmpty = value === null || value === undefined;
      const node: Tree = isEmpty
        ? { kind: 'scalar', file: source.file, line, value: null }
        : readNode(source, value, inner);
      entries.set(name, { line, node });
    }
  }
  return entries;
}

function nameOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

function findKeyProblem(key: unknown, name: string | undefined): string | undefined {
  if (!isScalar(key) || name === undefined) return 'has a key that is not a word';
  if (name === '<<') return 'is a merge key; write the keys themselves';
  if (name === '__proto__') return 'is a name that cannot be used; rename it';
  return typeof key.value === 'string' ? undefined : 'has to be text; put it in quotes';
}

function findPropertyProblem(node: unknown): string | undefined {
  if (isAlias(node)) return 'is a reference to an anchor; write the value itself';
  if (!isNode(node)) return undefined;
  if (node.tag !== undefined)
    return 'has a tag, as in !name; remove it, or put the value in quotes';
  return 'anchor' in node && node.anchor !== undefined
    ? 'has an anchor, as in &name; remove it'
    : undefined;
}

/** YAML makes 123 of 0123, 1000 of 1e3 and 31 of 0x1F, without a word. */
function findNumberProblem(node: unknown): string | undefined {
  if (!isScalar(node) || typeof node.value !== 'number') return undefined;
  return String(node.value) === node.source && Math.abs(node.value) <= Number.MAX_SAFE_INTEGER
    ? undefined
    : 'is a number that YAML reads in another way than it is written; put it in quotes';
}

function plainValue(node: unknown): ScalarNode['value'] {
  const value: unknown = isScalar(node) ? node.value : null;
  const plain =
    typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  return plain ? value : null;
}

const isNode = (node: unknown): node is Node => isScalar(node) || isMap(node) || isSeq(node);

const lineOf = ({ lineAt }: Source, node: unknown): number => lineAt(offsetOf(node));

const offsetOf = (node: unknown): number =>
  (isNode(node) || isAlias(node) ? node.range?.[0] : undefined) ?? 0;
