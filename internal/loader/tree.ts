// What YAML said, with the file and the line of everything. Maps are `Map`s, so that no name in a
// file can mean something to JavaScript.

import type { Path } from '../config/finding.ts';
import type { JsonValue } from '../protocol/claims.ts';

export type Place = { readonly file: string; readonly line: number };

export type ScalarNode = Place & {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
};
type ListNode = Place & { readonly kind: 'list'; readonly items: readonly Tree[] };
export type MapNode = Place & {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, { readonly line: number; readonly node: Tree }>;
};
export type Tree = ScalarNode | ListNode | MapNode;

/** Plain data without a prototype, for the schemas. */
export function toValue(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toValue);
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, { node }] of tree.entries) value[key] = toValue(node);
  return value;
}

/** The same back again, for what never was a file: everything stands where `place` says. */
export function toTree(value: JsonValue, place: Place): Tree {
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', ...place, value };
  if (isList(value)) {
    return { kind: 'list', ...place, items: value.map((item) => toTree(item, place)) };
  }
  const entries = Object.entries(value).map(
    ([key, item]) => [key, { line: place.line, node: toTree(item, place) }] as const,
  );
  return { kind: 'map', ...place, entries: new Map(entries) };
}

const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value);

export function findNode(tree: Tree, path: Path): Tree | undefined {
  let node: Tree | undefined = tree;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = stepInto(node, step)?.node;
  }
  return node;
}

/** The line of the key, or of the nearest thing around it that is there. */
export function locate(tree: Tree, path: Path): Place {
  let place: Place = { file: tree.file, line: tree.line };
  let node = tree;
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === undefined) break;
    place = { file: next.node.file, line: next.line };
    node = next.node;
  }
  return place;
}

function stepInto(node: Tree, step: string | number) {
  if (node.kind === 'map') return node.entries.get(String(step));
  const item = node.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined;
  return item === undefined ? undefined : { line: item.line, node: item };
}

/** Maps merge, everything else is replaced by what comes later. */
export function mergeTrees(base: Tree, over: Tree): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const before = entries.get(key);
    const node = before === undefined ? entry.node : mergeTrees(before.node, entry.node);
    entries.set(key, { line: entry.line, node });
  }
  return { ...base, entries };
}

/** The same tree with one value put in or replaced; maps on the way come into being. */
export function putNode(tree: Tree, path: readonly string[], node: Tree): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return node;
  const entries = new Map(tree.kind === 'map' ? tree.entries : []);
  const inner: Tree = entries.get(step)?.node ?? emptyMap(node);
  const { line } = entries.get(step) ?? node;
  entries.set(step, {
    line: rest.length === 0 ? node.line : line,
    node: putNode(inner, rest, node),
  });
  return { kind: 'map', file: tree.file, line: tree.line, entries };
}

export const emptyMap = ({ file, line }: Place): MapNode => ({
  kind: 'map',
  file,
  line,
  entries: new Map(),
});
