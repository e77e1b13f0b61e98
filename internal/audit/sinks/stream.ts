// A Redis stream: one entry a record, and the place that questions are answered from where it is there.

import type { EventStream } from '../../store/stream.ts';
import { fits } from '../filter.ts';
import { parseRecord, printRecord } from '../line.ts';
import { createQueue } from '../queue.ts';
import type { Sink, SinkTerms } from '../sink.ts';
import type { AuditPage, AuditQuery, AuditRecord } from '../trail.ts';

/** More in one command would keep Redis from everybody else for too long. */
const MAX_BATCH = 250;
const READ_AT_ONCE = 500;
/** So many entries are looked at for one answer; what is further back takes another question. */
const MAX_READ = 10_000;
/** A record waits while Redis is away: so much later than its time it may stand in the stream. */
const LATE_MS = 60_000;

/** Where an answer ended, or the id of a record; nothing else was ever told to anybody. */
const POSITION = /^\d{1,15}-\d{1,20}(?:-[0-9a-f]{12})?$/;

/** Takes records as long as the stream does. */
export const createStreamSink = (stream: EventStream, terms: SinkTerms): Sink =>
  createQueue(
    { send: (records) => stream.append(records.map(printRecord)), close: () => stream.close() },
    MAX_BATCH,
    terms,
  );

/** Throws `Unavailable` when Redis does not answer. */
export async function queryStream(
  stream: Pick<EventStream, 'readBack'>,
  query: AuditQuery,
): Promise<AuditPage> {
  const { limit } = query;
  const records: AuditRecord[] = [];
  if (query.before !== undefined && !POSITION.test(query.before)) return { records };
  let before = toPosition(query.before);
  for (let read = 0; read < MAX_READ; read += READ_AT_ONCE) {
    const entries = await stream.readBack(before, READ_AT_ONCE);
    for (const { id, text } of entries) {
      if (records.length === limit) return toAnswer(records, before);
      before = id;
      const record = parseRecord(text);
      if (record !== undefined && isMeant(record, query)) records.push(record);
    }
    if (entries.length < READ_AT_ONCE || isBefore(before, query.from)) return { records };
  }
  return toAnswer(records, before);
}

const toAnswer = (records: readonly AuditRecord[], next: string | undefined): AuditPage =>
  next === undefined ? { records } : { records, next };

const isMeant = (record: AuditRecord, { before, limit: _limit, ...filter }: AuditQuery): boolean =>
  fits(record, filter) && !(isRecordId(before) && record.id >= before);

/** Nothing further back can be of that time: nobody writes down what has not happened yet. */
const isBefore = (position: string | undefined, from: number | undefined): boolean =>
  position !== undefined && from !== undefined && timeOf(position) < from - LATE_MS;

const timeOf = (position: string): number => Number(position.split('-')[0]);

const isRecordId = (before: string | undefined): before is string =>
  before !== undefined && before.split('-').length === 3;

/** Where a record is in the stream is known only about; where an answer ended, exactly. */
function toPosition(before: string | undefined): string | undefined {
  if (!isRecordId(before)) return before;
  return `${timeOf(before) + LATE_MS}-0`;
}
