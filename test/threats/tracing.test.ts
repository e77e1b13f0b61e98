import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attributeOf, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { CLIENT_SECRET, type Metadata, startProgram, UPSTREAM_SECRET } from '../support/program.ts';
import { scrape } from '../support/scrape.ts';
import { until } from '../support/until.ts';
import { ask, authorize, codeOf, HOST, honest, redeem } from './threats.fixture.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const RECORDED = `traceparent: 00-${TRACE}-${SPAN}-01`;

const tracing = (endpoint: string, more: Metadata = {}): Metadata => ({
  tracing: { endpoint, sample: 1, ...more },
});

/** What a userinfo service is asked with. */
async function startService() {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"sub":"alice"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/users/{sub}?key=of-nobody`, asked };
}

const jwks = (...more: readonly string[]) => ['GET /jwks.json HTTP/1.1', HOST, ...more];

describe('a trace', () => {
  it('has a span for the request, and in it for the store, signatures and whoever was asked', async () => {
    const receiver = await startOtlpReceiver();
    const service = await startService();
    const program = await startProgram({
      config: {
        ...tracing(receiver.url, { service_name: 'sso' }),
        userinfo: { backends: [{ type: 'http', url: service.url }] },
      },
    });
    const answer = await ask(program.public, honest());
    await redeem(program.public, codeOf(answer) ?? '');

    const request = await receiver.until(({ name }) => name === 'GET authorize');
    const token = await receiver.until(({ name }) => name === 'POST token');
    const within = async (name: string, traceId: string) =>
      receiver.until((span) => span.name === name && span.traceId === traceId);
    const backend = await within('userinfo http', request.traceId);
    const outbound = await within('GET userinfo', request.traceId);
    const create = await within('store create', request.traceId);
    const redeemed = await within('store redeem', token.traceId);
    const signed = await within('sign ES256', token.traceId);

    expect(attributeOf(request, 'asteroid.request_id')).toBe(answer.headers['x-request-id']);
    expect(attributeOf(request, 'http.response.status_code')).toBe(303);
    expect(request.parentSpanId ?? '').toBe('');
    expect(backend.parentSpanId).toBe(request.spanId);
    expect(outbound.parentSpanId).toBe(backend.spanId);
    expect(create.parentSpanId).toBe(request.spanId);
    expect(redeemed.parentSpanId).toBe(token.spanId);
    expect(signed.parentSpanId).toBe(token.spanId);
    expect(token.traceId).not.toBe(request.traceId);
    expect(receiver.text()).toContain('"sso"');
    // Whoever is asked is told where its own spans belong (W3C Trace Context §3).
    expect(service.asked[0]?.['traceparent']).toBe(`00-${request.traceId}-${outbound.spanId}-01`);
  });

  it('stands in every line about its request', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({ config: tracing(receiver.url) });
    const spoof = await ask(program.public, [authorize(), HOST, 'X-Authenticated-User: root']);
    const span = await receiver.until(({ name }) => name === 'GET authorize');

    const requestId = spoof.headers['x-request-id'];
    const lines = program.logged().filter(({ request_id }) => request_id === requestId);
    const { text } = await scrape(program.at('admin'), 'application/openmetrics-text');

    expect(lines.map(({ msg }) => msg)).toEqual(['identity.refused', 'request']);
    expect(lines.map(({ trace_id }) => trace_id)).toEqual([span.traceId, span.traceId]);
    expect(attributeOf(span, 'asteroid.request_id')).toBe(requestId);
    expect(text).toContain(`{request_id="${requestId}",trace_id="${span.traceId}"} 1 `);
  });

  it('holds no secret, no query and nobody (DO-7)', async () => {
    const receiver = await startOtlpReceiver();
    const service = await startService();
    const program = await startProgram({
      config: {
        ...tracing(receiver.url),
        userinfo: { backends: [{ type: 'http', url: service.url }] },
      },
    });
    const code = codeOf(await ask(program.public, honest())) ?? '';
    const { access_token = '' } = await redeem(program.public, code);
    await receiver.until(({ name }) => name === 'POST token');

    for (const secret of [code, access_token, CLIENT_SECRET, UPSTREAM_SECRET]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(receiver.text()).not.toContain(secret);
    }
    for (const said of ['alice', 'of-nobody', 'state-of-the-client', 'rp.example', '/users/']) {
      expect(receiver.text()).not.toContain(said);
    }
  });
});

describe('a traceparent', () => {
  it('of whom it may come from is what the trace goes on with', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({
      config: tracing(receiver.url, { accept_from: ['127.0.0.0/8'], sample: 0 }),
    });
    await ask(program.public, jwks(RECORDED, 'tracestate: vendor=1'));

    const span = await receiver.until(({ name }) => name === 'GET jwks');

    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
  });

  it('of anybody else is ignored: no stranger writes into a trace, or has theirs recorded', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({ config: tracing(receiver.url) });
    await ask(program.public, jwks(RECORDED));

    const span = await receiver.until(({ name }) => name === 'GET jwks');

    expect(span.traceId).not.toBe(TRACE);
    expect(span.parentSpanId ?? '').toBe('');
  });

  for (const [what, headers] of [
    ['is not one', [`traceparent: 00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['was sent twice', [RECORDED, RECORDED]],
  ] as const) {
    it(`that ${what} is ignored, and the request answered`, async () => {
      const receiver = await startOtlpReceiver();
      const program = await startProgram({
        config: tracing(receiver.url, { accept_from: ['127.0.0.0/8'] }),
      });
      const { status } = await ask(program.public, jwks(...headers));

      const span = await receiver.until(({ name }) => name === 'GET jwks');

      expect(status).toBe(200);
      expect(span.traceId).not.toBe(TRACE);
    });
  }

  it('says nothing about who somebody is', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({
      config: tracing(receiver.url, { accept_from: ['127.0.0.0/8'] }),
    });
    const { status } = await ask(program.public, [
      authorize(),
      HOST,
      RECORDED,
      'X-Authenticated-User: alice',
    ]);

    expect(status).toBe(403);
  });
});

