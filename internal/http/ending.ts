// Answers after which nothing more of a connection is read, and those that are given before anything
// is asked.

import type { Socket } from 'node:net';
import { announcesBody } from './body.ts';
import { overloaded } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Send } from './send.ts';

/** Connections of which no further request is answered. */
export type Ending = WeakSet<Socket>;

/** The connection ends with this answer, and nothing more of it is read. */
export function end({ request, response }: Exchange, ending: Ending): void {
  ending.add(request.socket);
  response.shouldKeepAlive = false;
}

/** There is too much to do already: nobody is asked, and no line is written. */
export async function turnAway(
  { send }: { readonly send: Send },
  exchange: Exchange,
  ending: Ending,
): Promise<void> {
  if (announcesBody(exchange)) {
    // What arrived in one piece with its headers is there after this turn: then the connection can go on,
    // and whoever comes back costs no new one.
    if (!exchange.request.complete) await new Promise((resolve) => setImmediate(resolve));
    if (!exchange.request.complete) end(exchange, ending);
  }
  send.failure(exchange, overloaded(exchange.requestId));
}
