import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchFiles } from '../../internal/loader/watch.ts';
import { until } from '../support/until.ts';
import { createFolder } from './loader.fixture.ts';

async function watch(files: readonly string[], quietMs = 30) {
  const seen = { changes: 0, problems: [] as unknown[] };
  const watcher = await watchFiles({
    files,
    onChange: () => {
      seen.changes += 1;
    },
    onProblem: (problem) => seen.problems.push(problem),
    quietMs,
    patienceMs: Math.max(200, 3 * quietMs),
    lookEveryMs: 500,
  });
  onTestFinished(() => watcher.close());
  return seen;
}

describe('watching files', () => {
  it('tells of a file that was written, and once for many writes in a row', async () => {
    const folder = await createFolder();
    const file = path.join(folder, 'clients.yaml');
    const seen = await watch([file], 1000);

    for (let round = 0; round < 5; round += 1) await writeFile(file, `# ${round}\n`);

    await until(() => seen.changes > 0);
    await sleep(300);
    expect(seen).toEqual({ changes: 1, problems: [] });
  });

  it('tells of a file that an editor replaced, named as a shell names it', async () => {
    const folder = await createFolder({ '.clients.yaml.swp': '# new\n' });
    const file = path.join(folder, 'clients.yaml');
    const seen = await watch([path.relative(process.cwd(), file)]);

    await rename(path.join(folder, '.clients.yaml.swp'), file);

    await until(() => seen.changes === 1);
  });

  it('tells of what changes behind two links, where nothing makes an event', async () => {
    const folder = await createFolder();
    const elsewhere = await createFolder();
    for (const version of ['v0', 'v1']) {
      await mkdir(path.join(elsewhere, version));
      await writeFile(path.join(elsewhere, version, 'clients.yaml'), `# ${version}\n`);
    }
    await rm(path.join(folder, 'clients.yaml'));
    await symlink('v0', path.join(elsewhere, 'current'));
    await symlink(
      path.join(elsewhere, 'current', 'clients.yaml'),
      path.join(folder, 'clients.yaml'),
    );
    const seen = await watch([path.join(folder, 'clients.yaml')]);

    await sleep(100); // past the look that every watch begins with
    await symlink('v1', path.join(elsewhere, 'next'));
    await rename(path.join(elsewhere, 'next'), path.join(elsewhere, 'current'));

    await until(() => seen.changes === 1);
  });

  it('tells of every swap of a ConfigMap, not only of the first', async () => {
    const folder = await createFolder();
    const mount = path.join(folder, 'mount');
    const put = async (version: string) => {
      await mkdir(path.join(mount, version), { recursive: true });
      await writeFile(path.join(mount, version, 'clients.yaml'), `# ${version}\n`);
      await symlink(version, path.join(mount, '..data_tmp'));
      await rename(path.join(mount, '..data_tmp'), path.join(mount, '..data'));
    };
    await put('..v0');
    await symlink('..data/clients.yaml', path.join(mount, 'clients.yaml'));
    const seen = await watch([path.join(mount, 'clients.yaml')]);

    for (const round of [1, 2, 3]) {
      await put(`..v${round}`);
      await rm(path.join(mount, `..v${round - 1}`), { recursive: true });
      await until(() => seen.changes === round);
    }
  });

  it('tells of a file that vanished and came back', async () => {
    const folder = await createFolder();
    const file = path.join(folder, 'clients.yaml');
    const seen = await watch([file]);

    await rm(file);
    await until(() => seen.changes >= 1);
    await writeFile(file, '# back\n');
    await until(() => seen.changes >= 2);
  });

  it('says nothing of other files, nor of the same content again', async () => {
    const folder = await createFolder({ 'clients.yaml': '# same\n', 'next.yaml': '# same\n' });
    const seen = await watch([path.join(folder, 'clients.yaml')]);

    await writeFile(path.join(folder, 'other.yaml'), '# x\n');
    // As a whole: halfway through a write it would be empty.
    await rename(path.join(folder, 'next.yaml'), path.join(folder, 'clients.yaml'));
    await sleep(400);

    expect(seen).toEqual({ changes: 0, problems: [] });
  });

  it('tells of a file that never comes to rest', async () => {
    const folder = await createFolder();
    const file = path.join(folder, 'clients.yaml');
    const seen = await watch([file]);

    for (let round = 0; seen.changes < 2 && round < 1500; round += 1) {
      await writeFile(file, `# ${round}\n`);
      await sleep(20);
    }

    expect(seen.changes).toBeGreaterThanOrEqual(2);
  });

  it('says nothing more once it is closed', async () => {
    const folder = await createFolder();
    const file = path.join(folder, 'clients.yaml');
    let changes = 0;
    const watcher = await watchFiles({
      files: [file],
      onChange: () => {
        changes += 1;
      },
      onProblem: () => {},
      quietMs: 20,
    });

    await watcher.close();
    await writeFile(file, '# after\n');
    await sleep(200);

    expect(changes).toBe(0);
  });
});
