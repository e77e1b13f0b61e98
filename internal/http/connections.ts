// Connections from the first byte to the last, and how they end without losing a request: whoever is
// asked to go away is told so in an answer, and only a connection with nothing on it is cut.

import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { ConnectionLimit, HttpApp } from './app.ts';

/** Who connected just before the drain began is still accepted: the kernel has told them already. */
const LAST_CALL_MS = 250;

/** A request that was on its way when the drain began has this long to arrive. */
const IDLE_MS = 1000;

const UNLIMITED: ConnectionLimit = {
  most: () => Number.POSITIVE_INFINITY,
  accepted: () => undefined,
  dropped: () => undefined,
};

export type Serving = {
  /** From here on every answer ends its connection: whoever asks again may look elsewhere first. */
  readonly retire: () => void;
  readonly drain: (graceMs: number) => Promise<void>;
  /** Those that can carry requests. */
  readonly open: () => Iterable<Socket>;
  /** Ends those that cannot carry requests yet: who is at the other end is not known of any. */
  readonly cutUnready: () => void;
  /** Each of these ends with its next answer, or with the one that is under way. */
  readonly dismiss: (sockets: readonly Socket[]) => void;
};

/**
 * Hands requests to the application.
 * @param event when a connection can carry requests: with TLS only after the handshake.
 */
export function serveConnections(
  server: Server,
  app: HttpApp,
  event: 'connection' | 'secureConnection',
): Serving {
  const all = holdConnections(server, app.connections ?? UNLIMITED);
  /** With how much had been read of each when nothing was under way on it. */
  const ready = new Map<Socket, number>();
  const unanswered = new Set<ServerResponse>();
  const dismissed = new WeakSet<Socket>();
  let drained: Promise<void> | undefined;
  let retired = false;
  let hurry = (): void => {};
  let unixSocket = false;

  function answered(this: ServerResponse): void {
    unanswered.delete(this);
    const { socket } = this.req;
    if (ready.has(socket)) ready.set(socket, socket.bytesRead);
  }

  server.once('listening', () => {
    unixSocket = tcpPort(server) === undefined;
  });
  server.on('error', () => undefined); // an accept that failed is the loss of one client, not of all
  server.on(event, (socket: Socket) => {
    if (socket.destroyed) return;
    ready.set(socket, socket.bytesRead);
    socket.once('close', () => ready.delete(socket));
    app.connection(socket, unixSocket);
  });
  server.on('request', (request, response) => {
    if (retired || dismissed.has(request.socket)) {
      // Whoever was told to go hears nothing more on this connection: what nobody answers is not carried out.
      if (isEnding(request.socket, unanswered)) return;
      response.shouldKeepAlive = false;
    }
    unanswered.add(response);
    response.on('close', answered); // which comes once
    app.request(request, response);
  });

  const cutIdle = (): void => {
    const busy = new Set([...unanswered].map((response) => response.req.socket));
    // A request that has begun to arrive is one under way; its time limits are those of all.
    for (const [socket, read] of ready) {
      if (!busy.has(socket) && socket.bytesRead === read) socket.destroy();
    }
  };
  const cutAll = (): void => {
    for (const socket of all.keys()) socket.destroy();
  };
  const cutUnready = (): void => {
    for (const socket of listUnready(all, ready.keys())) socket.destroy();
  };
  const retire = (): void => {
    retired = true;
    endAnswers(unanswered, () => true);
  };
  const drainOnce = async (graceMs: number): Promise<void> => {
    retire();
    // Where the process itself stood still, what has arrived meanwhile is read before anything is cut.
    const idle = setTimeout(setImmediate, Math.min(IDLE_MS, graceMs / 2), cutIdle);
    const late = setTimeout(cutAll, graceMs);
    await new Promise<void>((resolve) => {
      hurry = resolve;
      setTimeout(setImmediate, Math.min(LAST_CALL_MS, graceMs / 4), resolve).unref();
    });
    await closed(server);
    clearTimeout(idle);
    clearTimeout(late);
    server.close(); // ends the timer that holds requests to their time limits
  };

  const drain = (graceMs: number): Promise<void> => {
    if (drained === undefined) {
      drained = drainOnce(graceMs);
    } else {
      hurry();
      cutAll();
    }
    return drained;
  };
  const dismiss = (sockets: readonly Socket[]): void => {
    for (const socket of sockets) dismissed.add(socket);
    endAnswers(unanswered, (socket) => dismissed.has(socket));
  };
  return { retire, drain, open: () => ready.keys(), cutUnready, dismiss };
}

/** Of a socket and of what secures it, which Node does not tell to belong together; all the same on a Unix socket. */
const otherEndOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort}`;

const isOpen = ({ destroyed }: Socket): boolean => !destroyed;

/** Where one of several that look the same is not ready, nobody knows which: those are all of them. */
function listUnready(all: ReadonlyMap<Socket, string>, ready: Iterable<Socket>): readonly Socket[] {
  const known = countEach([...ready].filter(isOpen).map(otherEndOf));
  const open = [...all].filter(([socket]) => isOpen(socket));
  const there = countEach(open.map(([, otherEnd]) => otherEnd));
  return open
    .filter(([, otherEnd]) => (there.get(otherEnd) ?? 0) > (known.get(otherEnd) ?? 0))
    .map(([socket]) => socket);
}

function countEach(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** All connections there are, with their other ends, and never more of them than there may be. */
function holdConnections(
  server: Server,
  { most, accepted, dropped }: ConnectionLimit,
): ReadonlyMap<Socket, string> {
  const all = new Map<Socket, string>();
  server.on('connection', (socket: Socket) => {
    // Not `maxConnections`: workers that are full would hand one on to each other without end.
    accepted();
    if (all.size >= most()) {
      socket.destroy();
      dropped();
      return;
    }
    all.set(socket, otherEndOf(socket));
    socket.once('close', () => all.delete(socket));
  });
  return all;
}

/** An answer that ends a connection takes those behind it with it, so the last one has to be it. */
const lastOfEach = (unanswered: Iterable<ServerResponse>): Iterable<ServerResponse> =>
  new Map([...unanswered].map((response) => [response.req.socket, response])).values();

/** The last answer that is under way on each of these connections ends it. */
function endAnswers(
  unanswered: Iterable<ServerResponse>,
  isLeaving: (socket: Socket) => boolean,
): void {
  for (const response of lastOfEach(unanswered)) {
    if (isLeaving(response.req.socket) && !response.headersSent) response.shouldKeepAlive = false;
  }
}

const isEnding = (socket: Socket, unanswered: Iterable<ServerResponse>): boolean =>
  [...unanswered].some(({ req, shouldKeepAlive }) => req.socket === socket && !shouldKeepAlive);

/**
 * Stops accepting and resolves after the last connection. Not `http.Server.close`, which cuts idle
 * connections at once: a client that is just sending its next request would lose it.
 */
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => resolve());
  });

/** Resolves when the server listens, and rejects when it cannot. */
export function started(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    begin();
  });
}

/** The port of a server that listens; undefined on a Unix socket. */
export function tcpPort(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
