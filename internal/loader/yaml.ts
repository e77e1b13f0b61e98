// YAML as a configuration may use it: maps, lists and plain values of one document. Everything by
// which a file could say something else than it seems to is refused. No message repeats what stands
// in the file.

import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { type Path, printPath } from '../config/finding.ts';
import { readNode, type Source } from './nodes.ts';
import type { Problem } from './problem.ts';
import { findTextProblem } from './scan.ts';
import type { Tree } from './tree.ts';

export type ParsedYaml = {
  /** Undefined when nothing can be made of the text. */
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
};

/**
 * Every problem of the text at once, as far as one does not hide the next. `@param path` where the
 * text belongs, if not at the top.
 */
export function parseYaml(file: string, text: string, path: Path = []): ParsedYaml {
  const key = printPath(path) || 'file';
  const early = findTextProblem(text);
  if (early !== undefined) return { tree: undefined, problems: [{ file, key, ...early }] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    // With it, messages would show the lines around a mistake: secrets too.
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    resolveKnownTags: false,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const problems = [...document.errors, ...document.warnings].map(
    ({ code, pos }): Problem => ({
      file,
      line: lineAt(pos[0]),
      key,
      problem: explain(code),
    }),
  );
  if (/^%/m.test(text.slice(0, document.range[0]))) {
    problems.push({ file, line: 1, key, problem: 'has a % directive; remove it' });
  }
  if (problems.length > 0) return { tree: undefined, problems };
  const source: Source = { file, lineAt, problems };
  const { contents } = document;
  const tree: Tree =
    contents === null
      ? { kind: 'scalar', value: null, file, line: 1 }
      : readNode(source, contents, path);
  return { tree, problems };
}

/** By the code of the error: its message may hold parts of the file. */
const EXPLANATIONS: ReadonlyMap<YAMLError['code'], string> = new Map([
  ['BAD_INDENT', 'is indented in a way that fits nothing above it; align it'],
  ['MULTIPLE_DOCS', 'holds more than one document; remove what comes after the first'],
  ['TAB_AS_INDENT', 'has a tab in it; use blanks'],
  ['MISSING_CHAR', 'lacks a closing quote, bracket, comma or colon'],
  ['BAD_SCALAR_START', 'has a value that begins with a special character; put it in quotes'],
  ['BAD_DQ_ESCAPE', 'has an unknown escape in double quotes; use single quotes'],
  ['BAD_ALIAS', 'has a value that begins with *; put it in quotes'],
  ['BLOCK_AS_IMPLICIT_KEY', 'has a second key in one line; put values with ": " in quotes'],
  ['MULTILINE_IMPLICIT_KEY', 'has a line that is neither a key nor an entry of a list'],
  ['BAD_DIRECTIVE', 'has a % directive; remove it'],
  ['TAG_RESOLVE_FAILED', 'has a tag, as in !name; remove it, or put the value in quotes'],
  ['UNEXPECTED_TOKEN', 'has something that does not belong there; check quotes and brackets'],
]);

const explain = (code: YAMLError['code']): string =>
  EXPLANATIONS.get(code) ?? 'is not YAML; check indentation, quotes and brackets';
