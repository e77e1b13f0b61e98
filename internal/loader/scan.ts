// What is refused before a YAML parser sees it: bytes that are not text, and nesting so deep that
// parsing it would end the process.

import type { Place } from './tree.ts';

export const MAX_BYTES = 1024 * 1024;

const MAX_DEPTH = 50;
const MAX_INDENT = 200;

export type TextProblem = { readonly line: Place['line']; readonly problem: string };

/** Strict UTF-8, without a byte order mark; or the problem. */
export function decodeText(bytes: Uint8Array): string | TextProblem {
  if (bytes.length > MAX_BYTES) {
    return { line: 1, problem: 'is larger than 1 MiB; nothing of this kind is meant to be' };
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { line: lineOfBadByte(bytes), problem: 'is not UTF-8; save it as UTF-8' };
  }
}

function lineOfBadByte(bytes: Uint8Array): number {
  const good = new TextDecoder('utf-8').decode(bytes).split('\ufffd', 1)[0] ?? '';
  return good.split('\n').length;
}

/** The first thing in a text that no configuration needs; undefined for what may be parsed. */
export function findTextProblem(text: string): TextProblem | undefined {
  let depth = 0;
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    depth = Math.max(0, depth + count(line, /[[{]/g) - count(line, /[\]}]/g));
    const problem = findLineProblem(line, depth);
    if (problem !== undefined) return { line: index + 1, problem };
  }
  return undefined;
}

function findLineProblem(line: string, depth: number): string | undefined {
  if (line.includes('\t')) return 'has a tab in it; use blanks, and \\t inside double quotes';
  if (line.includes('\r'))
    return 'has a carriage return without a line feed; end lines with line feeds';
  if (/\p{Cc}/u.test(line)) return 'has a control character in it; remove it';
  // Counted without regard to quotes: what is meant as text does not come near the limit.
  if (depth + count(line, /[[{]/g) > MAX_DEPTH) return 'is nested too deeply; use fewer brackets';
  const [start = ''] = /^(?: |[-?:] )*/.exec(line) ?? [];
  return start.length > MAX_INDENT ? 'is nested too deeply; use fewer levels' : undefined;
}

const count = (line: string, pattern: RegExp): number => line.match(pattern)?.length ?? 0;
