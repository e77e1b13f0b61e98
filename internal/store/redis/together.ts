// Keys in several slots cannot change in one step. They change in one round trip instead, and when
// only some of them did, those are taken back before anybody hears of it.

import type { Reply } from './run.ts';

/** A key beside the record, without which there is no record. */
export type Mark = {
  /** Answers `marked`, or why not: `taken`, of a used nonce or user code; `full`, of a budget; `ended`, of a session. */
  readonly reply: Promise<Reply>;
  /** Is told what became of the record, unless that is not known. */
  readonly undo: (record: Reply | undefined) => Promise<unknown>;
};

export type Together = {
  /** Answers `placed`; `refused` when there is nothing to place it on; `ended` when it was ended before it was there. */
  readonly record: Promise<Reply>;
  readonly undoRecord: (placed: Reply, why: Outcome | undefined) => Promise<unknown>;
  readonly marks: readonly Mark[];
};

export type Outcome = 'placed' | 'refused' | 'full' | 'taken' | 'ended';

/** `placed` when all were carried out; on anything else none is left, as far as we can reach. */
export async function settleTogether({ record, undoRecord, marks }: Together): Promise<Outcome> {
  const [placing, ...marking] = await Promise.allSettled([
    record,
    ...marks.map(({ reply }) => reply),
  ]);
  const words = marking.map((mark) => (mark.status === 'fulfilled' ? mark.value[0] : undefined));
  const placed = placing.status === 'fulfilled' && placing.value[0] === 'placed';
  if (placed && words.every((word) => word === 'marked')) return 'placed';
  const why = findWhy(words);
  const known = placing.status === 'fulfilled' ? placing.value : undefined;
  if (placed && known !== undefined) await undoRecord(known, why).catch(() => {});
  await Promise.all(
    marks.map(({ undo }, index) =>
      words[index] === 'marked' ? undo(known).catch(() => {}) : undefined,
    ),
  );
  for (const one of [placing, ...marking]) if (one.status === 'rejected') throw one.reason;
  if (known?.[0] === 'ended') return why ?? 'ended';
  return placed && why !== undefined ? why : 'refused';
}

// A nonce that was used stays used, whatever became of the session.
function findWhy(words: readonly (string | undefined)[]): Outcome | undefined {
  if (words.includes('full')) return 'full';
  if (words.includes('taken')) return 'taken';
  return words.includes('ended') ? 'ended' : undefined;
}
