// Names that the documentation says in code: options, variables, commands, words for make, files. Each of
// them is what somebody types at night, so it has to be one.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsIn, findCommandFault, readCommands } from './commands.ts';
import { findOptionFault, readVariables } from './options.ts';
import { blocksOf, readPages, spansOf } from './pages.ts';
import { ROOT, readSources, type Source } from './sources.ts';

const pages = readPages().filter(({ file }) => file !== 'CHANGELOG.md');

type Find = (text: string) => readonly string[];

const faultsOf = (find: Find, sources: readonly Source[] = pages): string =>
  sources.flatMap(({ file, text }) => find(text).map((fault) => `${file}: ${fault}`)).join('\n');

/** Blocks that are for a shell; those without a language are, where a line begins as one for it does. */
const shellOf = (text: string): string =>
  blocksOf(text)
    .filter(({ language }) => ['sh', 'console', ''].includes(language))
    .map((block) => block.text.replaceAll(/ *\\\n */g, ' '))
    .join('\n');

const lacking = (names: readonly string[], known: (name: string) => boolean): readonly string[] =>
  [...new Set(names)].filter((name) => !known(name));

describe('names of options', () => {
  const find: Find = (text) => spansOf(text).flatMap((span) => findOptionFault(span) ?? []);

  it('are those of asteroid.yaml', () => {
    // Faults are dotted words that begin as endpoints do, one of which is called as a section is.
    const others = pages.filter(({ file }) => file !== 'docs/faults.md');

    expect(faultsOf(find, others)).toBe('');
  });

  it('that there are not are found when planted', () => {
    expect(find('`lifetimes.acess_token`, `store.redis.urls`, `keys`')).toHaveLength(2);
    expect(
      find('`lifetimes.access_token`, `token_issuers.<name>.subjects`, `key.created`'),
    ).toEqual([]);
  });
});

describe('variables', () => {
  const variables = readVariables();
  const find: Find = (text) =>
    lacking(
      text.match(/\bASTEROID_[A-Z_]*[A-Z](?![A-Z_<*])/g) ?? [],
      (name) => variables.has(name) || name.startsWith('ASTEROID_CLIENT_SECRET_'),
    );

  it('are read by somebody', () => {
    expect(faultsOf(find)).toBe('');
  });

  it('that nobody reads are found when planted', () => {
    expect(find('`ASTEROID_LIFETIMES_ACESS_TOKEN`, `ASTEROID_ISSUER=x`')).toHaveLength(1);
  });
});

describe('commands', () => {
  const commands = readCommands();
  const find: Find = (text) =>
    [...commandsIn(shellOf(text)), ...spansOf(text).flatMap(commandsIn)].flatMap(
      (words) => findCommandFault(commands, words) ?? [],
    );

  it('are those of the program, with options that they have', () => {
    expect(faultsOf(find)).toBe('');
  });

  it('are found, in number', () => {
    expect(pages.flatMap(({ text }) => commandsIn(shellOf(text))).length).toBeGreaterThan(30);
  });

  it('that there are not are found when planted', () => {
    expect(find('`asteroid keys rotat --dir keys`, `asteroid sevre`')).toHaveLength(2);
    expect(find('```sh\nnode dist/asteroid.js serve --confg a.yaml | cat -n\n```\n')).toHaveLength(
      1,
    );
    expect(find('```sh\nasteroid keys rotate --dir keys \\\n  --publish 10m\n```\n')).toHaveLength(
      1,
    );
    expect(find('`asteroid keys rotate --dir keys`, `asteroid dev`')).toEqual([]);
  });
});

