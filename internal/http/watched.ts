// What is told of every request beside its answer: where it came from, what it took, to which trace it
// belongs. None of it decides anything, or makes anybody wait.

import type { IncomingMessage } from 'node:http';
import type { MeasureRequest } from '../telemetry/measured/http.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Underway } from '../telemetry/underway.ts';
import type { Peer } from '../upstream/upstream.ts';
import type { Exchange } from './exchange.ts';

export type Watching = {
  /** One for all listeners. */
  readonly underway: Underway;
  /** Absent: nothing is measured. */
  readonly measure?: MeasureRequest | undefined;
  /** Absent: nothing is traced. */
  readonly tracing?: Pick<Tracing, 'begin'> | undefined;
};

type Terms = Watching & { readonly peerOf: (request: IncomingMessage) => Peer };

/** @param respond resolves when all is done, and never rejects. */
export function watched(terms: Terms, exchange: Exchange, respond: () => Promise<void>): void {
  const { underway, tracing, peerOf } = terms;
  const { request, requestId } = exchange;
  const peer = peerOf(request);
  const trace = tracing === undefined ? undefined : beginTrace(tracing, exchange, peer);
  underway.begin(requestId, { peer: peer.address, traceId: trace?.traceId });
  const answered = trace === undefined ? respond() : trace.run(respond);
  void answered.then(() => {
    underway.end(requestId);
    const status = exchange.response.headersSent ? exchange.response.statusCode : undefined;
    trace?.end(status);
    terms.measure?.({
      endpoint: exchange.entry?.endpoint,
      method: request.method ?? '',
      status,
      milliseconds: performance.now() - exchange.startedAt,
    });
  });
}

const beginTrace = (
  { begin }: Pick<Tracing, 'begin'>,
  { request, requestId, entry, headers }: Exchange,
  peer: Peer,
) =>
  begin({
    requestId,
    method: request.method ?? '',
    endpoint: entry?.endpoint,
    peer,
    traceparent: headers['traceparent'],
    tracestate: headers['tracestate'],
  });
