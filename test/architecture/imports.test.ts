import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BACKENDS, findUnusedPackages, findViolations, LAYERS } from './layers.ts';
import { ROOT, readSources } from './sources.ts';

/** About four fifths of the files there are: a checker that reads nothing finds nothing. */
const FEWEST_FILES = 180;

const sources = [...readSources('internal'), ...readSources('cmd')];

describe('imports (docs/architecture.md)', () => {
  it('run downwards only', () => {
    expect(findViolations(sources)).toEqual([]);
  });

  it('were read from at least as many files as the project has', () => {
    expect(sources.length).toBeGreaterThanOrEqual(FEWEST_FILES);
  });

  it('have a row for every folder of internal/', () => {
    const folders = readdirSync(path.join(ROOT, 'internal'));

    expect(folders.filter((folder) => LAYERS[folder] === undefined)).toEqual([]);
  });

  it('use every package that the table allows them', () => {
    expect(findUnusedPackages(sources)).toEqual([]);
  });

  it('have no row for a folder that does not exist', () => {
    const folders = new Set([...readdirSync(path.join(ROOT, 'internal')), 'cmd']);

    expect(Object.keys(LAYERS).filter((folder) => !folders.has(folder))).toEqual([]);
  });

  it('name only backends that exist', () => {
    const missing = BACKENDS.filter(
      (start) => !sources.some(({ file }) => file.startsWith(`internal/${start}`)),
    );

    expect(missing).toEqual([]);
  });
});

