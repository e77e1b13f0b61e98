import { describe, expect, it } from 'vitest';
import type { OutboundRequest } from '../../internal/outbound/outbound.ts';
import type { Delivery } from '../../internal/outbound/outbox.ts';
import { openTracing } from '../../internal/telemetry/tracing/open.ts';
import type { Arrival, TracingOptions } from '../../internal/telemetry/tracing.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { until } from '../support/until.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

const ARRIVAL: Arrival = {
  requestId: 'request',
  method: 'GET',
  endpoint: 'endSession',
  peer: { address: '10.0.0.1', unixSocket: false },
  traceparent: undefined,
  tracestate: undefined,
};

function open(different: Partial<TracingOptions>) {
  const told: Record<string, number> = {};
  const tracing = openTracing({
    endpoint: 'http://127.0.0.1:1/v1/traces',
    sample: 1,
    serviceName: 'asteroid',
    version: '0',
    headers: async () => ({}),
    isAccepted: () => true,
    onSpans: (outcome, spans) => {
      told[outcome] = (told[outcome] ?? 0) + spans;
    },
    onReceiver: () => undefined,
    ...different,
  });
  return { tracing, told };
}

const REQUEST: OutboundRequest = { url: 'https://rp.example/logout?a=b', timeout: 1, maxBytes: 1 };

describe('what is sent after the answer', () => {
  it('belongs to the request that caused it, and not to the one under way by then', async () => {
    const receiver = await startOtlpReceiver();
    const { tracing } = open({ endpoint: receiver.url });
    const waiting: Delivery[] = [];
    const outbox = tracing.outbox((delivery) => waiting.push(delivery));
    const sent: OutboundRequest[] = [];
    const send = tracing.outbound(async (request) => {
      sent.push(request);
      return { status: 204, headers: {}, body: new Uint8Array() };
    }, 'back_channel_logout');
    const first = tracing.begin(ARRIVAL);
    first.run(() => outbox({ compose: async () => REQUEST, onEnd: () => undefined }));
    first.end(303);

    const other = tracing.begin({ ...ARRIVAL, endpoint: 'token' });
    await other.run(async () => send((await waiting[0]?.compose()) ?? REQUEST));
    other.end(200);
    await tracing.flush(5000);
    await tracing.close();

    const span = receiver.spans.find(({ name }) => name === 'GET back_channel_logout');
    expect(span?.traceId).toBe(first.traceId);
    expect(sent[0]?.headers?.['traceparent']).toBe(`00-${first.traceId}-${span?.spanId}-01`);
    expect(receiver.text()).not.toContain('a=b');
  });

  it('outside of any request is sent as it is', async () => {
    const { tracing } = open({});
    const sent: OutboundRequest[] = [];
    const send = tracing.outbound(async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: new Uint8Array() };
    }, 'userinfo');

    await send(REQUEST);

    expect(sent).toEqual([REQUEST]);
    await tracing.close();
  });
});

describe('a trace that goes on', () => {
  const arrival = { ...ARRIVAL, traceparent: `00-${TRACE}-b7ad6b7169203331-00` };

  it('is passed on unrecorded where it was not recorded, with its state', async () => {
    const { tracing } = open({});
    const sent: OutboundRequest[] = [];
    const send = tracing.outbound(async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: new Uint8Array() };
    }, 'userinfo');
    const request = tracing.begin({ ...arrival, tracestate: 'vendor=1' });

    await request.run(() => send(REQUEST));

    expect(sent[0]?.headers).toMatchObject({
      traceparent: expect.stringMatching(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`)),
      tracestate: 'vendor=1',
    });
    await tracing.close();
  });

  it('is another one where its sender may not say so', async () => {
    const { tracing } = open({ isAccepted: () => false });

    expect(tracing.begin(arrival).traceId).not.toBe(TRACE);
    await tracing.close();
  });
});

describe('spans', () => {
  it('that are more than may wait are lost and counted, and nobody waits', async () => {
    const { tracing, told } = open({});

    for (let span = 0; span < 5000; span += 1) tracing.begin(ARRIVAL).end(200);
    const lost = told['queue_full'] ?? 0;
    await tracing.close();
    await until(() => told['export_failed']);

    expect(lost).toBe(5000 - 4096);
    expect(told['exported']).toBeUndefined();
  });

  it('of a failure say its kind, and nothing of its text', async () => {
    const receiver = await startOtlpReceiver();
    const { tracing } = open({ endpoint: receiver.url });
    const send = tracing.outbound(async () => {
      throw new TypeError('the-text-of-the-failure');
    }, 'userinfo');
    const request = tracing.begin({ ...ARRIVAL, method: 'STRANGE-METHOD' });

    await expect(request.run(() => send(REQUEST))).rejects.toThrow('the-text-of-the-failure');
    request.end(500);
    await tracing.flush(5000);
    await tracing.close();

    const [span] = receiver.spans.filter(({ name }) => name === 'GET userinfo');
    expect(span?.status?.code).toBe(2);
    expect(receiver.text()).toContain('TypeError');
    expect(receiver.spans.map(({ name }) => name)).toContain('_OTHER endSession');
    expect(receiver.text()).not.toContain('the-text-of-the-failure');
  });
});
