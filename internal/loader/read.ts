// Bytes off the disk, at most as many as a configuration can have.

import { open } from 'node:fs/promises';
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
      const { mode } = await handle.stat();
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      let length = 0;
      for (let more = 1; more > 0 && length < buffer.length; length += more) {
        more = (await handle.read(buffer, length, buffer.length - length)).bytesRead;
      }
      return { ok: true, bytes: buffer.subarray(0, length), mode };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { ok: false, problem: explain(error) };
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
