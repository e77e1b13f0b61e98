// What every sink beyond this process has in common: records wait in a bounded queue and are handed
// over in batches, one at a time, again and again until they are taken. Whatever the other side does,
// whoever writes a record has gone on long before.

import { randomFactor } from '../outbound/jitter.ts';
import { BatchRefused, PartlyTaken, reasonOf, type Sink, type SinkTerms } from './sink.ts';
import type { AuditRecord } from './trail.ts';

/** One way to hand records over. */
export type Way = {
  /** Rejects when they were not all taken; ends early with the signal. */
  send(records: readonly AuditRecord[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

export type Queue = Sink & {
  /** What failed may succeed now: it is not waited for any longer. */
  retry(): void;
};

/** Milliseconds before a further attempt, give or take a quarter: doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** While the process waits for nothing else any more. */
const HURRIED_PAUSE_MS = 250;
/** What was cut off has this long to end by itself. */
const CUT_OFF_MS = 250;

/** @param maxBatch so many records are handed over together at most. */
export function createQueue(way: Way, maxBatch: number, terms: SinkTerms): Queue {
  const { maxWaiting, random } = terms;
  const waiting: AuditRecord[] = [];
  const account = createAccount(terms);
  const hurry = new AbortController();
  let running: Promise<void> | undefined;
  let failures = 0;
  let isEnding = false;
  let wake = (): void => undefined;

  async function rest(): Promise<void> {
    const longest = isEnding ? HURRIED_PAUSE_MS : LONGEST_PAUSE_MS;
    const pause = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause * randomFactor(random));
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Whether that was the end of it, one way or the other. */
  async function handOver(batch: readonly AuditRecord[]): Promise<boolean> {
    try {
      await way.send(batch, hurry.signal);
      waiting.splice(0, batch.length);
      failures = 0;
      if (waiting.length <= maxWaiting / 2) account.recover();
      return true;
    } catch (error) {
      if (hurry.signal.aborted) return true;
      account.fail(reasonOf(error));
      if (error instanceof BatchRefused) {
        waiting.splice(0, error.taken + error.refused);
        account.lose(error.refused, waiting.length);
        return true;
      }
      const taken = error instanceof PartlyTaken ? error.taken : 0;
      waiting.splice(0, taken);
      failures += 1;
      await rest();
      return taken > 0;
    }
  }

  async function drain(): Promise<void> {
    // The same until it is taken: whoever got it and could not say so knows it again.
    let batch: readonly AuditRecord[] = [];
    while (waiting.length > 0 && !hurry.signal.aborted) {
      if (batch.length === 0) batch = waiting.slice(0, maxBatch);
      if (await handOver(batch)) batch = [];
    }
    running = undefined;
  }

  return {
    write(record) {
      if (waiting.length >= maxWaiting || hurry.signal.aborted) {
        return account.lose(1, waiting.length);
      }
      waiting.push(record);
      // Whoever writes is answering somebody: what it takes to hand over begins after that.
      running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(drain);
    },
    retry: () => wake(),
    async flush(milliseconds) {
      isEnding = true;
      wake();
      await within(milliseconds, running);
      hurry.abort();
      wake();
      account.giveUp(waiting.splice(0).length);
      await within(CUT_OFF_MS, running);
    },
    async close() {
      hurry.abort();
      wake();
      await within(CUT_OFF_MS, running);
      await way.close();
    },
  };
}

/** What is told of a sink's troubles, once each. */
function createAccount({ name: sink, report, countLost }: SinkTerms) {
  let isFailing = false;
  let isLosing = false;
  let lost = 0;
  return {
    fail(reason: string): void {
      if (!isFailing) report({ type: 'audit_sink.failed', sink, reason });
      isFailing = true;
    },
    lose(count: number, waiting: number): void {
      lost += count;
      countLost(sink, count);
      if (!isLosing) report({ type: 'audit_sink.losing', sink, waiting });
      isLosing = true;
    },
    recover(): void {
      if (isFailing || isLosing) report({ type: 'audit_sink.recovered', sink, lost });
      isFailing = false;
      isLosing = false;
      lost = 0;
    },
    giveUp(count: number): void {
      if (count > 0) countLost(sink, count);
      if (count + lost > 0) report({ type: 'audit_sink.gave_up', sink, lost: count + lost });
      lost = 0;
    },
  };
}

/** Resolves when it has ended, or the time is up. */
async function within(milliseconds: number, ending: Promise<void> | undefined): Promise<void> {
  if (ending === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds));
  });
  await Promise.race([ending, late]);
  clearTimeout(timer);
}
