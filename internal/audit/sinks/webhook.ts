// A service that is told by POST, in batches, signed as Standard Webhooks are: whoever has the secret can
// tell that it was us, that it is now, and that nothing was changed.

import { createHmac } from 'node:crypto';
import { printRecord } from '../line.ts';
import type { WebhookOptions } from '../options.ts';
import { createQueue } from '../queue.ts';
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
export const createWebhookSink = (options: Terms, terms: SinkTerms): Sink =>
  createQueue(
    { send: (records, signal) => post(records, signal, options), close: async () => undefined },
    MAX_BATCH,
    terms,
  );

/** What is too long for it is sent in halves. */
async function post(
  records: readonly AuditRecord[],
  signal: AbortSignal,
  options: Terms,
): Promise<void> {
  const status = await send(records, signal, options);
  if (status === TOO_LONG && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    await post(records.slice(0, half), signal, options);
    return post(records.slice(half), signal, options).catch((error: unknown) => {
      throw new PartlyTaken(half + (error instanceof PartlyTaken ? error.taken : 0), error);
    });
  }
  if (UNWANTED.has(status)) {
    throw new BatchRefused(`refuses with status ${status}`, records.length);
  }
  if (status < 200 || status > 299) throw new Error(`answers with status ${status}`);
}

/** The status of the answer. */
async function send(
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
