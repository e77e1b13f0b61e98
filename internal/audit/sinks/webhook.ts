// A service that is told by POST, in batches, signed as Standard Webhooks are: whoever has the secret can
// tell that it was us, that it is now, and that nothing was changed.

import { createHmac } from 'node:crypto';
import { printRecord } from '../line.ts';
import type { WebhookOptions } from '../options.ts';
import { createQueue, type Way } from '../queue.ts';
import { BatchRefused, PartlyTaken, type Sink, type SinkTerms } from '../sink.ts';
import type { AuditRecord } from '../trail.ts';

type Terms = WebhookOptions & {
  /** Seconds since 1970. */
  readonly now: () => number;
};

const MAX_BATCH = 100;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The body is too long for it. */
const TOO_LONG = 413;
/** What no further attempt can mend: it does not understand the body, or not even one record is short enough. */
const UNWANTED: ReadonlySet<number> = new Set([400, TOO_LONG, 422]);

/** Answers of 2xx take a batch. */
export function createWebhookSink(options: Terms, terms: SinkTerms): Sink {
  const pace: Pace = { most: MAX_BATCH };
  const send: Way['send'] = (records, signal) =>
    post(records, pace, (part) => deliver(part, signal, options));
  return createQueue({ send, close: async () => undefined }, MAX_BATCH, terms);
}

/** So many records are sent at once: by halves again for each would be eight questions for one that is too long. */
type Pace = { most: number };

/** What is too long for it is sent in halves. */
async function post(
  records: readonly AuditRecord[],
  pace: Pace,
  send: (part: readonly AuditRecord[]) => Promise<number>,
): Promise<void> {
  let taken = 0;
  try {
    while (taken < records.length) {
      const part = records.slice(taken, taken + pace.most);
      const status = await send(part);
      if (status === TOO_LONG && part.length > 1) {
        pace.most = Math.ceil(part.length / 2);
        continue;
      }
      if (UNWANTED.has(status)) {
        throw new BatchRefused(`refuses with status ${status}`, part.length, taken);
      }
      if (status < 200 || status > 299) throw new Error(`answers with status ${status}`);
      taken += part.length;
      pace.most = Math.min(MAX_BATCH, pace.most * 2);
    }
  } catch (error) {
    throw taken === 0 || error instanceof BatchRefused ? error : new PartlyTaken(taken, error);
  }
}

/** The status of the answer. */
async function deliver(
  records: readonly AuditRecord[],
  signal: AbortSignal,
  { url, timeout, secrets, outbound, now }: Terms,
): Promise<number> {
  const body = printBatch(records);
  const id = `msg_${records[0]?.id}`;
  const time = now();
  const { status } = await outbound({
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(time),
      'webhook-signature': secrets()
        .map((secret) => sign(`${id}.${time}.${body}`, secret))
        .join(' '),
    },
    body,
    timeout,
    maxBytes: MAX_ANSWER_BYTES,
    signal,
  });
  return status;
}

/** Of one batch always the same text, so that an attempt can be told from another message. */
function printBatch(records: readonly AuditRecord[]): string {
  const timestamp = new Date(records[0]?.at ?? 0).toISOString();
  const events = records.map(printRecord).join(',');
  return `{"type":"audit.events","timestamp":"${timestamp}","data":{"events":[${events}]}}`;
}

const sign = (content: string, secret: Uint8Array): string =>
  `v1,${createHmac('sha256', secret).update(content).digest('base64')}`;