describe('a receiver', () => {
  it('that is away or refuses costs spans, which are counted, and no request', async () => {
    const receiver = await startOtlpReceiver();
    receiver.status = 400;
    const program = await startProgram({ config: tracing(receiver.url) });
    const { status } = await ask(program.public, jwks());
    const lost = async () =>
      (await scrape(program.at('admin'))).value('asteroid_trace_spans_total', {
        outcome: 'export_failed',
      }) ?? 0;
    await until(lost);
    receiver.stop();

    expect(status).toBe(200);
    expect((await ask(program.public, jwks())).status).toBe(200);
    expect(program.logged().map(({ msg }) => msg)).toContain('traces are lost');
    await program.stop();
  });

  it('gets the headers of the file, which may change while it runs', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({
      config: tracing(receiver.url, { headers_file: 'headers' }),
      files: { headers: 'X-Api-Key: the-first-key\nX-Tenant: sso\n' },
    });
    await ask(program.public, jwks());
    await receiver.until(({ name }) => name === 'GET jwks');
    await program.folder.write('headers', 'X-Api-Key: the-second-key\n');
    await ask(program.public, ['GET /.well-known/openid-configuration HTTP/1.1', HOST]);
    await receiver.until(({ name }) => name === 'GET discovery');

    expect(receiver.headers.map((headers) => headers['x-api-key'])).toEqual([
      'the-first-key',
      'the-second-key',
    ]);
    expect(receiver.headers[0]?.['x-tenant']).toBe('sso');
  });

  it('gets what is left when the issuer stops', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({ config: tracing(receiver.url) });
    await ask(program.public, jwks());
    await program.stop();

    expect(receiver.spans.map(({ name }) => name)).toEqual(['GET jwks']);
  });

  it('gets nothing of what is not recorded, whose lines have a trace all the same', async () => {
    const receiver = await startOtlpReceiver();
    const program = await startProgram({ config: tracing(receiver.url, { sample: 0 }) });
    await ask(program.public, jwks());
    await program.stop();

    expect(receiver.spans).toEqual([]);
    expect(program.logged().find(({ msg }) => msg === 'request')?.['trace_id']).toMatch(
      /^[0-9a-f]{32}$/,
    );
  });

  it('whose headers cannot be read keeps the issuer from starting', async () => {
    const started = startProgram({
      config: tracing('http://127.0.0.1:9/v1/traces', { headers_file: 'missing' }),
    });

    await expect(started).rejects.toThrow(/headers_file/);
  });
});

it('without tracing no line has a trace, whatever is sent', async () => {
  const program = await startProgram();
  await ask(program.public, jwks(RECORDED));

  expect(program.logText()).not.toContain('trace_id');
});
