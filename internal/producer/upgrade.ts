// WebSockets. Nothing else is ever upgraded: through a connection that had become h2c, a client would send
// requests that nobody here looks at.

import { request as ask, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { toClientHeaders, toLines } from './app-request.ts';
import { type Answerless, type AppCall, codeOf, targetOf } from './forward.ts';

/** (RFC 6455 §4.2.1) */
export const isWebSocket = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;

/** @param head what came behind the request already. */
export function passUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { to, lines }: AppCall,
  failed: Answerless,
): void {
  const asked = ask({
    ...targetOf(to, request),
    headers: [...lines, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']].flat(),
    agent: false,
  });
  let isOver = false;
  socket.on('error', () => asked.destroy());
  socket.on('close', () => asked.destroy());
  asked.on('error', (error) => {
    if (isOver) socket.destroy();
    else failed(codeOf(error));
  });
  asked.on('upgrade', (answer, app, first) => {
    isOver = true;
    const agreed = [
      ...toLines(toClientHeaders(answer.rawHeaders)),
      ['Connection', 'Upgrade'] as const,
      ['Upgrade', 'websocket'] as const,
    ];
    socket.write(printHead(101, 'Switching Protocols', agreed));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) app.write(head);
    join(socket, app);
  });
  asked.on('response', (answer) => {
    isOver = true;
    const { statusCode = 502, statusMessage = '', rawHeaders } = answer;
    const kept = [...toLines(toClientHeaders(rawHeaders)), ['Connection', 'close'] as const];
    socket.write(printHead(statusCode, statusMessage, kept));
    answer.pipe(socket);
  });
  asked.end();
}

/** Whichever ends, or breaks, takes the other with it. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}

/** An answer to a request that Node has handed over with its socket. */
export const printHead = (
  status: number,
  message: string,
  lines: ReadonlyArray<readonly [string, string]>,
): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status} ${message}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    'latin1',
  );
