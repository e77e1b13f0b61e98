import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printProblem } from '../../internal/loader/problem.ts';
import { decodeText, findTextProblem } from '../../internal/loader/scan.ts';
import { toValue } from '../../internal/loader/tree.ts';
import { parseYaml } from '../../internal/loader/yaml.ts';
import { createFolder, problemsOf } from './loader.fixture.ts';

const problemsIn = (text: string): readonly string[] =>
  parseYaml('f.yaml', text).problems.map(printProblem);

const plainOf = (text: string): unknown => {
  const { tree } = parseYaml('f.yaml', text);
  return tree === undefined ? undefined : JSON.parse(JSON.stringify(toValue(tree)));
};

describe('YAML: what could say something else than it seems to (CF-1)', () => {
  const cases: readonly { readonly name: string; readonly text: string; readonly line: string }[] =
    [
      {
        name: 'a duplicate key',
        text: 'a: 1\nb: 2\na: 3',
        line: '3: a: stands in line 1 already; remove one',
      },
      {
        name: 'a duplicate key inside',
        text: 'a:\n  b: 1\n  b: 2',
        line: '3: a.b: stands in line 2 already; remove one',
      },
      { name: 'an anchor', text: 'a: &x 1', line: '1: a: has an anchor, as in &name; remove it' },
      {
        name: 'an alias',
        text: 'a: *x',
        line: '1: a: is a reference to an anchor; write the value itself',
      },
      {
        name: 'a merge key',
        text: 'a:\n  <<: { b: 1 }',
        line: '2: a.…: is a merge key; write the keys themselves',
      },
      {
        name: 'a tag of its own',
        text: 'a: !foo x',
        line: '1: file: has a tag, as in !name; remove it, or put the value in quotes',
      },
      {
        name: '!!binary',
        text: 'a: !!binary aGk=',
        line: '1: file: has a tag, as in !name; remove it, or put the value in quotes',
      },
      {
        name: '!!str',
        text: 'a: !!str 12',
        line: '1: a: has a tag, as in !name; remove it, or put the value in quotes',
      },
      {
        name: 'a second document',
        text: 'a: 1\n---\nb: 2',
        line: '2: file: holds more than one document; remove what comes after the first',
      },
      {
        name: 'a %YAML directive',
        text: '%YAML 1.1\n---\na: yes',
        line: '1: file: has a % directive; remove it',
      },
      {
        name: 'a tab',
        text: 'a:\n\tb: 1',
        line: '2: file: has a tab in it; use blanks, and \\t inside double quotes',
      },
      {
        name: 'NUL',
        text: 'a: 1\nb: "\u0000"',
        line: '2: file: has a control character in it; remove it',
      },
      {
        name: 'a lone carriage return',
        text: 'a: 1\rb: 2\n',
        line: '1: file: has a carriage return without a line feed; end lines with line feeds',
      },
      {
        name: 'a key that is no text',
        text: '1: x',
        line: '1: 1: has to be text; put it in quotes',
      },
      {
        name: 'a key that is a map',
        text: '? { a: 1 }\n: 2',
        line: '1: file: has a key that is not a word',
      },
      {
        name: 'the key __proto__',
        text: 'a:\n  __proto__: { polluted: true }',
        line: '2: a.__proto__: is a name that cannot be used; rename it',
      },
      {
        name: 'an unclosed quote',
        text: 'a: 1\nb: "x',
        line: '2: file: lacks a closing quote, bracket, comma or colon',
      },
      {
        name: 'two keys in one line',
        text: 'a: b: c',
        line: '1: file: has a second key in one line; put values with ": " in quotes',
      },
      {
        name: 'a bare @',
        text: 'a: @x',
        line: '1: file: has a value that begins with a special character; put it in quotes',
      },
      {
        name: 'a bare *',
        text: 'peers: [*]',
        line: '1: file: has a value that begins with *; put it in quotes',
      },
      {
        name: 'wrong indentation',
        text: 'a:\n    b: 1\n  c: 2',
        line: '3: file: is indented in a way that fits nothing above it; align it',
      },
    ];
  for (const { name, text, line } of cases) {
    it(`refuses ${name} with its line`, () => {
      expect(problemsIn(text)[0]).toBe(`f.yaml:${line}`);
    });
  }

  for (const text of [
    '0123',
    '1e3',
    '0x1F',
    '0o17',
    '1.50',
    '+5',
    '.inf',
    '99999999999999999999',
  ]) {
    it(`refuses the number ${text}, which YAML reads otherwise than it is written (CF-2)`, () => {
      expect(problemsIn(`id: ${text}`)).toEqual([
        'f.yaml:1: id: is a number that YAML reads in another way than it is written; put it in quotes',
      ]);
      expect(plainOf(`id: "${text}"`)).toEqual({ id: text });
    });
  }

  it('reports every such thing of a file at once', () => {
    expect(
      problemsIn('a: 0123\na: 1\nb: &x [!!str 2]\n').map((line) => line.split(':')[1]),
    ).toEqual(['1', '2', '3', '3']);
  });

  it('reads what configurations are made of', () => {
    const text =
      '\n# c\na: text # c\nb: [1, -2.5, true, null, ~]\r\nc: { d: "x\\ty", e: 2020-01-01, f: yes }\n';

    expect(plainOf(text)).toEqual({
      a: 'text',
      b: [1, -2.5, true, null, null],
      c: { d: 'x\ty', e: '2020-01-01', f: 'yes' },
    });
  });

  it('never repeats what stands in a broken file, since secrets do', () => {
    fc.assert(
      fc.property(fc.constantFrom('"', '}', ']', ': x', '- ', "'", '&', '*', '!', '? '), (junk) => {
        const text = `clients:\n  - client_secret: s3cr3t-s3cr3t ${junk}\n    ${junk}s3cr3t\n`;
        expect(problemsIn(text).join('\n')).not.toContain('s3cr3t');
      }),
    );
  });
});

