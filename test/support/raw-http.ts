// A client that sends exactly the bytes it is given, over TCP, TLS or a Unix socket, and tells what
// came back: what HTTP libraries would correct before sending is what attackers send.

import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export type RawTarget =
  | { readonly port: number; readonly tls?: ConnectionOptions }
  | { readonly path: string };

export type RawAnswer = {
  readonly status: number;
  /** Lower-case names; values of a repeated header are joined with a comma. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** Header lines as received. */
  readonly lines: readonly string[];
  readonly body: string;
};

export type RawResult = {
  readonly answers: readonly RawAnswer[];
  /** The server ended the connection. */
  readonly closed: boolean;
};

export type RawConnection = {
  write(bytes: string | Buffer): void;
  /** The next answer in order; rejects when the connection ends without it. */
  next(options?: { readonly head?: boolean }): Promise<RawAnswer>;
  /** Resolves when the server has ended the connection, in order or by a reset. */
  readonly closed: Promise<'end' | 'reset'>;
  destroy(): void;
};

/** Characters U+0000 to U+00FF stand for the bytes of that number. */
export async function openRaw(target: RawTarget): Promise<RawConnection> {
  const socket = await open(target);
  let received = Buffer.alloc(0);
  let ended = false;
  let wake = (): void => {};
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const closed = new Promise<'end' | 'reset'>((resolve) => {
    const end = (how: 'end' | 'reset') => (): void => {
      ended = true;
      wake();
      resolve(how);
    };
    socket.once('end', end('end')).once('close', end('reset'));
    socket.on('error', end('reset'));
  });

  const next: RawConnection['next'] = async ({ head = false } = {}) => {
    for (;;) {
      const parsed = parse(received, head, ended);
      if (parsed !== undefined) {
        received = received.subarray(parsed.length);
        return parsed.answer;
      }
      if (ended) throw new Error('the connection ended without an answer');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    write: (bytes) => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    next,
    closed,
    destroy: () => socket.destroy(),
  };
}

/** How long a connection has to stay open after an answer that did not announce its end. */
const KEPT_MS = 15;
const ENDED_MS = 30_000;

/** Sends everything at once and waits for so many answers, or for the end. */
export async function sendRaw(
  target: RawTarget,
  bytes: string | Buffer,
  {
    answers: wanted = 1,
    head = false,
  }: { readonly answers?: number; readonly head?: boolean } = {},
): Promise<RawResult> {
  const connection = await openRaw(target);
  connection.write(bytes);
  const answers: RawAnswer[] = [];
  try {
    while (answers.length < wanted) answers.push(await connection.next({ head }));
  } catch {
    return { answers, closed: true };
  }
  const announced = answers.at(-1)?.headers['connection'] === 'close';
  const closed = await Promise.race([
    connection.closed.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, announced ? ENDED_MS : KEPT_MS, false)),
  ]);
  connection.destroy();
  return { answers, closed };
}

/** The one answer to a request given line by line, without the empty line at its end. */
export async function ask(
  target: RawTarget,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer & { readonly closed: boolean }> {
  const head = lines[0]?.startsWith('HEAD ') ?? false;
  const text = `${lines.join('\r\n')}\r\n\r\n${body}`;
  const { answers, closed } = await sendRaw(target, text, { head });
  const [answer] = answers;
  if (answer === undefined) throw new Error('the connection ended without an answer');
  return { ...answer, closed };
}

function open(target: RawTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      'path' in target
        ? connect(target.path, () => resolve(socket))
        : target.tls === undefined
          ? connect(target.port, '127.0.0.1', () => resolve(socket))
          : connectTls({ host: '127.0.0.1', port: target.port, ...target.tls }, () =>
              resolve(socket),
            );
    socket.once('error', reject);
  });
}

type Parsed = { readonly answer: RawAnswer; readonly length: number };

function parse(bytes: Buffer, head: boolean, ended: boolean): Parsed | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(first.split(' ')[1]);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const start = end + 4;
  const length = bodyLength(status, headers, head) ?? (ended ? bytes.length - start : undefined);
  if (length === undefined || bytes.length < start + length) return undefined;
  const body = bytes.subarray(start, start + length).toString('utf8');
  return { answer: { status, headers, lines, body }, length: start + length };
}

function bodyLength(
  status: number,
  headers: Readonly<Record<string, string>>,
  head: boolean,
): number | undefined {
  if (head || status < 200 || status === 204 || status === 304) return 0;
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
