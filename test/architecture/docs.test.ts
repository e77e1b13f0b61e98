import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LAYERS } from './layers.ts';
import { findReasons, withComposed } from './reasons.ts';
import { ROOT, readSources } from './sources.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('README', () => {
  it('is shorter than 150 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(150);
  });

  it('names the two commands', () => {
    expect(read('README.md')).toContain('make run');
    expect(read('README.md')).toContain('make test');
  });
});

describe('CHANGELOG', () => {
  it('has a section for what is not released', () => {
    expect(read('CHANGELOG.md')).toContain('## [Unreleased]');
  });
});

/** First cells of the tables of a page, without their backquotes. */
const rowsOf = (page: string): readonly string[] =>
  [...page.matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, word = '']) => word);

describe('docs/architecture.md', () => {
  it('has the rows of the import table', () => {
    const [table = ''] = read('docs/architecture.md').split('## Three kinds');

    expect([...rowsOf(table)].sort()).toEqual(Object.keys(LAYERS).sort());
  });

  it('names every package that the import table allows', () => {
    const text = read('docs/architecture.md');
    const missing = Object.entries(LAYERS).flatMap(([folder, { packages }]) => {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${folder}\` |`)) ?? '';
      return Object.keys(packages).filter((name) => !row.includes(name));
    });

    expect(missing).toEqual([]);
  });
});

describe('docs/dependencies.md', () => {
  it('has a line for every package of package.json, and for no other', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const lines = [...read('docs/dependencies.md').matchAll(/^\| ([@\w/., -]+) \|/gm)]
      .flatMap(([, names = '']) => names.split(', '))
      .filter((name) => name !== 'package');

    expect(lines.sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });
});

describe('docs/errors.md', () => {
  const used = withComposed(findReasons(readSources('internal')));

  it('explains every reason that is used', () => {
    const rows = rowsOf(read('docs/errors.md'));
    const missing = used.filter((word) => !rows.includes(word));

    expect(missing.map((word) => `| \`${word}\` | … |`).join('\n'), 'rows to add').toBe('');
  });

  it('explains no reason that is not used', () => {
    const rows = rowsOf(read('docs/errors.md'));

    expect(rows.filter((word) => !used.includes(word)).join('\n'), 'rows to remove').toBe('');
  });

  /** Parts with a table whose reader is not told what to do before it. */
  const silent = (text: string): readonly string[] =>
    text
      .split(/^## /m)
      .slice(1)
      .filter((part) => !/^\*\*What to do\*\*: /m.test(part.split('\n|')[0] ?? ''))
      .map((part) => part.split('\n')[0] ?? '');

  it('says what to do about each part', () => {
    expect(silent(read('docs/errors.md'))).toEqual([]);
    expect(silent('# A\n\n## B\n\n**What to do**: c\n\n| d |\n\n## E\n\n| f |\n')).toEqual(['E']);
  });

  it('explains nothing twice', () => {
    const rows = rowsOf(read('docs/errors.md'));

    expect(rows.filter((word, index) => rows.indexOf(word) !== index)).toEqual([]);
  });

  const WAYS: readonly (readonly [string, string, readonly string[]])[] = [
    ['an option', `f({ reason: 'a_b', x: 'c' });`, ['a_b']],
    ['a choice', `g({ reason: d ? 'e' : "f" });`, ['e', 'f']],
    ['a type', `type G = { readonly reason: 'h' | 'i'; };`, ['h', 'i']],
    ['a named union', `type Fault = 'j' | 'k'; type Other = 'l';`, ['j', 'k']],
    ['an argument', `const no = (a: number, reason: string) => a; no(f(1, 'x'), 'm');`, ['m']],
    ['a constructor', `class N { constructor(reason: string) {} } new N('o');`, ['o']],
  ];
  for (const [way, text, expected] of WAYS) {
    it(`is held against what ${way} says`, () => {
      expect(findReasons([{ file: 'internal/x.ts', text }])).toEqual(expected);
    });
  }
});
