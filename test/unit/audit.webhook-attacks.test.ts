// What a service of the audit trail may answer: nothing of it is followed, waited for or kept.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebhookSink } from '../../internal/audit/sinks/webhook.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { until } from '../support/until.ts';
import { createAccount, recordOf } from './audit.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(answer: (response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    response.on('error', () => undefined);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function open(url: string, timeout: number) {
  const account = createAccount();
  const secrets = () => [Buffer.alloc(32, 1)];
  const outbound = createOutbound(anyAddress);
  const sink = createWebhookSink({ url, timeout, secrets, outbound, now: () => 1 }, account.terms);
  cleanups.push(() => sink.close());
  sink.write(recordOf('r1'));
  return account;
}

describe('a webhook', () => {
  it('that leads elsewhere is not followed', async () => {
    const inside = await serve((response) => response.writeHead(204).end());
    const { url } = await serve((response) =>
      response.writeHead(307, { location: `${inside.url}/inside` }).end(),
    );
    const { events } = open(url, 5);
    await until(() => events.length > 0);

    expect(events[0]).toMatchObject({ reason: 'answers with status 307' });
    expect(inside.asked).toEqual([]);
  });

  it('that answers byte by byte has the time of one answer', async () => {
    const { url } = await serve((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const { events } = open(url, 0.3);
    await until(() => events.length > 0);

    expect(events[0]).toMatchObject({ reason: 'gave no whole answer in 0.3 s' });
  });

  it('that answers without end is cut off', async () => {
    let sent = 0;
    const block = Buffer.alloc(65_536);
    const { url } = await serve((response) => {
      response.writeHead(200);
      const push = (): void => {
        sent += block.length;
        if (!response.destroyed && sent < 2 ** 30) response.write(block, () => setImmediate(push));
      };
      push();
    });
    const { events } = open(url, 30);
    await until(() => events.length > 0);

    expect(events[0]).toMatchObject({ type: 'audit_sink.failed' });
    expect(sent).toBeLessThan(2 ** 28);
  });
});
