// What strangers choose, as long and as strange as they like, stays one value of one record in every sink.

import { getEventListeners } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../internal/audit/events.ts';
import { printRecord } from '../../internal/audit/line.ts';
import { openAuditTrail } from '../../internal/audit/open.ts';
import { createSyslogSink } from '../../internal/audit/sinks/syslog.ts';
import { printMessage } from '../../internal/audit/sinks/syslog-message.ts';
import { openMessages } from '../../internal/audit/sinks/syslog-ways.ts';
import { createStamp } from '../../internal/audit/stamp.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { findFreePort } from '../support/free-port.ts';
import { createAccount, until } from './audit.fixture.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const stamp = createStamp({
  now: Date.now,
  random: (bytes) => Buffer.alloc(bytes, 7).toString('base64url'),
  findOrigin: () => undefined,
});

const refusedFor = (subject: string): AuditEvent => ({
  ...{ type: 'authorization.refused', clientId: undefined, claimedClientId: subject },
  ...{ subject, error: 'access_denied', reason: 'unknown_client', requestId: subject },
});

const HOSTILE: { readonly [name: string]: string } = {
  'ends of lines': 'a\r\n{"type":"token.issued"}\r\n\u2028\u2029\u0085b',
  'a message of its own': 'x\n<34>1 2026-01-01T00:00:00Z host app 1 token.issued - {}\n',
  'a count of its own': '5 <34>1\n0 ',
  'text that runs backwards': '\u202Eecila\u202C',
  'a terminal’s escapes': '\u001B[2J\u001B]0;owned\u0007\u009B31m',
  'zero bytes': 'a\0b\0',
  'half a character': 'a\uD83D',
  'many bytes a character': '🦀漢字'.repeat(300),
  'quotes and braces': '"}\n{"type":"token.issued","x":"',
  'members of objects': '__proto__',
  'a megabyte': 'A'.repeat(1_048_576),
};

const HONEST = 'Zoë Åström 李小龍 שלום 🦊';

/** The trail of an issuer that says nothing of sinks: lines of its log. */
async function openStdout() {
  let written = '';
  const write = (line: string): void => {
    written += line;
  };
  const trail = await openAuditTrail(
    [{ type: 'stdout', types: undefined, maxWaiting: 0, madeOf: {} }],
    {
      ...{ ...createAccount().terms, now: Date.now, findOrigin: () => undefined, remembered: 10 },
      log: createLog({ level: 'info', format: 'json', destination: { write } }),
    },
  );
  return { trail, text: () => written };
}

/** RFC 6587 §3.4.1, by bytes. */
function uncount(bytes: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, space));
    messages.push(bytes.subarray(space + 1, space + 1 + length).toString());
    at = space + 1 + length;
  }
  return messages;
}

describe('a value of a stranger', () => {
  for (const [name, value] of Object.entries(HOSTILE)) {
    it(`stays in its record as one line without controls: ${name}`, () => {
      const line = printRecord(stamp(refusedFor(value)));
      const sender = { facility: 'auth', hostname: 'h', appName: 'a', pid: 1 } as const;
      const message = printMessage(stamp(refusedFor(value)), sender);

      for (const text of [line, message]) {
        expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }
      expect(JSON.parse(line).type).toBe('authorization.refused');
      expect(JSON.parse(line).subject.slice(0, 512)).toBe(value.slice(0, 512));
      expect(line.length).toBeLessThan(12_000);
    });
  }

  for (const [name, value] of Object.entries(HOSTILE)) {
    it(`is on standard output one line without controls, which says the same: ${name}`, async () => {
      const { trail, text } = await openStdout();
      trail.audit(refusedFor(value));

      expect(text().trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/u);
      const line = JSON.parse(text());
      expect(line).toMatchObject({ audit: true, level: 'info', msg: 'authorization.refused' });
      expect(line.subject.slice(0, 512)).toBe(value.slice(0, 512));
    });
  }

  it('is cut before anything keeps it, on standard output and in what is remembered too', async () => {
    const { trail, text } = await openStdout();
    trail.audit(refusedFor('A'.repeat(1_048_576)));

    const { records } = await trail.query({ limit: 1 });
    expect(text().length).toBeLessThan(3000);
    expect(JSON.stringify(records).length).toBeLessThan(3000);
    expect(JSON.stringify(records)).toContain('(1048576 characters)');
  });

  it('moves no message of syslog out of its count', async () => {
    const chunks: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { terms } = createAccount();
    const sink = createSyslogSink(
      {
        address: { transport: 'tcp', host: '127.0.0.1', port },
        ...{ facility: 'auth', appName: 'ästeroid \r\n' },
      },
      terms,
    );
    cleanups.push(async () => {
      await sink.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const values = Object.values(HOSTILE);
    for (const value of values) sink.write(stamp(refusedFor(value)));
    await sink.flush(10_000);
    await until(() => uncount(Buffer.concat(chunks)).at(-1)?.endsWith('}') === true);

    const subjects = uncount(Buffer.concat(chunks)).map(
      (message) => JSON.parse(message.slice(message.indexOf('{'))).subject,
    );
    expect(subjects.map((subject) => subject.slice(0, 512))).toEqual(
      values.map((value) => value.slice(0, 512)),
    );
  });
});

it('an honest name is in every sink as it is written', async () => {
  const { trail, text } = await openStdout();
  trail.audit(refusedFor(HONEST));

  expect(text()).toContain(`"subject":"${HONEST}"`);
  expect(printRecord(stamp(refusedFor(HONEST)))).toContain(`"subject":"${HONEST}"`);
});

it('a collector that is never there leaves nothing behind for each attempt', async () => {
  const port = await findFreePort();
  const messages = openMessages({ transport: 'tcp', host: '127.0.0.1', port });
  const hurry = new AbortController();

  for (let attempt = 0; attempt < 5; attempt += 1) {
    await expect(messages.send(['m'], hurry.signal)).rejects.toThrow('ECONNREFUSED');
  }
  messages.close();

  expect(getEventListeners(hurry.signal, 'abort')).toEqual([]);
});
