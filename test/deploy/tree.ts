// Documents as they are written, looked into by path: manifests have too many shapes to have types here.

import { parseAllDocuments } from 'yaml';

export type Tree = unknown;

const isRecord = (tree: Tree): tree is Record<string, Tree> =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

/** What is there, or undefined: `at(pod, 'spec', 'containers', 0, 'image')`. */
export const at = (tree: Tree, ...path: readonly (string | number)[]): Tree =>
  path.reduce<Tree>((found, key) => {
    if (Array.isArray(found)) return found[Number(key)];
    return isRecord(found) ? found[key] : undefined;
  }, tree);

export const listAt = (tree: Tree, ...path: readonly (string | number)[]): readonly Tree[] => {
  const found = at(tree, ...path);
  return Array.isArray(found) ? found : [];
};

export const textAt = (tree: Tree, ...path: readonly (string | number)[]): string => {
  const found = at(tree, ...path);
  return found === undefined || found === null ? '' : String(found);
};

export const mapAt = (
  tree: Tree,
  ...path: readonly (string | number)[]
): Readonly<Record<string, Tree>> => {
  const found = at(tree, ...path);
  return isRecord(found) ? found : {};
};

/** The documents of a stream, without empty ones. Throws where YAML would be read in two ways. */
export function parseDocuments(text: string): readonly Tree[] {
  const documents = parseAllDocuments(text);
  const problems = documents.flatMap(({ errors }) => errors.map(({ message }) => message));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return documents.map((document): Tree => document.toJS()).filter((tree) => tree !== null);
}

/** `Kind/name`, as kubectl writes it. */
export const nameOf = (object: Tree): string =>
  `${textAt(object, 'kind')}/${textAt(object, 'metadata', 'name')}`;

export const ofKind = (objects: readonly Tree[], kind: string): readonly Tree[] =>
  objects.filter((object) => at(object, 'kind') === kind);

/** The one object of this kind and name. */
export function find(objects: readonly Tree[], kind: string, name?: string): Tree {
  const found = ofKind(objects, kind).filter(
    (object) => name === undefined || at(object, 'metadata', 'name') === name,
  );
  if (found.length !== 1) {
    throw new Error(`${found.length} of ${kind} ${name ?? ''}: ${objects.map(nameOf).join(', ')}`);
  }
  return found[0];
}

/** Everything in a tree, with the path to it. */
export function* walk(tree: Tree, path = ''): Generator<readonly [path: string, tree: Tree]> {
  yield [path, tree];
  if (Array.isArray(tree)) {
    for (const [index, inner] of tree.entries()) yield* walk(inner, `${path}[${index}]`);
  } else if (isRecord(tree)) {
    for (const [key, inner] of Object.entries(tree)) yield* walk(inner, `${path}.${key}`);
  }
}
