// Clients that a test adds and takes away, over those that the issuer was given to begin with.

import type { ReadYaml, YamlFile } from '../loader/read.ts';
import { emptyMap, type Tree, toTree } from '../loader/tree.ts';
import type { Metadata } from './api.ts';
import { copy, placeOf } from './documents.ts';

export type ClientChanges = {
  /** In place of those of the file; undefined: the file's. */
  readonly given: readonly Metadata[] | undefined;
  /** By client_id, over those; undefined for one that is no more. */
  readonly changed: ReadonlyMap<string, Metadata | undefined>;
};

/** The same documents, with clients.yaml as it has become. */
export const changing =
  (read: ReadYaml, changes: () => ClientChanges): ReadYaml =>
  async (file) => {
    const found = await read(file);
    return isClients(found.tree) ? { ...found, tree: change(found.tree, changes()) } : found;
  };

type Given = YamlFile['tree'];

const listOf = (tree: Given) => {
  const node = tree?.kind === 'map' ? tree.entries.get('clients')?.node : undefined;
  return node?.kind === 'list' ? node : undefined;
};

/** asteroid.yaml has a `clients` of its own, which is no list. */
const isClients = (tree: Given): tree is Tree => listOf(tree) !== undefined;

function change(tree: Tree, { given, changed }: ClientChanges): Tree {
  const list = listOf(tree);
  if (list === undefined || (changed.size === 0 && given === undefined)) return tree;
  const items = given?.map((client) => toItem('clients', client)) ?? list.items;
  const kept = items.filter((item) => !changed.has(idOf(item) ?? ''));
  const added = [...changed.values()].flatMap((client) =>
    client === undefined ? [] : [toItem('added', client)],
  );
  // What else stands there is about the file as it was, e.g. how many clients it has.
  const node: Tree = { ...list, items: [...kept, ...added] };
  return { ...emptyMap(tree), entries: new Map([['clients', { line: list.line, node }]]) };
}

const toItem = (name: string, client: Metadata): Tree =>
  toTree(copy(client), { file: placeOf(name), line: 1 });

function idOf(item: Tree): string | undefined {
  const node = item.kind === 'map' ? item.entries.get('client_id')?.node : undefined;
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}
