import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { followFiles } from '../../internal/app/follow.ts';
import { readSnapshot } from '../../internal/app/read.ts';
import { createSilentLog } from '../../internal/app/silent-log.ts';
import { createFolder } from './loader.fixture.ts';

const fileOf = (...ids: readonly string[]): string =>
  JSON.stringify({
    clients: ids.map((id) => ({
      client_id: id,
      client_secret: 'what-only-the-client-knows-0123456789',
      redirect_uris: [`https://${id}.example/`],
    })),
  });

/** A machine may be busy. */
const POLL = { timeout: 15_000 };

const CONFIG = {
  issuer: 'http://localhost:8880',
  clients: { file: 'clients.yaml' },
  keys: { source: 'ephemeral' },
  userinfo: { backends: [{ type: 'headers' }] },
};

/** @param meanwhile what happens between the first reading and the first look of the watch. */
async function follow(meanwhile: (folder: string) => Promise<void>) {
  const folder = await createFolder({
    'asteroid.yaml': JSON.stringify(CONFIG),
    'clients.yaml': fileOf('a', 'b'),
  });
  const files = [path.join(folder, 'asteroid.yaml')];
  const read = () => readSnapshot({ files, env: {}, mode: 'dev' });
  const first = await read();
  await meanwhile(folder);
  const seen: (readonly string[])[] = [];
  const outdated: boolean[] = [];
  let keyReloads = 0;
  const following = await followFiles({
    first,
    read,
    log: createSilentLog(),
    mode: 'dev',
    target: {
      prepare: async ({ clients }) => ({
        take: () => void seen.push([...clients.keys()]),
        discard: () => undefined,
      }),
      reloadKeys: async () => {
        keyReloads += 1;
      },
    },
    audit: () => undefined,
    onOutdated: (now) => void outdated.push(now),
  });
  onTestFinished(() => following.close());
  return { folder, seen, outdated, keyReloads: () => keyReloads, following };
}

const write = (folder: string, content: string) =>
  writeFile(path.join(folder, 'clients.yaml'), content);

describe('following the files of a configuration', () => {
  it('finds what changed between the first reading and the first look', async () => {
    const { seen } = await follow((folder) => write(folder, fileOf('a', 'b', 'c')));

    await expect.poll(() => seen, POLL).toEqual([['a', 'b', 'c']]);
  });

  it('replaces nothing where nothing changed, but on SIGHUP, which reads keys too', async () => {
    const { seen, following, keyReloads, outdated } = await follow(async () => undefined);
    await following.reload();

    expect(seen).toEqual([['a', 'b']]);
    expect(keyReloads()).toBe(1);
    expect(outdated).toEqual([]);
  });

  it('tells once that the configuration is older than its files, and once that it no longer is', async () => {
    const { folder, outdated, seen, following } = await follow(async () => undefined);
    await write(folder, 'clients: [');
    await expect.poll(() => outdated, POLL).toEqual([true]);
    await following.reload();
    // The text of before is no change, and yet what is in force is what the files say again.
    await write(folder, fileOf('a', 'b'));

    await expect.poll(() => outdated, POLL).toEqual([true, false]);
    expect(seen.at(-1)).toEqual(['a', 'b']);
  });

  it('takes a loss that looks like damage for being outdated', async () => {
    const { folder, outdated, seen } = await follow(async () => undefined);

    await write(folder, fileOf('neither'));

    await expect.poll(() => outdated, POLL).toEqual([true]);
    expect(seen).toEqual([]);
  });
});
