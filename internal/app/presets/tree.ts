// YAML in block style, as one would write it by hand.

import { toYaml } from '../../config/yaml-text.ts';

type Leaf = string | number | boolean | null | readonly string[];
/** What is undefined is left out, and so is a map that would be empty. */
export type Tree = { readonly [key: string]: Leaf | Tree | undefined };

const WIDTH = 96;

/** Two blanks a level; maps without maps in them stay on one line where they fit. */
export const printTree = (tree: Tree): string => `${linesOf(tree, 0).join('\n')}\n`;

function linesOf(tree: Tree, depth: number): readonly string[] {
  const margin = '  '.repeat(depth);
  return entriesOf(tree).flatMap(([key, value]) => {
    const name = toYaml(key);
    if (!isTree(value)) return [`${margin}${name}: ${toYaml(value)}`];
    const inner = entriesOf(value);
    if (inner.length === 0) return [];
    const line = `${margin}${name}: ${toYaml(Object.fromEntries(inner))}`;
    const isFlat = !inner.some(([, one]) => isTree(one));
    if (depth > 0 && isFlat && line.length <= WIDTH) return [line];
    return [`${margin}${name}:`, ...linesOf(value, depth + 1)];
  });
}

const isTree = (value: Leaf | Tree): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (tree: Tree): readonly (readonly [string, Leaf | Tree])[] =>
  Object.entries(tree).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
