// An app behind the producer, which remembers exactly what reached it, and answers as it is told.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll } from 'vitest';
import {
  type ListedProducer,
  type ProducerTerms,
  startProducer,
} from '../../internal/app/producer.ts';
import { started } from '../../internal/http/connections.ts';
import type { JsonValue } from '../../internal/protocol/claims.ts';

/** What the parser of the app made of a request. */
export type Arrived = {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
};

export type App = {
  readonly url: string;
  readonly port: number;
  readonly arrived: readonly Arrived[];
  /** In place of echoing, from here on. */
  answers(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  stop(): Promise<void>;
};

const ends: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(ends.splice(0).map((end) => end())));

/** Answers every request with what arrived, and echoes what comes over a WebSocket. */
export async function startApp(port = 0): Promise<App> {
  const arrived: Arrived[] = [];
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server = createServer(async (request, response) => {
    if (answer !== undefined) return answer(request, response);
    const one = await readArrived(request);
    arrived.push(one);
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(one));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { method = '', url = '', rawHeaders } = request;
    arrived.push({ method, url, rawHeaders, body: '' });
    socket.on('error', () => socket.destroy());
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${acceptOf(request.headers['sec-websocket-key'] ?? '')}\r\n\r\n`,
    );
    socket.write(head);
    socket.pipe(socket);
  });
  await started(server, () => server.listen(port, '127.0.0.1'));
  const taken = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  ends.push(stop);
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    arrived,
    answers: (next) => {
      answer = next;
    },
    stop,
  };
}

async function readArrived(request: IncomingMessage): Promise<Arrived> {
  const { method = '', url = '', rawHeaders } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return { method, url, rawHeaders, body: Buffer.concat(chunks).toString('latin1') };
}

const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const USERS: ReadonlyArray<{ readonly [claim: string]: JsonValue }> = [
  {
    ...{ sub: 'alice', name: 'Zoë Alice Example', preferred_username: 'ali' },
    ...{ email: 'alice@corp.example', email_verified: true, groups: ['admins', 'dev team'] },
    ...{ picture: 'https://people.example/alice.png', department: 'R&D' },
  },
  { sub: 'bob', name: 'Bob', email: 'bob@corp.example' },
];

export type Stand = { readonly app: App; readonly producer: ListedProducer; readonly port: number };

/** A producer in front of an app of its own; both end with the test file. */
export async function stand(emit: string, terms: Partial<ProducerTerms> = {}): Promise<Stand> {
  const app = await startApp();
  const producer = await startProducer({ emit, to: app.url, users: USERS, ...terms });
  ends.push(producer.stop);
  return { app, producer, port: Number(new URL(producer.url).port) };
}

/** Lines of one name, as the app got them. */
export const linesNamed = (
  { rawHeaders }: Pick<Arrived, 'rawHeaders'>,
  name: string,
): readonly string[] =>
  rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase(),
  );
