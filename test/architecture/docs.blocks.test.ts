// Blocks of the documentation that programs read: each is given to its parser. What the YAML of Asteroid's own
// files means is tried in test/unit/docs.examples.test.ts.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Block, blocksOf, readPages } from './pages.ts';

type Parse = (text: string) => string | undefined;

/** A shell that reads and does nothing. */
const findShellFault: Parse = (text) => {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
  return status === 0 ? undefined : stderr.trim();
};

const findJsonFault: Parse = (text) => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return String(error);
  }
};

const findYamlFault: Parse = (text) =>
  parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message))[0];

const PARSERS: Readonly<Record<string, Parse>> = {
  sh: findShellFault,
  json: findJsonFault,
  yaml: findYamlFault,
};

/** Languages that nobody here has a parser for, or that other tests compile and run. */
const OTHERS = ['', 'console', 'diff', 'html', 'ini', 'js', 'nginx', 'ruby', 'ts'];

const find = (file: string, block: Block): readonly string[] => {
  const fault = PARSERS[block.language]?.(block.text);
  return fault === undefined ? [] : [`${file}:${block.line}: ${fault}`];
};

describe('blocks', () => {
  const blocks = readPages().flatMap(({ file, text }) =>
    blocksOf(text).map((block) => ({ file, block })),
  );

  for (const language of Object.keys(PARSERS)) {
    it(`in ${language} are ${language}`, () => {
      const those = blocks.filter(({ block }) => block.language === language);

      expect(those.flatMap(({ file, block }) => find(file, block)).join('\n')).toBe('');
      expect(those.length).toBeGreaterThan(3);
    });
  }

  it('say a language that is known', () => {
    const known = [...Object.keys(PARSERS), ...OTHERS];

    expect(
      blocks.map(({ block }) => block.language).filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  for (const [language, good, bad] of [
    ['sh', 'if true; then echo a; fi\n', 'if true; then echo a\n'],
    ['json', '{ "a": 1 }\n', '{ "a": 1, }\n'],
    ['yaml', 'a: { b: c }\n', 'a: { b: c\n'],
  ] as const) {
    it(`in ${language} that are not are found when planted`, () => {
      const planted = (text: string) =>
        blocksOf(`a\n\n\`\`\`${language}\n${text}\`\`\`\n`).flatMap((block) => find('a.md', block));

      expect(planted(good)).toEqual([]);
      expect(planted(bad)).toEqual([expect.stringMatching(/^a\.md:3: ./)]);
    });
  }
});
