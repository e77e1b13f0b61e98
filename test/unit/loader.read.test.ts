import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBytes } from '../../internal/loader/read.ts';

const MIB = 1024 * 1024;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-read-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(file: string): Promise<Uint8Array> {
  const found = await readBytes(file);
  if (!found.ok) throw new Error(found.problem);
  return found.bytes;
}

const fill = (size: number): Buffer =>
  Buffer.from('0123456789'.repeat(size / 10 + 1)).subarray(0, size);

describe('the bytes of a file', () => {
  for (const size of [0, 1, 4096, 100_000, MIB]) {
    it(`are all there where it has ${size}`, async () => {
      const file = path.join(folder, `${size}`);
      await writeFile(file, fill(size));

      expect(Buffer.from(await read(file)).equals(fill(size))).toBe(true);
    });
  }

  it('take as much memory as there are', async () => {
    const file = path.join(folder, 'small');
    await writeFile(file, fill(10));

    expect((await read(file)).buffer.byteLength).toBeLessThan(MIB / 8);
  });

  for (const size of [3, 5000, 300_000]) {
    it(`are all there where a pipe brings ${size} of them`, async () => {
      const pipe = path.join(folder, `pipe-${size}`);
      await promisify(execFile)('mkfifo', [pipe]);
      const [bytes] = await Promise.all([read(pipe), writeFile(pipe, fill(size))]);

      expect(Buffer.from(bytes).equals(fill(size))).toBe(true);
    });
  }

  it('are cut off one past a mebibyte, in a file that is longer and in one that never ends', async () => {
    const file = path.join(folder, 'long');
    await writeFile(file, fill(MIB + 5000));

    expect((await read(file)).length).toBe(MIB + 1);
    expect((await read('/dev/zero')).length).toBe(MIB + 1);
  });
});
