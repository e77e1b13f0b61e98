// The ways to a collector of syslog: datagrams (RFC 5426), a connection with each message counted
// (RFC 6587 §3.4.1, RFC 5425), and a Unix socket, where each message is a line.

import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SyslogAddress } from '../options.ts';

export type Messages = {
  /** Rejects when the collector is not there; resolves when they have left this process. */
  send(messages: readonly string[], signal: AbortSignal): Promise<void>;
  close(): void;
};

/** For a connection to stand, and for a full one to move on. */
const PATIENCE_MS = 10_000;

export const openMessages = (address: SyslogAddress): Messages =>
  address.transport === 'udp' ? createDatagrams(address) : createStream(address);

/** UDP loses without a word; all that is noticed is that nobody is at the port of this machine. */
function createDatagrams({ host, port }: { readonly host: string; readonly port: number }) {
  let socket: Datagrams | undefined;
  const forget = (): void => {
    socket?.close();
    socket = undefined;
  };

  async function open(): Promise<Datagrams> {
    const { lookup } = await import('node:dns/promises');
    const { address, family } = await lookup(host);
    const opened = createSocket(family === 6 ? 'udp6' : 'udp4');
    opened.unref();
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.connect(port, address, () => {
        opened.off('error', reject);
        resolve();
      });
    });
    opened.on('error', forget);
    return opened;
  }

  return {
    async send(messages: readonly string[], signal: AbortSignal): Promise<void> {
      socket ??= await open();
      const current = socket;
      for (const message of messages) {
        if (signal.aborted) throw new Error('there was no time left');
        await new Promise<void>((resolve, reject) =>
          current.send(message, (error) => (error === null ? resolve() : reject(error))),
        ).catch((error: unknown) => {
          forget();
          throw error;
        });
      }
    },
    close: forget,
  };
}

type Connected = Exclude<SyslogAddress, { readonly transport: 'udp' }>;

/** One connection, made again when it ends. What the kernel had taken by then is beyond our knowledge. */
function createStream(address: Connected): Messages {
  let socket: Socket | undefined;
  const frame = address.transport === 'unix' ? toLine : toCounted;
  const forget = (gone: Socket): void => {
    gone.destroy();
    if (socket === gone) socket = undefined;
  };

  async function open(signal: AbortSignal): Promise<Socket> {
    const opened = dial(address);
    const event = address.transport === 'tls' ? 'secureConnect' : 'connect';
    const giveUp = (): void => void opened.destroy(new Error('there was no time left'));
    signal.addEventListener('abort', giveUp);
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.once(event, () => resolve());
      opened.setTimeout(PATIENCE_MS, () => opened.destroy(new Error('did not answer in time')));
    }).finally(() => signal.removeEventListener('abort', giveUp));
    opened.setTimeout(0);
    // Nobody answers us: an end is the collector going away, before the next message is lost in it.
    for (const end of ['end', 'close', 'error']) opened.on(end, () => forget(opened));
    opened.resume();
    opened.unref();
    return opened;
  }

  return {
    async send(messages, signal) {
      socket ??= await open(signal);
      await write(socket, messages.map(frame).join(''), signal).catch((error: unknown) => {
        if (socket !== undefined) forget(socket);
        throw error;
      });
    },
    close() {
      const last = socket;
      last?.end(() => last.destroy());
    },
  };
}

function dial(address: Connected): Socket {
  if (address.transport === 'unix') return connect({ path: address.path });
  const { host, port } = address;
  if (address.transport === 'tcp') return connect({ host, port });
  // An address is no name (RFC 6066 §3); the certificate is held against `host` then.
  const { servername = isIP(host) === 0 ? host : undefined, ...own } = address.tls();
  return connectTls({
    ...{ host, port, ...own },
    ...(servername === undefined ? {} : { servername }),
    // Said again, because NODE_TLS_REJECT_UNAUTHORIZED is somebody else's business.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
}

/** A collector that reads nothing for so long is one that is gone; it gets the same again later. */
function write(socket: Socket, text: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (reason: string) => () => reject(new Error(reason));
    const timer = setTimeout(give('reads nothing'), PATIENCE_MS);
    const giveUp = give('there was no time left');
    signal.addEventListener('abort', giveUp, { once: true });
    const gone = give('closed the connection');
    socket.once('close', gone);
    socket.write(text, (error) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      socket.off('close', gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

const toLine = (message: string): string => `${message}\n`;

const toCounted = (message: string): string => `${Buffer.byteLength(message)} ${message}`;
