// Two keys in two slots cannot change in one step. They change in one round trip instead, and when
// only one of the two did, it is taken back before anybody hears of it.

import type { Reply } from './run.ts';

export type Pair = {
  /** Answers `placed`, or `refused` when there is nothing to place it on. */
  readonly record: Promise<Reply>;
  /** Answers `marked`, or `taken`: a used nonce, a full budget. */
  readonly mark: Promise<Reply>;
  readonly undoRecord: (placed: Reply, taken: boolean) => Promise<unknown>;
  /** Is told what became of the record, unless that is not known. */
  readonly undoMark: (record: Reply | undefined) => Promise<unknown>;
};

export type Paired = 'placed' | 'refused' | 'taken';

/** `placed` when both were carried out; on anything else neither is left, as far as we can reach. */
export async function settlePair(pair: Pair): Promise<Paired> {
  const [record, mark] = await Promise.allSettled([pair.record, pair.mark]);
  const placed = record.status === 'fulfilled' && record.value[0] === 'placed';
  const marked = mark.status === 'fulfilled' && mark.value[0] === 'marked';
  if (placed && marked) return 'placed';
  const taken = mark.status === 'fulfilled' && !marked;
  if (placed) await pair.undoRecord(record.value, taken).catch(() => {});
  if (marked) {
    const known = record.status === 'fulfilled' ? record.value : undefined;
    await pair.undoMark(known).catch(() => {});
  }
  if (record.status === 'rejected') throw record.reason;
  if (mark.status === 'rejected') throw mark.reason;
  return placed ? 'taken' : 'refused';
}