describe('YAML: nesting and size (CF-1)', () => {
  for (const { name, text } of [
    { name: 'flow lists', text: `a: ${'['.repeat(100_000)}` },
    { name: 'closed flow lists', text: `a: ${'['.repeat(300)}${']'.repeat(300)}` },
    { name: 'flow lists over many lines', text: 'a: [\n'.concat('[\n'.repeat(1000)) },
    { name: 'block lists in one line', text: '- '.repeat(200_000) },
    { name: 'explicit keys in one line', text: '? '.repeat(200_000) },
  ]) {
    it(`refuses ${name} nested without end before parsing them`, () => {
      expect(problemsIn(text)).toEqual([
        expect.stringMatching(/^f\.yaml:\d+: file: is nested too deeply; /),
      ]);
    });
  }

  it('accepts the nesting that people write', () => {
    expect(plainOf('a: [[[{ b: [1] }]]]')).toEqual({ a: [[[{ b: [1] }]]] });
  });

  it('refuses more than 1 MiB and accepts 1 MiB', () => {
    const size = 1024 * 1024;

    expect(decodeText(Buffer.alloc(size + 1, 0x20))).toMatchObject({ line: 1 });
    expect(decodeText(Buffer.alloc(size, 0x20))).toHaveLength(size);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { tree, problems } = parseYaml('f.yaml', text);
        expect(tree !== undefined || problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('YAML: bytes', () => {
  it('names the line of a byte that is not UTF-8', () => {
    expect(decodeText(Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x0a]))).toEqual({
      line: 2,
      problem: 'is not UTF-8; save it as UTF-8',
    });
  });

  it('reads over a byte order mark', () => {
    expect(decodeText(Buffer.from('\ufeffa: 1'))).toBe('a: 1');
  });

  it('finds nothing wrong with letters of any script', () => {
    expect(findTextProblem('name: Zoë 王 🚀\n')).toBeUndefined();
  });

  it('refuses UTF-16 in a file with its name', async () => {
    const folder = await createFolder({
      'clients.yaml': Buffer.from('\ufeffclients: []', 'utf16le'),
    });

    expect(await problemsOf(folder)).toEqual([
      'clients.yaml:1: file: is not UTF-8; save it as UTF-8',
    ]);
  });
});
