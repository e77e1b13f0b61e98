// Where the issuer can be reached: TCP, TLS, a Unix socket or a socket that was handed over. Time and
// size are bounded here, before a request exists. There is no `upgrade` and no `connect` listener, and
// never may be: a proxy that sees 101 stops looking at what passes. Nor is there one for `clientError`:
// Node's own answer (400, 408 or 431, without a body, then the end) knows what was already written.

import { createServer as createHttpServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { HttpApp } from './app.ts';
import { serveConnections, started, tcpPort } from './connections.ts';
import {
  checkTls,
  renewTls,
  type TlsOptions,
  toContextOptions,
  toHandshakeOptions,
} from './secure.ts';
import { bindUnixSocket, type UnixSocketAddress } from './unix-socket.ts';

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | UnixSocketAddress
  /** Opened by whoever started us, e.g. systemd (LISTEN_FDS). */
  | { readonly kind: 'fd'; readonly fd: number };

/** Milliseconds. */
type Timeouts = {
  /** From the first byte of a request, or of a connection, to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** Between requests: longer than a load balancer's, so that it is the one who closes. */
  readonly keepAlive: number;
};

export type ListenOptions = {
  readonly address: ListenAddress;
  readonly tls?: TlsOptions;
  readonly timeouts?: Partial<Timeouts>;
};

export type Listener = {
  /** For people: `http://127.0.0.1:8880`, `unix:/run/asteroid/asteroid.sock`. */
  readonly name: string;
  /** The TCP port that was really taken; undefined on a Unix socket. */
  readonly port: number | undefined;
  /**
   * Throws when connections cannot be secured by these, and for a listener without TLS. What it returns
   * secures all that are made from then on, and lets no certificate count any more that is not of the CA.
   */
  readonly prepareTls: (tls: TlsOptions) => () => void;
  /** Answers end their connections from here on, and new ones are still accepted. */
  readonly retire: () => void;
  /**
   * Stops accepting, lets requests under way finish, then resolves. Called again it ends everything
   * at once, as it does after `graceMs`.
   */
  readonly drain: (graceMs: number) => Promise<void>;
};

const TIMEOUTS: Timeouts = { headers: 10_000, request: 30_000, keepAlive: 75_000 };
const MAX_HEADER_BYTES = 16_384;
const HANDSHAKE_MS = 10_000;

/** Serves until drained; throws an error that says what to do when the address cannot be had. */
export async function listen(app: HttpApp, options: ListenOptions): Promise<Listener> {
  const { address, tls } = options;
  const server = createServer(options);
  // No limit: Node leaves out headers past it without a word, and one of them may be the second of
  // two. The size is bounded anyway.
  server.maxHeadersCount = 0;
  const { retire, drain, open, dismiss, cutUnready } = serveConnections(
    server,
    app,
    tls === undefined ? 'connection' : 'secureConnection',
  );
  let current = tls;
  const prepareTls: Listener['prepareTls'] = (next) => {
    const before = current;
    if (before === undefined) throw new Error('a listener without TLS has none to renew');
    // A renewal that renews nothing would cost everybody the session they could resume.
    if (isDeepStrictEqual(before, next)) return () => undefined;
    checkTls(next);
    return () => {
      const { isOtherCa, disowned, outlived } = renewTls(server, { before, next }, open());
      current = next;
      if (isOtherCa) cutUnready();
      for (const socket of disowned) app.disowned?.(socket);
      dismiss(outlived);
    };
  };
  await bind(server, address);
  const port = tcpPort(server);
  const name = toName(address, port, tls !== undefined);
  return { name, port, prepareTls, retire, drain };
}

function createServer({ tls, timeouts = {} }: ListenOptions): Server {
  const { headers, request, keepAlive } = { ...TIMEOUTS, ...timeouts };
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headers,
    requestTimeout: request,
    keepAliveTimeout: keepAlive,
    connectionsCheckingInterval: Math.min(1000, headers),
    insecureHTTPParser: false, // even when the command line of Node says otherwise
    requireHostHeader: true,
    joinDuplicateHeaders: false,
  };
  if (tls === undefined) return createHttpServer(options);
  checkTls(tls);
  return createHttpsServer({
    ...options,
    ...toContextOptions(tls),
    ...toHandshakeOptions(tls),
    handshakeTimeout: HANDSHAKE_MS,
  });
}

async function bind(server: Server, address: ListenAddress): Promise<void> {
  try {
    if (address.kind === 'unix') await bindUnixSocket(server, address);
    else await started(server, () => server.listen(address));
  } catch (cause) {
    throw new Error(`cannot listen on ${toName(address, undefined, false)}: ${explain(cause)}`, {
      cause,
    });
  }
}

const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another program listens there already'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EACCES', 'permission denied; ports below 1024 need a privilege, sockets a writable directory'],
  ['ENOTFOUND', 'there is no host of this name'],
  ['ENOENT', 'the directory does not exist'],
  ['EBADF', 'no socket was handed over under this number'],
]);

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return EXPLANATIONS.get(code) ?? messageOf(error);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

function toName(address: ListenAddress, port: number | undefined, tls: boolean): string {
  switch (address.kind) {
    case 'tcp': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return `${tls ? 'https' : 'http'}://${host}:${port ?? address.port}`;
    }
    case 'unix':
      return `unix:${address.path}`;
    case 'fd':
      return `fd:${address.fd}`;
    default:
      return address satisfies never;
  }
}
