// Spans of one request: which one is around what is done at the moment, and what is begun in it.

import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { parseTraceparent, printTraceparent } from './traceparent.ts';

export type Part = {
  readonly name: string;
  readonly kind: SpanKind;
  /** Names, verbs and numbers: nothing of what was asked or answered. */
  readonly attributes: Attributes;
};

export type Spans = ReturnType<typeof createSpans>;

export function createSpans(tracer: Tracer) {
  const around = new AsyncLocalStorage<Context>();

  const open = ({ name, kind, attributes }: Part, parent: Context) => {
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    const run = <Answer>(act: () => Answer): Answer => around.run(trace.setSpan(parent, span), act);
    return { span, run };
  };

  return {
    open,
    /** What is done at the moment belongs to it; undefined where that is no request. */
    current: () => around.getStore(),
    /** Outside of a request nothing is recorded: what goes on by itself all the time says nothing. */
    async within<Answer>(
      part: Part,
      act: (span: Span | undefined) => Promise<Answer>,
      parent: Context | undefined = around.getStore(),
    ): Promise<Answer> {
      if (parent === undefined) return act(undefined);
      const { span, run } = open(part, parent);
      try {
        return await run(() => act(span));
      } catch (error) {
        // Its message may hold what was asked.
        const type = error instanceof Error ? error.name : 'unknown';
        span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  };
}

/** What another program said it belongs to; undefined where it said nothing that can be read. */
export function toContext(
  traceparent: string | undefined,
  tracestate?: string,
): Context | undefined {
  const parent = parseTraceparent(traceparent);
  if (parent === undefined) return undefined;
  const { traceId, spanId, isSampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  });
}

/** How another program is told what its answer belongs to (W3C Trace Context §3). */
export function toHeaders(context: Context): Readonly<Record<string, string>> {
  const span = trace.getSpanContext(context);
  if (span === undefined) return {};
  const { traceId, spanId, traceFlags, traceState } = span;
  const state = traceState?.serialize() ?? '';
  return {
    traceparent: printTraceparent({ traceId, spanId, isSampled: (traceFlags & 1) === 1 }),
    ...(state === '' ? {} : { tracestate: state }),
  };
}