describe('the checker finds a planted', () => {
  const PLANTED: readonly (readonly [string, string, string, string])[] = [
    ['static import', 'internal/oidc/x.ts', `import { a } from '../http/app.ts';`, 'http/app.ts'],
    [
      'import in double quotes',
      'internal/oidc/x.ts',
      `import {a} from "../http/a.ts"`,
      'http/a.ts',
    ],
    ['import without spaces', 'internal/oidc/x.ts', `import{a}from'../http/a.ts'`, 'http/a.ts'],
    ['import for its effect', 'internal/oidc/x.ts', `import '../http/a.ts';`, 'http/a.ts'],
    [
      'type-only import',
      'internal/oidc/x.ts',
      `import type { A } from '../http/a.ts';`,
      'http/a.ts',
    ],
    [
      'import over lines',
      'internal/oidc/x.ts',
      `import {\n a,\n} from\n '../http/a.ts';`,
      'http/a.ts',
    ],
    ['re-export', 'internal/oidc/x.ts', `export * from '../http/a.ts';`, 'http/a.ts'],
    ['dynamic import', 'internal/oidc/x.ts', `await import('../http/a.ts')`, 'http/a.ts'],
    ['import in backticks', 'internal/oidc/x.ts', 'await import(`../http/a.ts`)', 'http/a.ts'],
    [
      'import with a comment inside',
      'internal/oidc/x.ts',
      `import(/* a */ '../http/a.ts')`,
      'http/a.ts',
    ],
    ['inline type import', 'internal/oidc/x.ts', `let a: import('../http/a.ts').A;`, 'http/a.ts'],
    ['import of a sum', 'internal/oidc/x.ts', `await import('./' + name)`, 'not a literal'],
    ['import of a variable', 'internal/oidc/x.ts', 'await import(name)', 'not a literal'],
    [
      'import of a template',
      'internal/oidc/x.ts',
      `await import(\`../\${name}.ts\`)`,
      'not a literal',
    ],
    [
      'import in the hole of a template',
      'internal/oidc/x.ts',
      `const a = \`it's \${await import('zod')} isn't\`;`,
      'zod',
    ],
    [
      'import after a template with a hole',
      'internal/oidc/x.ts',
      `const a = \`it's \${{ b: {} }}\`; import('zod');`,
      'zod',
    ],
    ['require', 'internal/oidc/x.ts', `const a = require('express')`, 'express'],
    [
      'import after a pattern with quotes',
      'internal/oidc/x.ts',
      `const a = /['"\`]/;\nimport('zod')`,
      'zod',
    ],
    ['import after a comment with quotes', 'internal/oidc/x.ts', `// it's\nimport 'zod';`, 'zod'],
    [
      'import after a division',
      'internal/oidc/x.ts',
      `const a = b / c; import('zod'); d / e`,
      'zod',
    ],
    [
      'implementation beside an interface',
      'internal/oidc/x.ts',
      `import '../keys/ring.ts';`,
      'keys/ring.ts',
    ],
    [
      'package in the wrong room',
      'internal/oidc/x.ts',
      `import express from 'express';`,
      'express',
    ],
    [
      'package in the wrong file',
      'internal/store/open.ts',
      `import { Redis } from 'ioredis';`,
      'ioredis',
    ],
    ['scoped package', 'internal/oidc/x.ts', `import a from '@a/b/c';`, '@a/b'],
    ['file system in the domain', 'internal/oidc/x.ts', `import 'node:fs';`, 'node:fs'],
    [
      'clock of the platform in protocol',
      'internal/protocol/x.ts',
      `import 'node:timers';`,
      'node:timers',
    ],
    [
      'backend outside of open.ts',
      'internal/app/x.ts',
      `import('../store/redis/redis.ts')`,
      'open.ts',
    ],
    [
      'backend of a neighbour',
      'internal/store/memory/x.ts',
      `import '../redis/keys.ts'`,
      'open.ts',
    ],
    ['backend that is not lazy', 'internal/store/open.ts', `import './redis/redis.ts'`, 'lazily'],
    [
      'backend that is not lazy after a type',
      'internal/store/open.ts',
      `import type { A } from './a.ts';\nimport type, { B } from './redis/redis.ts'`,
      'lazily',
    ],
    ['import upwards', 'internal/http/x.ts', `import '../app/run.ts';`, 'app/run.ts'],
    [
      'import of http by cmd',
      'cmd/asteroid/x.ts',
      `import '../../internal/http/app.ts';`,
      'http/app.ts',
    ],
    ['import of a test', 'internal/app/x.ts', `import '../../test/support/a.ts';`, 'does not ship'],
    ['folder without a row', 'internal/utils/x.ts', `import '../oidc/a.ts';`, 'no row'],
  ];

  for (const [name, file, text, expected] of PLANTED) {
    it(name, () => {
      const found = findViolations([{ file, text }]);

      expect(found).toHaveLength(1);
      expect(found[0]).toContain(expected);
    });
  }

  const HONEST: readonly (readonly [string, string, string])[] = [
    [
      'an interface file',
      'internal/oidc/token/x.ts',
      `import type { Store } from '../../store/store.ts';`,
    ],
    ['its own folder', 'internal/oidc/token/x.ts', `import { a } from '../grants/table.ts';`],
    [
      'a backend from open.ts, lazily',
      'internal/store/open.ts',
      `await import('./redis/redis.ts')`,
    ],
    ['a backend within itself', 'internal/store/redis/redis.ts', `import { a } from './keys.ts';`],
    ['a package in its room', 'internal/http/admin/x.ts', `import express from 'express';`],
    ['what a comment says', 'internal/oidc/x.ts', `// import '../http/a.ts'\n/* import('zod') */`],
    ['what a string says', 'internal/oidc/x.ts', `const a = "import '../http/a.ts'";`],
    ['what a template says', 'internal/oidc/x.ts', 'const a = `import("zod")`;'],
    [
      'a template with a hole',
      'internal/oidc/x.ts',
      `const a = b\`it's \${c({ d: \`import('\${e}')\` })} import('zod') isn't\`;`,
    ],
    [
      'a method that is called import',
      'internal/oidc/x.ts',
      `keys.import(jwk); crypto.subtle.import('x')`,
    ],
  ];

  for (const [name, file, text] of HONEST) {
    it(`nothing in ${name}`, () => {
      expect(findViolations([{ file, text }])).toEqual([]);
    });
  }
});
