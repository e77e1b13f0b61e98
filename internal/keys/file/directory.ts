// A directory of key files: read whole, or refused with every problem in it by file name. What a file
// holds is never repeated, in no message.

import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIGNING_ALGS } from '../../protocol/names.ts';
import type { ReportKeyEvent } from '../events.ts';
import { isKeyFile, parseKeyFileName } from '../filename.ts';
import { errnoOf, KeyConfigError } from '../key-config-error.ts';
import { type ReadKey, readKey, toKeySet } from '../read-key.ts';
import type { KeySet } from '../ring.ts';

const MAX_FILE_BYTES = 64 * 1024;
const WORLD_WRITABLE = 0o002;
const SEEN_BY_OTHERS = 0o077;
const STICKY = 0o1000;
/** A listed file that is gone was removed, or its volume is being swapped: listed again at once. */
const ATTEMPTS = 3;

/** Throws `KeyConfigError` naming every file that is not a sound key; an empty directory is fine. */
export async function readKeyDirectory(dir: string, report: ReportKeyEvent): Promise<KeySet> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(dir, report);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw toConfigError(dir, error);
      await sleep(10);
    }
  }
}

async function readOnce(dir: string, report: ReportKeyEvent): Promise<KeySet> {
  const names = (await readdir(dir)).filter(isKeyFile).sort();
  const keys: ReadKey[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      keys.push(await readKeyFile(join(dir, name), name, report));
    } catch (error) {
      if (!(error instanceof KeyConfigError)) throw error;
      problems.push(`${join(dir, name)}: ${error.message}`);
    }
  }
  if (new Set(keys.map(({ key }) => key.id)).size < keys.length)
    problems.push(`${dir}: two files hold the same key; remove one of them`);
  if (problems.length > 0) throw new KeyConfigError(problems.join('\n'));
  if (names.length > 0) await reportOpenDirectory(dir, report);
  return toKeySet(keys);
}

async function readKeyFile(path: string, name: string, report: ReportKeyEvent): Promise<ReadKey> {
  const meaning = parseKeyFileName(name);
  if (meaning === undefined)
    throw new KeyConfigError(
      `is not named <activation UTC>.<${SIGNING_ALGS.join('|')}>.pem or <activation UTC>.seal.key, ` +
        'as in 20261122T021500Z.ES256.pem',
    );
  return readKey(meaning.kind, meaning.activeFrom, await readText(path, report));
}

/** Looks at the very file it reads, and does not wait for one that is a pipe. */
async function readText(path: string, report: ReportKeyEvent): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw error;
    throw new KeyConfigError(`cannot be read by this user (${errnoOf(error)})`);
  }
  try {
    const { mode, size } = await checkFile(file);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size + 1), 0, size + 1, 0);
    if ((mode & SEEN_BY_OTHERS) !== 0)
      report({ type: 'key.exposed', file: path, mode: toOctal(mode) });
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function checkFile(file: FileHandle): Promise<{ mode: number; size: number }> {
  const { mode, size } = await file.stat();
  if ((mode & constants.S_IFMT) !== constants.S_IFREG)
    throw new KeyConfigError('is not a regular file');
  // Whoever may write it may sign in as anybody, at once and unseen.
  if ((mode & WORLD_WRITABLE) !== 0)
    throw new KeyConfigError(`may be written by everybody (mode ${toOctal(mode)}); make it 0600`);
  if (size > MAX_FILE_BYTES) throw new KeyConfigError(`is larger than ${MAX_FILE_BYTES} bytes`);
  return { mode, size };
}

/** In a directory that everybody may write to, everybody may add a key that signs. */
async function reportOpenDirectory(dir: string, report: ReportKeyEvent): Promise<void> {
  const { mode } = await stat(dir);
  if ((mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0)
    report({ type: 'key.exposed', file: dir, mode: toOctal(mode) });
}

const toOctal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

function toConfigError(dir: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  return new KeyConfigError(`${dir}: the key directory cannot be read (${errno})`);
}
