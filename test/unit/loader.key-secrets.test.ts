import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../internal/app/read.ts';
import { type FolderOptions, type Metadata, makeFolder } from '../support/program.ts';

const FIRST = 'the-first-secret-of-the-keys-0123456789';
const SECOND = 'the-second-secret-of-the-keys-0123456789';

const STORE: Metadata = { driver: 'redis' };

async function read(keys: Metadata, env: Readonly<Record<string, string>> = {}, mode = 0o600) {
  const files = {
    first: `${FIRST}\n`,
    second: SECOND,
    short: `${'a1'.repeat(15)}b`,
    words: 'changeme',
  };
  const options: FolderOptions = {
    config: { keys: { source: 'store', ...keys }, store: STORE },
    files,
  };
  const folder = await makeFolder(options);
  await chmod(folder.file('first'), mode);
  return readSnapshot({ files: [folder.configFile], env, mode: 'serve' });
}

const textsOf = async (...args: Parameters<typeof read>) =>
  (await read(...args)).keySecrets.map((secret) => Buffer.from(secret).toString());

describe('what seals the keys in the store', () => {
  it('is a file, and what else opens comes after it', async () => {
    expect(await textsOf({ secret_file: 'first' })).toEqual([FIRST]);
    expect(await textsOf({ secret_file: 'first', further_secret_files: ['second'] })).toEqual([
      FIRST,
      SECOND,
    ]);
  });

  it('is the environment where there is no file', async () => {
    const env = { ASTEROID_KEYS_SECRET: SECOND };

    expect(await textsOf({}, env)).toEqual([SECOND]);
    expect(await textsOf({ further_secret_files: ['first'] }, env)).toEqual([SECOND, FIRST]);
  });

  it('is read for no other source, and whoever set it hears that', async () => {
    const { keySecrets, warnings } = await read(
      { source: 'ephemeral' },
      { ASTEROID_KEYS_SECRET: 'x' },
    );

    expect(keySecrets).toEqual([]);
    const ignored = expect.stringMatching(/^ASTEROID_KEYS_SECRET.* is ignored with keys\.source/);
    expect(warnings).toContainEqual(ignored);
    expect((await read({ source: 'ephemeral' })).warnings).not.toContainEqual(ignored);
  });

  for (const [what, keys, env, problem] of [
    ['nothing', {}, {}, /:1: keys\.secret_file: is missing; .*ASTEROID_KEYS_SECRET/],
    ['an empty variable', {}, { ASTEROID_KEYS_SECRET: '' }, /:1: keys\.secret_file: is missing/],
    [
      'both',
      { secret_file: 'first' },
      { ASTEROID_KEYS_SECRET: SECOND },
      /:1: keys\.secret_file: cannot be combined/,
    ],
    ['31 bytes', { secret_file: 'short' }, {}, /keys\.secret_file: .*short is shorter than 32/],
    ['a placeholder', { secret_file: 'words' }, {}, /keys\.secret_file: .* is a placeholder/],
    ['a file that is not there', { secret_file: 'none' }, {}, /keys\.secret_file: .*none /],
    [
      'a short one among the further ones',
      { secret_file: 'first', further_secret_files: ['second', 'short'] },
      {},
      /keys\.further_secret_files\[1\]: .*shorter than 32/,
    ],
    [
      'a variable of 31 bytes',
      {},
      { ASTEROID_KEYS_SECRET: 'a1'.repeat(15) },
      /^ASTEROID_KEYS_SECRET:1: environment: is shorter than 32/,
    ],
  ] as const)
    it(`is not ${what}`, async () => {
      await expect(read(keys, env)).rejects.toThrow(problem);
    });

  it('is no file that everybody may read', async () => {
    await expect(read({ secret_file: 'first' }, {}, 0o604)).rejects.toThrow(/read by everybody/);
  });
});
