// Stands in front of an app as a proxy would that knows who is signed in, and says so in its headers or in
// its signed assertion: Asteroid's own counterpart, for apps that read such headers. Loopback only: whoever
// reaches it may be anybody.

import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { CheckUser } from '../chooser/entry.ts';
import { started, tcpPort } from '../http/connections.ts';
import { ownHosts } from '../http/host.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import { ID_BYTES, type Random, SECRET_BYTES } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import { createChoosing, createCookie } from './chooser.ts';
import { createDecide } from './decide.ts';
import { createDoors } from './doors.ts';
import { createEmission, type Emission } from './emission.ts';
import type { Users } from './end-user.ts';
import type { ProductName } from './products/table.ts';
import { createServe } from './serve.ts';
import type { Told } from './signed.ts';
import { isWebSocket } from './upgrade.ts';

export type ProducerOptions = Told & {
  readonly emit: ProductName;
  /** Origin of the app, plain http. */
  readonly to: URL;
  /** 0: a free one. */
  readonly port: number;
  /** Asked for each request; what it cannot read it rejects. */
  readonly users: () => Awaitable<Users>;
  /** Whether somebody who is not among them could be. */
  readonly check: CheckUser;
  /** Everybody is this one of them. */
  readonly as?: string | undefined;
  readonly open: boolean;
  readonly now: Clock;
  readonly random: Random;
};

export type Producer = {
  /** As people call it: `http://localhost:8880`. */
  readonly url: string;
  readonly emission: Emission;
  /** Where it answers itself. */
  readonly paths: readonly string[];
  readonly stop: () => Promise<void>;
};

/** Where it listens: names of other machines are none of ours. */
const LOOPBACK = '127.0.0.1';

/** Listens on loopback; throws an error that says what to do. */
export async function startProducer(options: ProducerOptions): Promise<Producer> {
  const { emit, to, users, check, as, now, random } = options;
  const server = createServer(SERVER);
  server.maxHeadersCount = 0; // one past the limit could be the second of two
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await bind(server, options.port);
  const port = tcpPort(server);
  const url = `http://localhost:${port}`;
  const emission = await createEmission(emit, options, url, now);
  const doors = createDoors(emission);
  const secret = random(SECRET_BYTES);
  const { cookie, name } = createCookie(url, emission.product.sessionCookie, secret);
  const hosts = ownHosts([url, `http://${LOOPBACK}:${port}`, `http://[::1]:${port}`], []);
  const decide = createDecide({
    emission,
    doors,
    users,
    to,
    hosts,
    open: options.open,
    cookie,
    cookieName: name,
    as,
    now,
    salt: random(ID_BYTES),
  });
  const serve = createServe({
    decide,
    cookie,
    choosing: createChoosing({ cookie, check, now }),
    to,
    random,
  });
  server.on('request', (request, response) => void serve.request(request, response));
  server.on('upgrade', (request, socket, head) => void serve.upgrade(request, socket, head));
  return {
    url,
    emission,
    paths: doors.paths,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function bind(server: Server, port: number): Promise<void> {
  try {
    await started(server, () => server.listen(port, LOOPBACK));
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
        ? 'another program listens there already; give it another port'
        : String(cause);
    throw new Error(`cannot listen on http://${LOOPBACK}:${port}: ${why}`, { cause });
  }
}

/** Bodies may take as long as they like: an app that streams is no slow client. */
const SERVER = {
  insecureHTTPParser: false,
  requestTimeout: 0,
  // Newer lines of Node ask; older ones hand over whatever wants to be upgraded.
  shouldUpgradeCallback: isWebSocket,
};
