// Bytes off the disk, at most as many as a configuration can have.

import { type FileHandle, open } from 'node:fs/promises';
import type { Problem } from './problem.ts';
import { decodeText, MAX_BYTES } from './scan.ts';
import type { Tree } from './tree.ts';
import { parseYaml } from './yaml.ts';

export type ReadFile =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly mode: number }
  /** A sentence without the name of the file. */
  | { readonly ok: false; readonly problem: string };

/** Also reads what is no regular file, such as `<(…)` of a shell; never more than 1 MiB and a byte. */
export async function readBytes(file: string): Promise<ReadFile> {
  try {
    const handle = await open(file, 'r');
    try {
      const { mode, size } = await handle.stat();
      return { ok: true, bytes: await readToEnd(handle, size), mode };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, problem: explain(error) };
  }
}

/** @param expected what the file says its size is: nothing where it is no regular one, or a lie. */
async function readToEnd(handle: FileHandle, expected: number): Promise<Uint8Array> {
  let buffer = Buffer.alloc(Math.min(expected, MAX_BYTES) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length > MAX_BYTES) return buffer.subarray(0, length);
    const size = Math.min(2 * length + 4096, MAX_BYTES + 1);
    if (length === buffer.length) buffer = Buffer.concat([buffer], size);
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist; create it, or name another file'],
  ['ENOTDIR', 'does not exist; create it, or name another file'],
  ['EISDIR', 'is a directory; name a file in it'],
  ['EACCES', 'may not be read by this user; change its permissions'],
  ['EPERM', 'may not be read by this user; change its permissions'],
  ['ELOOP', 'is a link that leads back to itself'],
]);

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return REASONS.get(code) ?? `cannot be read (${code})`;
}

export type YamlFile = {
  readonly tree: Tree | undefined;
  readonly problems: readonly Problem[];
  readonly text: string;
};

export type ReadYaml = (file: string) => Promise<YamlFile>;

/** One YAML file, and everything that is wrong with it as YAML. */
export async function readYaml(file: string): Promise<YamlFile> {
  const read = await readBytes(file);
  const fail = (line: number, problem: string): YamlFile => ({
    tree: undefined,
    problems: [{ file, line, key: 'file', problem }],
    text: '',
  });
  if (!read.ok) return fail(1, read.problem);
  const text = decodeText(read.bytes);
  if (typeof text !== 'string') return fail(text.line, text.problem);
  return { ...parseYaml(file, text), text };
}