describe('words for make', () => {
  const makefile = readFileSync(path.join(ROOT, 'Makefile'), 'utf8');
  const targets = [...makefile.matchAll(/^([a-z0-9-]+):/gm)].map(([, target = '']) => target);
  const find: Find = (text) => {
    const code = `${shellOf(text)}\n${spansOf(text).join('\n')}`;
    const words = [...code.matchAll(/^(?:\$ )?(?:[A-Z_]+=\S+ )*make ([a-z0-9-]+)/gm)];
    return lacking(
      words.map(([, word = '']) => word),
      (word) => targets.includes(word),
    );
  };

  it('are in the Makefile', () => {
    expect(faultsOf(find)).toBe('');
  });

  it('that are not are found when planted', () => {
    expect(find('`make tset` and `IMAGE=a make imag`, `make test`')).toEqual(['tset', 'imag']);
  });
});

describe('files', () => {
  const roots = 'cmd|internal|test|deploy|docs|config|examples|build|[.]ci';
  const pattern = new RegExp(`^(?:${roots})/[\\w./@-]*$`);
  /** Written by a run, and by nobody kept. */
  const WRITTEN = ['test/e2e/.output', 'test/faults/.histories/'];
  const isThere = (file: string): boolean =>
    existsSync(path.join(ROOT, file)) ||
    existsSync(path.join(ROOT, 'internal', file)) ||
    WRITTEN.includes(file);
  const find: Find = (text) =>
    lacking(
      spansOf(text).filter((span) => pattern.test(span)),
      isThere,
    );

  it('are there', () => {
    expect(faultsOf(find)).toBe('');
  });

  it('that are not are found when planted', () => {
    expect(find('`test/no-such/`, `deploy/nginx`, `test/e2e/<x>.ts`')).toEqual(['test/no-such/']);
  });

  it('of the documentation itself are named as they are', () => {
    const names = readSources('docs', '.md').map(({ file }) => path.posix.basename(file));
    const named: Find = (text) =>
      lacking(
        spansOf(text).filter((span) => /^[a-z-]+[.]md$/.test(span)),
        (name) => names.includes(name),
      );

    expect(faultsOf(named)).toBe('');
    expect(named('`no-such.md`')).toEqual(['no-such.md']);
  });
});

describe('checks', () => {
  const rows = readFileSync(path.join(ROOT, 'docs/standards.md'), 'utf8');
  const find: Find = (text) =>
    lacking(text.match(/\b(?:[A-Z]{1,2}-\d+|[TO]\d+|N\d)\b/g) ?? [], (id) =>
      rows.includes(`\n| ${id} |`),
    );

  it('that the threat model names have a row in docs/standards.md', () => {
    const model = readFileSync(path.join(ROOT, 'docs/threat-model.md'), 'utf8');

    expect(find(model)).toEqual([]);
    expect(model.match(/\bT\d\d\b/g)?.length).toBeGreaterThan(10);
  });

  it('that there are not are found when planted', () => {
    expect(find('T01, T99, AC-1, AC-99, N1, SHA-256')).toEqual(['T99', 'AC-99']);
  });
});

describe('alerts, metrics and lines of the log that a runbook waits for', () => {
  const sources = [...readSources('internal'), ...readSources('deploy', '.yaml')]
    .map(({ text }) => text)
    .join('\n');
  const isSaid = (name: string): boolean => new RegExp(`(?:'|: )${name}\\b`).test(sources);
  const find: Find = (text) =>
    lacking(
      spansOf(text).flatMap(
        (span) =>
          /^(?:Asteroid[A-Z]\w+|asteroid_[a-z]+_[a-z_]+|[a-z_]+sink\.\w+)/.exec(span)?.[0] ?? [],
      ),
      isSaid,
    );
  const guides = pages.filter(({ file }) => /runbooks|troubleshooting|operations|keys/.test(file));

  it('are said by somebody', () => {
    expect(guides.length).toBe(4);
    expect(faultsOf(find, guides)).toBe('');
  });

  it('that nobody says are found when planted', () => {
    expect(find('`AsteroidNotRedy`, `asteroid_http_request_total`, `AsteroidNotReady`')).toEqual([
      'AsteroidNotRedy',
      'asteroid_http_request_total',
    ]);
  });
});
