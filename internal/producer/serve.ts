// Requests as they arrive, and whatever becomes of them: an answer in every case, also when the app has none.

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import { readChoice } from './chosen.ts';
import type { StayCookie } from './cookie.ts';
import { type Decision, isNavigation } from './decide.ts';
import { forward } from './forward.ts';
import { drawUnreachable } from './pages.ts';
import { ProducerRefusal } from './refusal.ts';
import { sendOn, sendPage, sendReply, sendText } from './reply.ts';
import { toOwnUrl } from './target.ts';
import { isWebSocket, passUpgrade, printHead } from './upgrade.ts';
import { assertKnown } from './who.ts';

type ServeDeps = {
  readonly decide: (request: IncomingMessage) => Promise<Decision>;
  readonly cookie: StayCookie;
  readonly to: URL;
  readonly now: Clock;
  readonly random: Random;
  readonly product: string;
};

/** Neither of them ever rejects. */
export function createServe(deps: ServeDeps) {
  const { decide, to, random } = deps;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const decision = await decide(request);
    if (decision.kind === 'chosen') return stay(request, response, decision, deps);
    if (decision.kind === 'reply') return sendReply(response, decision.reply, decision, deps);
    forward(request, response, { to, lines: decision.lines }, (problem) => {
      if (isNavigation(request)) {
        sendPage(response, 502, random, (nonce) => drawUnreachable(to.origin, problem, nonce));
      } else sendText(response, 502, unreachable(to, problem));
    });
  };
  const request = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await answer(asked, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendText(response, statusOf(error), messageOf(error));
    }
  };
  const upgrade = async (asked: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy());
    if (!isWebSocket(asked)) return serveAnyway(asked, socket, request);
    const refuse = (status: number, text: string): void => {
      const lines = [
        ['Content-Type', 'text/plain'],
        ['Connection', 'close'],
      ] as const;
      socket.end(Buffer.concat([printHead(status, '', lines), Buffer.from(`${text}\n`)]));
    };
    try {
      const decision = await decide(asked);
      if (decision.kind !== 'call') return refuse(400, 'there is no WebSocket here');
      const { lines } = decision;
      passUpgrade(asked, socket, head, { to, lines }, (problem) =>
        refuse(502, unreachable(to, problem)),
      );
    } catch (error) {
      refuse(statusOf(error), messageOf(error));
    }
  };
  return { request, upgrade };
}

/**
 * Who offers h2c is content with HTTP/1.1 (RFC 9110 §7.8), and Java's client offers it with every request.
 * Node has stopped reading by then: a body, or a next request, never arrives.
 */
function serveAnyway(
  asked: IncomingMessage,
  socket: Duplex,
  request: (asked: IncomingMessage, response: ServerResponse) => Promise<void>,
): void {
  const { headers } = asked;
  const response = new ServerResponse(asked);
  response.assignSocket(asked.socket);
  response.shouldKeepAlive = false;
  response.on('finish', () => socket.end());
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    sendText(
      response,
      501,
      'an upgrade with a body is not understood here; send no Upgrade header',
    );
  } else void request(asked, response);
}

async function stay(
  request: IncomingMessage,
  response: ServerResponse,
  { url, users }: Decision,
  { cookie, now, random }: ServeDeps,
): Promise<void> {
  const { user, back } = await readChoice(request);
  assertKnown(user, users, 'user');
  response.setHeader('Set-Cookie', cookie.print({ user, since: now(), sid: random(ID_BYTES) }));
  sendOn(response, 303, toOwnUrl(back, url.origin) ?? `${url.origin}/`);
}

const unreachable = (to: URL, problem: string): string =>
  `nothing answers at ${to.origin} (${problem}): start your application there, or name where it is with --to`;

const statusOf = (error: unknown): number =>
  error instanceof ProducerRefusal ? error.status : 500;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'this did not work';
