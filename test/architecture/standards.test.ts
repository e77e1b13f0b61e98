import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readSources, type Source } from './sources.ts';

const PAGE = 'docs/standards.md';
const VULNERABILITIES = 'docs/vulnerabilities.md';

const LEAST_ROWS = 140;

/** The name of a check, wherever it stands. */
const CHECK =
  /(?<![\w-])(?:(?:G|UP|DI|JW|DP|DG|DA|RG|AZ|RU|CO|TK|AC|RT|CC|TX|JB|CA|TC|UI|IN|RV|CF|DO|PA|RR|JR|LO|CK|PF|X|F)-\d{1,2}|T\d{2}|O\d{1,2}|N\d)(?![\w-])/g;

/** What suites and cases are called, in any quotes. */
const NAME =
  /\b(?:describe|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** The names of all suites and cases of a test file, one a line. */
const namesIn = (text: string): string =>
  [...text.matchAll(NAME)]
    .map(([, single, double, template]) => single ?? double ?? template)
    .join('\n');

const checksIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(CHECK)].map(([check]) => check)),
];

type Row = {
  readonly check: string;
  readonly standards: readonly string[];
  readonly holds: string;
  readonly code: readonly string[];
  readonly tests: readonly string[];
};

const cellsOf = (line: string): readonly string[] => line.slice(2, -2).split(' | ');
const listOf = (cell: string | undefined): readonly string[] => cell?.split(', ') ?? [];

/** The rows whose first cell is a check. */
const rowsOf = (page: string): readonly Row[] =>
  page
    .split('\n')
    .filter((line) => /^\| \w+-?\d+ \|/.test(line))
    .map(cellsOf)
    .map(([check = '', standards, holds = '', code, tests]) => ({
      check,
      standards: listOf(standards),
      holds,
      code: listOf(code),
      tests: listOf(tests),
    }));

/** The rows whose first cell names conformance modules. */
const modulesOf = (page: string) =>
  page
    .split('\n')
    .filter((line) => /^\| (?:oidcc|fapi2)-/.test(line))
    .map(cellsOf)
    .map(([name = '', , tests = '']) => ({ name, tests }));

/** The rows below the heads of the tables. */
const vulnerabilitiesOf = (page: string) =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| ') && line !== '| where | what went wrong | checks |')
    .map(cellsOf);

// The name as the text that it is called by: a longer name is another module.
const runs = (text: string | undefined, name: string): boolean =>
  text !== undefined && new RegExp(`['\`]${name}[':]`).test(text);

type Project = {
  readonly page: string;
  /** The page of vulnerabilities. */
  readonly vulnerabilities: string;
  /** Test files, by their path from the root. */
  readonly tests: readonly Source[];
  readonly exists: (file: string) => boolean;
};

const codePath = (file: string): string => (file.includes('/') ? `internal/${file}` : file);

