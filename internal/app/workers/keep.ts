// A worker that dies is replaced: at once the first time, and ever later the more often it dies, since
// what kills it may kill the next one too.

import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../telemetry/log.ts';
import type { Crew } from './crew.ts';
import type { Member } from './member.ts';

export type KeepTerms = {
  readonly begin: Crew['begin'];
  readonly log: Log;
  /** Nobody is replaced any more. */
  readonly stopping: AbortSignal;
  /** Told of each death, before the place is filled. */
  readonly onDeath: () => void;
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A worker that lived for so long did not die of its start. */
const SOUND_MS = 60_000;

/** Milliseconds, after so many deaths in a row. */
export const pauseAfter = (deaths: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 1));

/** Resolves when everything stops. */
export async function keep(first: Member, terms: KeepTerms): Promise<void> {
  const { log, stopping } = terms;
  const { number } = first;
  let member: Member | undefined = first;
  let deaths = 0;
  while (!stopping.aborted) {
    const since = performance.now();
    if (member !== undefined) log.info({ worker: number, pid: member.pid }, 'a worker serves');
    const how = await member?.ended;
    if (stopping.aborted) return;
    if (member !== undefined) {
      log.error({ worker: number, pid: member.pid, how }, 'a worker ended');
      terms.onDeath();
    }
    deaths = performance.now() - since < SOUND_MS ? deaths + 1 : 1;
    await pause(pauseAfter(deaths), undefined, { signal: stopping }).catch(() => undefined);
    member = stopping.aborted ? undefined : await replace(number, terms);
  }
}

async function replace(
  number: number,
  { begin, log, stopping }: KeepTerms,
): Promise<Member | undefined> {
  try {
    return (await begin(number)).member;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!stopping.aborted) log.error({ worker: number, reason }, 'no worker could be started');
    return undefined;
  }
}
