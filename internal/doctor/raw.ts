// Sends exactly the bytes it is given and tells what came back: HTTP clients would correct, before
// sending, what attackers send. One connection for each attempt, and a time limit on all of it.

import { connect, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';

/** Where the deployment is reached. */
export type Target = {
  readonly host: string;
  readonly port: number;
  /** Absent for plain HTTP. */
  readonly tls?: {
    readonly servername: string;
    /** Certificates to trust beside the usual ones. */
    readonly ca?: string;
  };
};

export type Answer = {
  /** Of the first answer; undefined when none came. */
  readonly status: number | undefined;
  /** Lower-case names, of the first answer. */
  readonly headers: ReadonlyMap<string, string>;
  /** Why the connection broke, as the system says it. */
  readonly problem: string | undefined;
};

const MAX_BYTES = 256 * 1024;

/**
 * Sends the first message, and each further one when something came back for those before; resolves when
 * the other end closes or the time is over, and never rejects.
 */
export function exchange(
  target: Target,
  messages: readonly string[],
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const waiting = [...messages];
    let text = '';
    const socket = open(target, () => next());
    const next = (): void => {
      const message = waiting.shift();
      if (message !== undefined) socket.write(Buffer.from(message, 'latin1'));
    };
    let problem: string | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...parse(text), problem });
    };
    const timer = setTimeout(settle, timeoutMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.length > MAX_BYTES) settle();
      else next();
    });
    socket.on('error', (error) => {
      problem = 'code' in error ? String(error.code) : error.message;
    });
    socket.on('close', settle);
  });
}

function open({ host, port, tls }: Target, ready: () => void): Socket {
  if (tls === undefined) return connect(port, host, ready);
  const { servername, ca } = tls;
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  return connectTls({ host, port, servername, ALPNProtocols: ['http/1.1'], ...trusted }, ready);
}

function parse(text: string): Omit<Answer, 'problem'> {
  const [head = ''] = text.split('\r\n\r\n', 1);
  const [first = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: status === undefined ? undefined : Number(status), headers };
}
