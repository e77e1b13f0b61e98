// Every regular expression of the program, against text that makes one backtrack.

import { describe, expect, it } from 'vitest';
import { readSources, tokens } from '../architecture/sources.ts';
import { startWork } from '../support/work.ts';

const LENGTH = 20_000;
/** More than fits into headers. Quadratic work over it takes 100 ms and more, linear work less than one. */
const LIMIT_MS = 60;

const LITERAL =
  /(?<=[=(,:!&|?[{;>]\s*|\breturn |^\s*)\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*)\/([a-z]*)/g;

type Pattern = { readonly place: string; readonly pattern: RegExp };

/** The patterns of one line, of which there have to be so many. */
function patternsOf(file: string, line: number, text: string, count: number): readonly Pattern[] {
  const found = [...text.matchAll(LITERAL)].map(([, source = '', flags]) => ({
    place: `${file}:${line}`,
    pattern: new RegExp(source, flags),
  }));
  if (found.length !== count) throw new Error(`${file}:${line}: ${found.length} of ${count} found`);
  return found;
}

function allPatterns(): readonly Pattern[] {
  return [...readSources('internal'), ...readSources('cmd')].flatMap(({ file, text }) => {
    const counts = new Map<number, number>();
    for (const { kind, line } of tokens(text)) {
      if (kind === 'regex') counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    const lines = text.split('\n');
    return [...counts].flatMap(([line, count]) =>
      patternsOf(file, line, lines[line - 1] ?? '', count),
    );
  });
}

/** Characters that mean something somewhere, those of the pattern itself among them. */
const charactersFor = ({ source }: RegExp): ReadonlySet<string> =>
  new Set([...'a0 %.-,=_/:+~;"\\\t\n\u00e9\u0001', ...source.replace(/\\[a-z]/gi, '')]);

/** Repeated throughout, and ended by what nothing matches. */
const attacksOn = (pattern: RegExp): readonly string[] =>
  [...charactersFor(pattern)].flatMap((character) => {
    const text = character.repeat(LENGTH);
    return [`${text}\u0000`, `a${text}a\u0000`];
  });

/** The least of three: the program may have been tidying up meanwhile. */
function millisecondsOf(pattern: RegExp, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < 3 && best > LIMIT_MS; count += 1) {
    const work = startWork();
    pattern.lastIndex = 0;
    pattern.test(text);
    best = Math.min(best, work());
  }
  return best;
}

const slowOf = (patterns: readonly Pattern[]): readonly string[] =>
  patterns
    .filter(({ pattern }) =>
      attacksOn(pattern).some((text) => millisecondsOf(pattern, text) > LIMIT_MS),
    )
    .map(({ place, pattern }) => `${place} ${pattern}`);

describe('regular expressions (DO-3)', () => {
  const patterns = allPatterns();

  it('read 20,000 characters of anything without going back and forth', () => {
    expect(patterns.length).toBeGreaterThan(100);
    expect(slowOf(patterns)).toEqual([]);
  });

  it('that would are found when planted', () => {
    const planted = { place: 'planted:1', pattern: /[\t ]+$/ };

    expect(slowOf([planted])).toEqual([`planted:1 ${planted.pattern}`]);
  });
});
