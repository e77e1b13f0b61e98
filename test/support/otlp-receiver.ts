// A receiver of OTLP over HTTP: takes JSON, as the standard has it, and remembers the spans.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { until } from './until.ts';

type Value = { readonly stringValue?: string; readonly intValue?: number | string };
type Attribute = { readonly key: string; readonly value: Value };

export type ReceivedSpan = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly Attribute[];
};

type Batch = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
};

export type OtlpReceiver = {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Of each batch. */
  readonly headers: IncomingHttpHeaders[];
  /** Everything that was ever sent to it. */
  text(): string;
  /** What it answers with; 200 unless a test says otherwise. */
  status: number;
  /** Waits until there is such a span. */
  until(find: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
  stop(): void;
};

const open: OtlpReceiver[] = [];

afterEach(() => {
  for (const { stop } of open.splice(0)) stop();
});

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let text = '';
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => {
      body += bytes;
    });
    request.on('end', () => {
      text += body;
      receiver.headers.push(request.headers);
      if (receiver.status === 200) {
        const { resourceSpans }: Batch = JSON.parse(body);
        for (const { scopeSpans } of resourceSpans) {
          for (const { spans } of scopeSpans) receiver.spans.push(...spans);
        }
      }
      response.writeHead(receiver.status, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans: [],
    headers: [],
    text: () => text,
    status: 200,
    async until(find) {
      const found = await until(() => receiver.spans.find(find));
      if (found === undefined) throw new Error('no such span');
      return found;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  open.push(receiver);
  return receiver;
}

export const attributeOf = ({ attributes }: ReceivedSpan, name: string): unknown => {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue));
};
