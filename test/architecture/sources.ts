// Reads source text the way a compiler would see its imports: no comment counts, and every form
// does. Own code because no published tool reads TypeScript 7 yet, and one of them still says "no
// violations".

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** One source file; `file` is relative to the root, with forward slashes. */
export type Source = { readonly file: string; readonly text: string };

/** Every file below a folder of the project whose name ends so. */
export function readSources(folder: string, ending = '.ts'): readonly Source[] {
  const found = readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((name) => !name.includes(`${path.sep}node_modules${path.sep}`));
  return found.sort().map((name) => ({
    file: path.relative(ROOT, name).split(path.sep).join('/'),
    text: readFileSync(name, 'utf8'),
  }));
}

/** What `import` names: a literal, or undefined when only running the program would tell. */
export type Import = {
  readonly specifier: string | undefined;
  readonly line: number;
  /** `erased` is `import type`, which is gone at run time; `dynamic` is `import('…')`. */
  readonly kind: 'static' | 'erased' | 'dynamic';
};

export type Token = {
  readonly kind: 'string' | 'regex' | 'word' | 'sign';
  readonly text: string;
  readonly line: number;
};

// In this order: comments, strings, template texts without a hole, words, and any other sign.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\$]|\$(?!\{))*`|[\p{ID_Start}$_][\p{ID_Continue}$]*|\S/gu;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;

// From a backtick, or from the end of a hole, to the next hole or the end.
const TEMPLATE = /(?:\\[\s\S]|[^`\\$]|\$(?!\{))*(?:\$\{|`|$)/y;

/** Every string, word and sign in order; comments, and what templates say, are gone. */
export function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  const holes: number[] = [];
  let line = 1;
  let counted = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [token] = match;
    line += text.slice(counted, match.index).split('\n').length - 1;
    counted = match.index;
    if (/^\/[/*]/.test(token)) continue;
    const regex = beginsRegex(token, found.at(-1)) ? matchAt(REGEX, text, match.index) : '';
    const template = endsHole(token, holes) ? matchAt(TEMPLATE, text, match.index + 1) : '';
    if (template.endsWith('${')) holes.push(0);
    TOKEN.lastIndex = match.index + Math.max(token.length + template.length, regex.length);
    const kind = regex === '' ? kindOf(token) : 'regex';
    found.push({ kind, text: token, line });
  }
  return found;
}

/** Whether what follows is a template's text; `holes` counts the open braces of each hole. */
function endsHole(token: string, holes: number[]): boolean {
  const depth = holes.pop();
  if (token === '}' && depth === 0) return true;
  if (depth !== undefined) {
    holes.push(depth + (token === '{' ? 1 : 0) - (token === '}' ? 1 : 0));
  }
  return token === '`';
}

// A slash divides after a value, and begins a pattern anywhere else.
const beginsRegex = (token: string, before: Token | undefined): boolean =>
  token === '/' &&
  (before === undefined ||
    (before.kind === 'sign' && !/[)\]}]/.test(before.text)) ||
    /^(?:return|typeof|case|in|of|await|yield)$/.test(before.text));

function matchAt(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? '';
}

function kindOf(token: string): Token['kind'] {
  if (token.length > 1 && /^['"`]/.test(token)) return 'string';
  return /^[\p{ID_Start}$_]/u.test(token) ? 'word' : 'sign';
}

/** Static, dynamic and type-only imports, re-exports and `require`, in any quotes. */
export function importsOf(text: string): readonly Import[] {
  const all = tokens(text);
  const found: Import[] = [];
  for (const [index, token] of all.entries()) {
    if (token.kind !== 'word' || all[index - 1]?.text === '.') continue;
    const next = all[index + 1];
    if (/^(?:import|require)$/.test(token.text) && next?.text === '(') {
      const whole = /^[),]$/.test(all[index + 3]?.text ?? '');
      const specifier = whole ? literal(all[index + 2]) : undefined;
      found.push({ specifier, line: token.line, kind: 'dynamic' });
    } else if (/^(?:import|from)$/.test(token.text) && next?.kind === 'string') {
      found.push({ specifier: literal(next), line: token.line, kind: kindOfStatic(all, index) });
    }
  }
  return found;
}

// From `from` back to the `import` or `export` that it belongs to.
function kindOfStatic(all: readonly Token[], index: number): Import['kind'] {
  const start = all.slice(0, index).findLastIndex(({ text }) => /^(?:import|export)$/.test(text));
  const isType =
    all[start + 1]?.text === 'type' && !/^(?:from|,)$/.test(all[start + 2]?.text ?? '');
  return start >= 0 && isType ? 'erased' : 'static';
}

/** What a string token says; its escapes are left as they are. */
export const literal = (token: Token | undefined): string | undefined =>
  token?.kind === 'string' ? token.text.slice(1, -1) : undefined;
