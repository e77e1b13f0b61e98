import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { keepCompiled } from '../../cmd/asteroid/compile-cache.ts';

const folders: string[] = [];
afterEach(async () => {
  process.umask(0o022);
  await Promise.all(folders.splice(0).map((name) => rm(name, { recursive: true, force: true })));
});

async function makeHome() {
  const home = await mkdtemp(path.join(tmpdir(), 'asteroid-compiled-'));
  folders.push(home);
  const given: string[] = [];
  const keep = (program = 'asteroid.js'): readonly string[] => {
    keepCompiled(pathToFileURL(path.join(home, program)).href, {
      enableCompileCache: (directory) => given.push(directory),
    });
    return given;
  };
  return { home, directory: path.join(home, '.compiled'), keep };
}

const SOMEBODY = 65_534;

describe('what Node compiled', () => {
  it('is kept beside the program, where nobody else can read or write, whatever the umask', async () => {
    const { directory, keep } = await makeHome();
    process.umask(0);

    expect(keep()).toEqual([directory]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it('is found again at the next start', async () => {
    const { directory, keep } = await makeHome();
    keep();

    expect(keep()).toEqual([directory, directory]);
  });

  it('comes with an image, for everybody to read', async () => {
    const { directory, keep } = await makeHome();
    await mkdir(directory);
    await chmod(directory, 0o755);

    expect(keep()).toEqual([directory]);
  });

  for (const { what, mode } of [
    { what: 'everybody', mode: 0o777 },
    { what: 'everybody, each their own', mode: 0o1777 },
    { what: 'a group', mode: 0o770 },
  ]) {
    it(`is not looked for where ${what} may write`, async () => {
      const { directory, keep } = await makeHome();
      await mkdir(directory);
      await chmod(directory, mode);

      expect(keep()).toEqual([]);
    });
  }

  it.runIf(process.getuid?.() === 0)('is not looked for in what somebody else made', async () => {
    const { directory, keep } = await makeHome();
    await mkdir(directory);
    await chown(directory, SOMEBODY, SOMEBODY);

    expect(keep()).toEqual([]);
  });

  it('is not looked for where a link leads', async () => {
    const { home, directory, keep } = await makeHome();
    await mkdir(path.join(home, 'elsewhere'));
    await symlink(path.join(home, 'elsewhere'), directory);

    expect(keep()).toEqual([]);
  });

  it('is not kept where there can be no directory, without a word', async () => {
    const { directory, keep } = await makeHome();
    await writeFile(directory, '');

    expect(keep()).toEqual([]);
  });

  it('is not kept beside sources', async () => {
    const { keep } = await makeHome();

    expect(keep('main.ts')).toEqual([]);
  });

  it('is nothing where Node keeps nothing', async () => {
    const { home, directory } = await makeHome();
    keepCompiled(pathToFileURL(path.join(home, 'asteroid.js')).href, {});

    await expect(stat(directory)).rejects.toThrow('ENOENT');
  });
});
