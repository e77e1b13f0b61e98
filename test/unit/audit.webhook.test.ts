import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebhookSink } from '../../internal/audit/sinks/webhook.ts';
import { anyAddress, createAddressRule } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { until } from '../support/until.ts';
import { createAccount, recordOf, recordsOf } from './audit.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const OLD = Buffer.from('the-secret-of-before-0123456789ab');
const NEW = Buffer.from('the-secret-of-tomorrow-0123456789');

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** A service that answers as it is told, and 204 when it was told no more. */
async function startService(statuses: number[] = [], mostBytes = Infinity) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const isTooLong = Buffer.concat(chunks).length > mostBytes;
    response.writeHead(isTooLong ? 413 : (statuses.shift() ?? 204)).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

function open(url: string, secrets = [NEW, OLD], mayReach = anyAddress) {
  const account = createAccount();
  const outbound = createOutbound(mayReach);
  const now = () => Math.floor(Date.now() / 1000);
  const options = { url, timeout: 5, secrets: () => secrets, outbound, now };
  const sink = createWebhookSink(options, account.terms);
  cleanups.push(() => sink.close());
  return { sink, ...account };
}

/** As a receiver of Standard Webhooks verifies it. */
function verifies({ headers, body }: Received, secret: Uint8Array): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', secret).update(content).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

const idsIn = ({ body }: Received) =>
  JSON.parse(body).data.events.map((event: { request_id: string }) => event.request_id);

describe('a webhook', () => {
  it('gets batches that each of the secrets signs, and no other', async () => {
    const { received, url } = await startService();
    const { sink } = open(url);

    for (const record of recordsOf(150)) sink.write(record);
    await sink.flush(10_000);

    expect(received.flatMap(idsIn)).toEqual(recordsOf(150).map((_, index) => `r${index}`));
    expect(received.map((one) => verifies(one, OLD) && verifies(one, NEW))).toEqual([true, true]);
    expect(received.some((one) => verifies(one, Buffer.alloc(32)))).toBe(false);
    expect(received.some((one) => verifies({ ...one, body: `${one.body} ` }, NEW))).toBe(false);
  });

  it('that fails is told the same batch again, under the same id', async () => {
    const { received, url } = await startService([503, 429]);
    const { sink, types, lost } = open(url);

    sink.write(recordOf('r1'));
    await until(() => types().includes('audit_sink.recovered'));

    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(types()).toEqual(['audit_sink.failed', 'audit_sink.recovered']);
    expect(lost.count).toBe(0);
  });

  it('that does not understand a batch loses it, and gets the next one', async () => {
    const { received, url } = await startService([400]);
    const { sink, lost } = open(url);

    sink.write(recordOf('r1'));
    await until(() => lost.count === 1);
    sink.write(recordOf('r2'));
    await sink.flush(10_000);

    expect(received.map(idsIn)).toEqual([['r1'], ['r2']]);
  });

  it('that takes no long body gets shorter ones, and loses what is too long alone', async () => {
    const { received, url } = await startService([], 1500);
    const { sink, lost, types } = open(url);
    const records = recordsOf(40);
    for (const record of records.slice(0, 25)) sink.write(record);
    sink.write(recordOf('漢'.repeat(500)));
    for (const record of records.slice(25)) sink.write(record);
    await until(() => types().includes('audit_sink.recovered'));
    await sink.flush(10_000);

    const taken = received.filter(({ body }) => Buffer.byteLength(body) <= 1500);
    expect(taken.flatMap(idsIn)).toEqual(records.map((_, index) => `r${index}`));
    expect(taken.length).toBeLessThan(20);
    expect(lost.count).toBe(1);
  });

  it('that takes no body at all is asked hardly more than once for each record', async () => {
    const { received, url } = await startService([], 0);
    const { sink, lost } = open(url);

    for (const record of recordsOf(200)) sink.write(record);
    await until(() => lost.count === 200);

    expect(received.length).toBeLessThan(220);
  });

  it('gets what stands behind records that are too long without a pause for each', async () => {
    const { received, url } = await startService([], 1500);
    const { sink, lost } = open(url);
    const isLong = (index: number) => index % 10 === 3;

    for (const [index, record] of recordsOf(400).entries())
      sink.write(isLong(index) ? recordOf('漢'.repeat(500)) : record);
    await until(() => lost.count === 40);
    await sink.flush(10_000);

    const taken = received.filter(({ body }) => Buffer.byteLength(body) <= 1500);
    const short = recordsOf(400).flatMap((_, index) => (isLong(index) ? [] : [`r${index}`]));
    expect(taken.flatMap(idsIn)).toEqual(short);
    expect(lost.count).toBe(40);
  });

  it('at an address that may not be reached gets nothing', async () => {
    const { received, url } = await startService();
    const { sink, events } = open(url, [NEW], createAddressRule([]));

    sink.write(recordOf('r1'));
    await until(() => events.length > 0);

    expect(events[0]).toMatchObject({ type: 'audit_sink.failed' });
    expect(received).toEqual([]);
  });
});
