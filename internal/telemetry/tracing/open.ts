// Traces by OpenTelemetry. Spans say which part of a request took how long and how it ended; what they
// are called and what they hold are words of our own, so that no token, name or query gets into one.

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type Outbound, OutboundError } from '../../outbound/outbound.ts';
import type { Outbox } from '../../outbound/outbox.ts';
import { aroundStore } from '../around.ts';
import type { Arrival, RequestTrace, Tracing, TracingOptions } from '../tracing.ts';
import { createProcessor } from './exporting.ts';
import { createSpans, type Spans, toContext, toHeaders } from './spans.ts';

export function openTracing(options: TracingOptions): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.version,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sample) }),
    spanProcessors: [createProcessor(options)],
  });
  const spans = createSpans(provider.getTracer('asteroid', options.version));
  return {
    begin: (arrival) => beginRequest(arrival, spans, options),
    store: (store) =>
      aroundStore(store, (verb, run) =>
        spans.within(
          {
            name: `store ${verb}`,
            kind: SpanKind.CLIENT,
            attributes: { 'db.operation.name': verb },
          },
          run,
        ),
      ),
    backend: (backend) => {
      const { type } = backend;
      const part = { name: `userinfo ${type}`, kind: SpanKind.INTERNAL, attributes: {} };
      const find: typeof backend.find = (subject, snapshot) =>
        backend.remote
          ? spans.within(part, async () => backend.find(subject, snapshot))
          : backend.find(subject, snapshot);
      return Object.create(backend, { find: { value: find, enumerable: true } });
    },
    signing: (keys) => ({
      ...keys,
      sign: (alg, typ, claims) =>
        spans.within({ name: `sign ${alg}`, kind: SpanKind.INTERNAL, attributes: {} }, () =>
          keys.sign(alg, typ, claims),
        ),
    }),
    outbound: (outbound, purpose) => traceOutbound(outbound, purpose, spans),
    outbox: (outbox) => belongingOutbox(outbox, spans),
    flush: (milliseconds) => within(provider.forceFlush(), milliseconds),
    close: () => within(provider.shutdown(), CLOSE_MS),
  };
}

/** Past the time for what is under way. */
const CLOSE_MS = 500;

/** Whatever becomes of it: spans that did not get away in time are lost. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(milliseconds, 0));
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}

/** Methods have names of their own choice; so many are known (OpenTelemetry semantic conventions). */
const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
]);

/**
 * A stranger who could name the trace would have everything recorded that they ask, or write into the
 * trace of somebody else: so theirs is ignored, and one begins here (W3C Trace Context §7).
 */
function beginRequest(
  { requestId, method, endpoint, peer, traceparent, tracestate }: Arrival,
  { open }: Spans,
  { isAccepted }: TracingOptions,
): RequestTrace {
  const said = traceparent !== undefined && isAccepted(peer) ? traceparent : undefined;
  const verb = METHODS.has(method) ? method : '_OTHER';
  const { span, run } = open(
    {
      name: `${verb} ${endpoint ?? 'unknown'}`,
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': verb,
        'asteroid.endpoint': endpoint ?? 'unknown',
        'asteroid.request_id': requestId,
      },
    },
    toContext(said, tracestate) ?? ROOT_CONTEXT,
  );
  return {
    traceId: span.spanContext().traceId,
    run,
    end(status) {
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      if (status === undefined || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

function traceOutbound(outbound: Outbound, purpose: string, spans: Spans): Outbound {
  return (request) => {
    const { method = 'GET', headers = {} } = request;
    const parent = toContext(headers['traceparent'], headers['tracestate']) ?? spans.current();
    const attributes = {
      'http.request.method': method,
      'server.address': hostOf(request.url),
      'asteroid.purpose': purpose,
    };
    const part = { name: `${method} ${purpose}`, kind: SpanKind.CLIENT, attributes };
    return spans.within(
      part,
      async (span) => {
        if (span === undefined) return outbound(request);
        const own = toHeaders(trace.setSpan(parent ?? ROOT_CONTEXT, span));
        try {
          const answer = await outbound({ ...request, headers: { ...headers, ...own } });
          span.setAttribute('http.response.status_code', answer.status);
          return answer;
        } catch (error) {
          if (error instanceof OutboundError) span.setAttribute('asteroid.failure', error.failure);
          throw error;
        }
      },
      parent,
    );
  };
}

/** The rest of the address may hold a subject, or what only a client should know. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

/** It is sent after the answer, when something else is under way, or nothing. */
const belongingOutbox =
  (outbox: Outbox, { current }: Spans): Outbox =>
  (delivery) => {
    const context = current();
    if (context === undefined) return outbox(delivery);
    const compose = async () => {
      const request = await delivery.compose();
      return { ...request, headers: { ...request.headers, ...toHeaders(context) } };
    };
    return outbox({ ...delivery, compose });
  };
