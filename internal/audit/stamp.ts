// When an event went on record, under which id, and what is known of its request: all that a record
// has beside its event.

import type { Random } from '../protocol/random.ts';
import { bound } from './bounded.ts';
import type { AuditEvent } from './events.ts';
import type { AuditRecord } from './trail.ts';

/** What is known of a request that is under way. */
type Origin = { readonly peer: string | undefined; readonly traceId: string | undefined };

export type StampTerms = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: Random;
  readonly findOrigin: (requestId: string) => Origin | undefined;
  readonly worker?: number | undefined;
};

/** 48 bits: processes of one issuer that begin in the same millisecond have other ids. */
const TAG_BYTES = 6;
const TIME_DIGITS = 13;
const COUNT_DIGITS = 6;
const MAX_COUNT = 10 ** COUNT_DIGITS - 1;

/** Ids sort as the events happened in this process, also where its clock goes back. */
export function createStamp(terms: StampTerms): (event: AuditEvent) => AuditRecord {
  const { now, random, findOrigin, worker } = terms;
  const tag = Buffer.from(random(TAG_BYTES), 'base64url').toString('hex');
  let last = 0;
  let count = 0;
  const nextId = (at: number): string => {
    const isNext = at > last;
    // So many in one millisecond are more than its digits hold: a clock that was set back stands still for days.
    const isFull = count === MAX_COUNT;
    last = isNext ? at : last + (isFull ? 1 : 0);
    count = isNext || isFull ? 0 : count + 1;
    const time = String(last).padStart(TIME_DIGITS, '0');
    return `${time}-${String(count).padStart(COUNT_DIGITS, '0')}-${tag}`;
  };
  return (event) => {
    const at = now();
    const origin = 'requestId' in event ? findOrigin(event.requestId) : undefined;
    const peer = ('peer' in event ? event.peer : undefined) ?? origin?.peer;
    return {
      id: nextId(at),
      at,
      event: bound(event),
      ...(peer === undefined ? {} : { peer }),
      ...(origin?.traceId === undefined ? {} : { trace_id: origin.traceId }),
      ...(worker === undefined ? {} : { worker }),
    };
  };
}
