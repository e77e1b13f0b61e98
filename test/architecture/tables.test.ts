import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, ROOT, readSources, type Source, tokens } from './sources.ts';

/** Folders whose files are entries of their table, but for what the entries share. */
const TABLES: readonly { readonly folder: string; readonly shared: readonly string[] }[] = [
  { folder: 'internal/oidc/grants', shared: ['grant.ts', 'recorded.ts', 'successor.ts'] },
  {
    folder: 'internal/oidc/clientauth',
    shared: [
      'method.ts',
      'credentials.ts',
      'authenticate.ts',
      'secrets.ts',
      'assertion.ts',
      'own-assertion.ts',
    ],
  },
  { folder: 'internal/upstream/presets', shared: ['preset.ts', 'headers.ts', 'resolve.ts'] },
];

/** Files that the table does not import, or imports and then does not use. */
function findStrays(table: string, files: readonly string[]): readonly string[] {
  const imported = importsOf(table).map(({ specifier }) => specifier);
  const words = tokens(table).filter(({ kind }) => kind === 'word');
  return files.filter((file) => {
    const entry = file.replace('.ts', '').replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    const uses = words.filter(({ text }) => text === entry || text === `${entry}Grant`);
    return !imported.includes(`./${file}`) || uses.length < 2;
  });
}

const entries = (sources: readonly Source[], shared: readonly string[]): readonly string[] =>
  sources
    .map(({ file }) => path.posix.basename(file))
    .filter((name) => name !== 'table.ts' && !shared.includes(name));

describe('tables', () => {
  for (const { folder, shared } of TABLES) {
    it(`${folder}/table.ts lists every file beside it`, () => {
      const files = entries(readSources(folder), shared);

      expect(files.length).toBeGreaterThanOrEqual(3);
      const table = readFileSync(path.join(ROOT, folder, 'table.ts'), 'utf8');
      expect(findStrays(table, files)).toEqual([]);
    });
  }
});

describe('the checker of tables finds a planted', () => {
  const TABLE = `import { deviceCode } from './device-code.ts';\nexport const T = [deviceCode];`;

  it('file that the table does not import', () => {
    expect(findStrays(TABLE, ['device-code.ts', 'password.ts'])).toEqual(['password.ts']);
  });

  it('import that the table does not list', () => {
    const table = TABLE.replace('[deviceCode]', '[]');

    expect(findStrays(table, ['device-code.ts'])).toEqual(['device-code.ts']);
  });

  it('nothing in a table that is whole', () => {
    expect(findStrays(TABLE, ['device-code.ts'])).toEqual([]);
  });
});
