// Regular expressions that nobody can make run long. JavaScript's own go back and forth: against
// `(a+)+` thirty letters take minutes, and what they are held against comes from a directory in which
// people may name things. These look at each character once, whatever the pattern is.

import { type Node, parseTree } from './pattern-tree.ts';

/** Data, so that two of them can be compared; made by `parsePattern`, run by `matchesPattern`. */
export type Pattern = readonly Instruction[];

type Instruction =
  | { readonly kind: 'one'; readonly of: RegExp }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'accept' };

/** What a pattern may become; `.{1,400}` does, `(.{1,40}){40}` does not. */
const MAX_SIZE = 500;
/** Longer texts match nothing: no group and no name is that long. */
const MAX_TEXT = 256;

/**
 * For whole values, in the syntax of JavaScript with the u flag, without what looks around or back;
 * the problem for one that cannot be used.
 */
export function parsePattern(source: string): Pattern | { readonly problem: string } {
  try {
    // By itself: between brackets of ours, `a)|(b` would be one.
    new RegExp(source, 'u');
  } catch {
    return { problem: 'is not a regular expression as JavaScript has them with the u flag' };
  }
  const tree = parseTree(source);
  if (tree === undefined)
    return { problem: 'looks around or back; use characters, sets and | only' };
  if (sizeOf(tree) > MAX_SIZE) return { problem: 'repeats too much; use * or smaller numbers' };
  const instructions: Instruction[] = [];
  emit(tree, instructions);
  return [...instructions, { kind: 'accept' }];
}

/** How many instructions it becomes. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'one':
    case 'edge':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + sizeOf(item), 0);
    case 'choice':
      return node.branches.reduce((sum, branch) => sum + sizeOf(branch) + 1, 1);
    case 'repeat': {
      const copies = Number.isFinite(node.max) ? node.max : node.min + 1;
      return copies * (sizeOf(node.item) + 2);
    }
    default:
      return node satisfies never;
  }
}

function emit(node: Node, program: Instruction[]): void {
  switch (node.kind) {
    case 'one':
    case 'edge':
      program.push(node);
      return;
    case 'sequence':
      for (const item of node.items) emit(item, program);
      return;
    case 'choice':
      emitChoice(node.branches, program);
      return;
    case 'repeat':
      emitRepeat(node, program);
      return;
    default:
      node satisfies never;
  }
}

/** Written before it is known where it leads. */
function fork(program: Instruction[]): (...to: readonly number[]) => void {
  const place = program.length;
  program.push({ kind: 'fork', to: [] });
  return (...to) => {
    program[place] = { kind: 'fork', to };
  };
}

function emitChoice(branches: readonly Node[], program: Instruction[]): void {
  const enter = fork(program);
  const starts: number[] = [];
  const leaves = branches.map((branch) => {
    starts.push(program.length);
    emit(branch, program);
    return fork(program);
  });
  enter(...starts);
  for (const leave of leaves) leave(program.length);
}

function emitRepeat(
  { item, min, max }: Extract<Node, { kind: 'repeat' }>,
  program: Instruction[],
): void {
  for (let count = 0; count < min; count += 1) emit(item, program);
  const isEndless = !Number.isFinite(max);
  for (let count = min; count < (isEndless ? min + 1 : max); count += 1) {
    const place = program.length;
    const enter = fork(program);
    emit(item, program);
    if (isEndless) fork(program)(place);
    enter(place + 1, program.length);
  }
}

/** Whether all of the text matches: every way at once, each instruction once a character. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const characters = [...text];
  if (characters.length > MAX_TEXT) return false;
  let places = follow(pattern, [0], { start: true, end: characters.length === 0 });
  for (const [index, character] of characters.entries()) {
    const next = places.filter((place) => {
      const instruction = pattern[place];
      return instruction?.kind === 'one' && instruction.of.test(character);
    });
    const edges = { start: false, end: index === characters.length - 1 };
    places = follow(
      pattern,
      next.map((place) => place + 1),
      edges,
    );
  }
  return places.some((place) => pattern[place]?.kind === 'accept');
}

/** Every place from which the next character counts. */
function follow(
  pattern: Pattern,
  from: readonly number[],
  edges: { readonly start: boolean; readonly end: boolean },
): readonly number[] {
  const seen = new Set(from);
  // A set is walked with what is added to it on the way.
  for (const place of seen) {
    const instruction = pattern[place];
    if (instruction?.kind === 'fork') for (const to of instruction.to) seen.add(to);
    if (instruction?.kind === 'edge' && edges[instruction.edge]) seen.add(place + 1);
  }
  return [...seen];
}
