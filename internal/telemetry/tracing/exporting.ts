// The way of spans to their receiver: bounded in what waits, in time and in attempts. A receiver that is
// away or slow costs spans, which are counted, and nothing else.

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { TracingOptions } from '../tracing.ts';

type Terms = Pick<TracingOptions, 'endpoint' | 'headers' | 'onSpans' | 'onReceiver'>;

/** Spans that wait; further ones are lost. */
const MAX_WAITING = 4096;
const MAX_BATCH = 512;
const EVERY_MS = 2000;
/** For one batch, all attempts together. */
const TIMEOUT_MS = 2000;

/** Holds spans that ended until they are sent. */
export function createProcessor(terms: Terms): SpanProcessor {
  let waiting = 0;
  const exporter = count(createExporter(terms), terms, (spans) => {
    waiting -= spans;
  });
  const batches = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: TIMEOUT_MS * 2,
  });
  return {
    onStart: (span, parent) => batches.onStart(span, parent),
    onEnd: (span) => {
      if (!isSampled(span.spanContext())) return;
      if (waiting >= MAX_WAITING) {
        terms.onSpans('queue_full', 1);
        return;
      }
      waiting += 1;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}

const isSampled = ({ traceFlags }: { readonly traceFlags: number }): boolean =>
  (traceFlags & 1) === 1;

const createExporter = ({ endpoint, headers }: Terms): SpanExporter =>
  new OTLPTraceExporter({
    url: endpoint,
    // It must not throw; without them the receiver refuses, and that is counted.
    headers: () => headers().catch(() => ({})),
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: 2,
  });

/** What the result of an export says where it went well. */
const SUCCESS = 0;

function count(
  exporter: SpanExporter,
  { onSpans, onReceiver }: Terms,
  onLeft: (spans: number) => void,
): SpanExporter {
  let isLosing = false;
  return {
    export: (spans, told) =>
      exporter.export(spans, (result) => {
        onLeft(spans.length);
        const isLost = result.code !== SUCCESS;
        onSpans(isLost ? 'export_failed' : 'exported', spans.length);
        if (isLost !== isLosing) {
          onReceiver(isLost ? (result.error ?? new Error('it did not take them')) : undefined);
        }
        isLosing = isLost;
        told(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
