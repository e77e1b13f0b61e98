// Secrets that stand in files of their own. What they hold goes to whoever asked, and nowhere else.

import { readBytes } from './read.ts';
import { decodeText } from './scan.ts';

export type SecretFile =
  | { readonly ok: true; readonly text: string; readonly isWorldReadable: boolean }
  | { readonly ok: false; readonly problem: string };

/** One line end at the end does not count: every editor and most tools add it. */
export async function readSecret(file: string): Promise<SecretFile> {
  const read = await readBytes(file);
  if (!read.ok) return read;
  const text = decodeText(read.bytes);
  if (typeof text !== 'string') return { ok: false, problem: text.problem };
  // Windows has no such bits, and reports them all as set.
  const isWorldReadable = process.platform !== 'win32' && (read.mode & 0o004) !== 0;
  return { ok: true, text: text.replace(/\r?\n$/, ''), isWorldReadable };
}