/** Everything that is not so, one sentence each. */
function findProblems({ page, vulnerabilities, tests, exists }: Project): readonly string[] {
  const rows = rowsOf(page);
  const checks = new Set(rows.map(({ check }) => check));
  const texts = new Map(tests.map(({ file, text }) => [file.replace(/^test\//, ''), text]));
  const links = [...page.matchAll(/^\| \[([^\]]+)\]\(https:/gm)].map(([, name = '']) => name);
  return [
    ...rows.filter(({ holds }) => holds === '').map(({ check }) => `${check} says nothing`),
    ...rows
      .filter(({ check }, index) => rows.findIndex((row) => row.check === check) !== index)
      .map(({ check }) => `${check} is there twice`),
    ...rows.flatMap(({ check, standards }) =>
      standards
        .filter((name) => name !== '–' && !/^(?:§|Appendix |[A-Z](?:\.\d+)?$)/.test(name))
        .filter((name) => !links.some((link) => name.startsWith(link)))
        .map((name) => `${check}: ${name} has no link`),
    ),
    ...rows.flatMap(({ check, code }) =>
      code.filter((file) => !exists(codePath(file))).map((file) => `${check}: no file ${file}`),
    ),
    ...rows.flatMap(({ check, tests: named }) =>
      named
        .filter((file) => !checksIn(namesIn(texts.get(file) ?? '')).includes(check))
        .map((file) => `${check}: no suite or case of ${file} is named after it`),
    ),
    ...tests.flatMap(({ file, text }) =>
      checksIn(namesIn(text))
        .filter((check) => !checks.has(check))
        .map((check) => `${check} of ${file} has no row`),
    ),
    ...rows.flatMap(({ check, tests: named }) =>
      [...texts]
        .filter(([file, text]) => !named.includes(file) && checksIn(namesIn(text)).includes(check))
        .map(([file]) => `${check}: ${file} is missing`),
    ),
    ...links
      .filter((name, index) => links.indexOf(name) !== index)
      .map((name) => `${name} is there twice`),
    ...checksIn(vulnerabilities)
      .filter((check) => !checks.has(check))
      .map((check) => `${check} of ${VULNERABILITIES} has no row`),
    ...vulnerabilitiesOf(vulnerabilities)
      .filter(([, , named = '']) => checksIn(named).join(', ') !== named)
      .map(([where]) => `${where} names no checks`),
    ...modulesOf(page)
      .filter(({ name, tests: file }) => !runs(texts.get(file), name))
      .map(({ name, tests: file }) => `${name} is not in ${file}`),
    ...modulesOf(page)
      .filter(({ name }) => !/^[\w-]+$/.test(name))
      .map(({ name }) => `${name} is no name of one module`),
  ];
}

const textOf = (page: string): string =>
  readSources('docs', '.md').find(({ file }) => file === page)?.text ?? '';

const project: Project = {
  page: textOf(PAGE),
  vulnerabilities: textOf(VULNERABILITIES),
  tests: readSources('test', '.test.ts').filter(
    ({ file }) => !file.startsWith('test/architecture/'),
  ),
  exists: (file) => existsSync(path.join(ROOT, file)),
};

describe('docs/standards.md', () => {
  it('maps every check to code and tests that exist, and every test to its check', () => {
    expect(findProblems(project).join('\n')).toBe('');
  });

  it('has as many rows as there are checks to keep', () => {
    expect(rowsOf(project.page).length).toBeGreaterThanOrEqual(LEAST_ROWS);
    expect(modulesOf(project.page).length).toBeGreaterThanOrEqual(30);
    expect(vulnerabilitiesOf(project.vulnerabilities).length).toBeGreaterThanOrEqual(85);
  });

  it('says what is stricter, looser and not offered', () => {
    expect(project.page).toContain('\n## Stricter and looser than the standards\n');
    expect(project.page).toContain('\n## Not offered\n');
    expect(
      checksIn(project.page).filter((check) =>
        rowsOf(project.page).every((row) => row.check !== check),
      ),
    ).toEqual([]);
  });
});

describe('the checker of docs/standards.md', () => {
  const LINK = '| [RFC 1](https://example.com) | A standard |';
  const ROW = '| AZ-1 | RFC 1 §2, §3 | It holds | oidc/a.ts, Dockerfile | unit/a.test.ts |';
  const MODULE = '| oidcc-server | success | unit/a.test.ts |';
  const VULNERABILITY = '| Somebody CVE-2020-1 | It did not hold | AZ-1 |';
  const TEST = "describe('a thing (RFC 1 §2; AZ-1)', () => { it('oidcc-server: is', f); });";
  const honest: Project = {
    page: [LINK, ROW, MODULE].join('\n'),
    vulnerabilities: VULNERABILITY,
    tests: [{ file: 'test/unit/a.test.ts', text: TEST }],
    exists: (file) => file === 'internal/oidc/a.ts' || file === 'Dockerfile',
  };
  const withRow = (row: string): Project => ({ ...honest, page: [LINK, row, MODULE].join('\n') });
  const withTest = (text: string, file = 'test/unit/a.test.ts'): Project => ({
    ...honest,
    tests: [...honest.tests.filter((test) => test.file !== file), { file, text }],
  });

  it('has nothing to say against an honest page', () => {
    expect(findProblems(honest)).toEqual([]);
    expect(rowsOf(honest.page)).toHaveLength(1);
  });

  for (const [what, planted, problem] of [
    ['a code file that is gone', withRow(ROW.replace('a.ts,', 'b.ts,')), 'AZ-1: no file oidc/b.ts'],
    ['a root file that is gone', withRow(ROW.replace('Dockerfile', 'X')), 'AZ-1: no file X'],
    [
      'a test file that is gone',
      withRow(ROW.replace('unit/a', 'unit/a.test.ts, unit/b')),
      'AZ-1: no suite or case of unit/b.test.ts is named after it',
    ],
    [
      'a suite that lost its check',
      withTest(TEST.replace('; AZ-1', '')),
      'AZ-1: no suite or case of unit/a.test.ts is named after it',
    ],
    [
      'a check that stands in a comment only',
      withTest(`${TEST.replace('; AZ-1', '')} // AZ-1`),
      'AZ-1: no suite or case of unit/a.test.ts is named after it',
    ],
    [
      'a check that is part of another',
      withTest(TEST.replace('AZ-1', 'AZ-12')),
      'AZ-12 of test/unit/a.test.ts has no row',
    ],
    [
      'a case whose check has no row',
      withTest(TEST.replace("'oidcc-server: is'", '`oidcc-server: is (T07)`')),
      'T07 of test/unit/a.test.ts has no row',
    ],
    [
      'a test that the row leaves out',
      withTest(TEST, 'test/http/b.test.ts'),
      'AZ-1: http/b.test.ts is missing',
    ],
    ['a row that is there twice', withRow(`${ROW}\n${ROW}`), 'AZ-1 is there twice'],
    ['a row that says nothing', withRow(ROW.replace('It holds', '')), 'AZ-1 says nothing'],
    [
      'a standard without a link',
      withRow(ROW.replace('RFC 1 §2', 'RFC 2 §2')),
      'AZ-1: RFC 2 §2 has no link',
    ],
    [
      'a standard that is there twice',
      { ...honest, page: [LINK, LINK, ROW, MODULE].join('\n') },
      'RFC 1 is there twice',
    ],
    [
      'a vulnerability whose check has no row',
      { ...honest, vulnerabilities: VULNERABILITY.replace('AZ-1', 'AZ-1, AZ-2') },
      `AZ-2 of ${VULNERABILITIES} has no row`,
    ],
    [
      'a vulnerability that no check would notice',
      { ...honest, vulnerabilities: VULNERABILITY.replace('AZ-1', '–') },
      'Somebody CVE-2020-1 names no checks',
    ],
    [
      'a module that no test runs',
      withTest(TEST.replace('oidcc-server', 'x')),
      'oidcc-server is not in unit/a.test.ts',
    ],
    [
      'a module whose name is the beginning of another’s',
      withTest(TEST.replace('oidcc-server', 'oidcc-server-rotate-keys')),
      'oidcc-server is not in unit/a.test.ts',
    ],
    [
      'two modules in one row',
      { ...honest, page: [LINK, ROW, MODULE.replace('server', 'server, -other')].join('\n') },
      'oidcc-server, -other is no name of one module',
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      expect(findProblems(planted)).toContain(problem);
    });
  }
});
