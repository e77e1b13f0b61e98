// A file that grows by one line a record. Opened by its name when it is first needed and again when
// told to, so that whatever rotates files may move it away; a line is in one file or the other, whole.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { printRecord } from '../line.ts';
import { createQueue } from '../queue.ts';
import { PartlyTaken, reasonOf, type Sink, type SinkTerms } from '../sink.ts';
import type { AuditRecord } from '../trail.ts';

/** Nobody but its owner; what exists keeps the mode that somebody gave it. */
const MODE = 0o600;
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
const MAX_BATCH = 500;
const LINE_END = 0x0a;

/** Each step waits for the one before: a file is never left in the middle of a write. */
export function createFileSink(path: string, terms: SinkTerms): Sink {
  let handle: FileHandle | undefined;
  let isTorn = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(step: () => Promise<Result>): Promise<Result> => {
    const result = last.then(step);
    last = result.catch(() => undefined);
    return result;
  };

  async function renew(): Promise<void> {
    const before = handle;
    handle = undefined;
    isTorn = false;
    await before?.close();
    handle = await openRegular(path);
  }

  /** A file without a name is nobody's any more: what is written to it is gone with it. */
  const isThere = async (): Promise<boolean> =>
    handle !== undefined && (await handle.stat()).nlink > 0;

  async function append(records: readonly AuditRecord[]): Promise<void> {
    if (!(await isThere())) await renew();
    if (handle === undefined) throw new Error('the file is not open');
    const lines = records.map((record) => `${printRecord(record)}\n`).join('');
    const bytes = Buffer.from(isTorn ? `\n${lines}` : lines);
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await handle.write(bytes, written)).bytesWritten;
      }
      isTorn = false;
    } catch (error) {
      if (written === 0) throw error;
      isTorn = !(await mend(handle, bytes.subarray(0, written)));
      throw new PartlyTaken(countLines(bytes.subarray(0, written), lines, bytes.length), error);
    }
  }

  const queue = createQueue(
    {
      send: (records) => inTurn(() => append(records)),
      close: () => inTurn(async () => handle?.close()),
    },
    MAX_BATCH,
    terms,
  );
  return {
    ...queue,
    reopen() {
      const { name: sink, report } = terms;
      inTurn(renew).then(queue.retry, (error: unknown) =>
        report({ type: 'audit_sink.failed', sink, reason: reasonOf(error) }),
      );
    },
  };
}

/** Threads of Node are few, and one that writes into a FIFO which nobody reads is never seen again. */
async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, FLAGS, MODE);
  if (!(await handle.stat()).isFIFO()) return handle;
  await handle.close();
  throw new Error(`${path} is a FIFO, which nobody may read; name a file`);
}

/** Lines of this batch that are in the file whole. */
function countLines(written: Uint8Array, lines: string, length: number): number {
  const ends = written.reduce((count, byte) => count + (byte === LINE_END ? 1 : 0), 0);
  // The first one of a batch that follows a torn line only ended that.
  return ends - (length > Buffer.byteLength(lines) ? 1 : 0);
}

/**
 * Takes back the beginning of a line whose end there was no room for; false where it could not, because
 * another process has written behind it: then the next line begins with an end.
 */
async function mend(handle: FileHandle, written: Uint8Array): Promise<boolean> {
  const torn = written.subarray(written.lastIndexOf(LINE_END) + 1);
  if (torn.length === 0) return true;
  try {
    const { size } = await handle.stat();
    const found = Buffer.alloc(torn.length);
    await handle.read(found, 0, torn.length, size - torn.length);
    if (!found.equals(torn)) return false;
    await handle.truncate(size - torn.length);
    return true;
  } catch {
    return false;
  }
}
