// Requests as they arrive, and whatever becomes of them: an answer in every case, also when the app has none.

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ChoiceCookie } from '../chooser/choice.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Random } from '../protocol/random.ts';
import type { createChoosing } from './chooser.ts';
import { type Decision, isNavigation } from './decide.ts';
import { forward } from './forward.ts';
import { drawUnreachable } from './pages.ts';
import { ProducerRefusal } from './refusal.ts';
import { sendChosen, sendPage, sendReply, sendText, toSetting } from './reply.ts';
import { isWebSocket, passUpgrade, printHead } from './upgrade.ts';

type ServeDeps = {
  readonly decide: (request: IncomingMessage) => Promise<Decision>;
  readonly cookie: ChoiceCookie;
  readonly choosing: ReturnType<typeof createChoosing>;
  readonly to: URL;
  readonly random: Random;
};

/** Neither of them ever rejects. */
export function createServe(deps: ServeDeps) {
  const { decide, choosing, to, random } = deps;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const decision = await decide(request);
    if (decision.kind === 'choosing') {
      sendChosen(request, response, await choosing({ ...decision, request }), random);
      return;
    }
    if (decision.kind === 'reply') {
      return sendReply(request, response, decision.reply, decision.url, deps);
    }
    forward(request, response, { to, lines: decision.lines }, (problem) => {
      if (isNavigation(request)) {
        const setting = toSetting(request, random);
        sendPage(response, 502, setting, (own) => drawUnreachable(to.origin, problem, own));
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

const unreachable = (to: URL, problem: string): string =>
  `nothing answers at ${to.origin} (${problem}): start your application there, or name where it is with --to`;

const statusOf = (error: unknown): number =>
  error instanceof ProducerRefusal || error instanceof OAuthError ? error.status : 500;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'this did not work';
