// A load generator that costs less than what it measures: raw sockets, one request at a time on each,
// and no more parsing than it takes to find the end of an answer.

import net from 'node:net';

const CONNECTIONS = 32;

export type Reply = { readonly status: number; readonly head: string; readonly body: string };

export type Load = {
  readonly port: number;
  readonly seconds: number;
  /** How many requests at a time; absent: 32. */
  readonly connections?: number;
  /** The next request, whole; undefined when there is nothing left to ask. */
  readonly next: () => string | undefined;
  /** False when the answer is not the one that the row is about. */
  readonly accept: (reply: Reply) => boolean;
};

export type Measured = {
  readonly answered: number;
  readonly refused: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** What the load itself used of its core, from 0 to 1. */
  readonly ownShare: number;
};

export async function generate(load: Load): Promise<Measured> {
  const times: number[] = [];
  let refused = 0;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const end = begin + load.seconds * 1000;
  const took = (since: number, now: number, reply: Reply): void => {
    times.push(now - since);
    if (!load.accept(reply)) refused += 1;
  };
  const { connections = CONNECTIONS } = load;
  await Promise.all(Array.from({ length: connections }, () => keepAsking(load, end, took)));
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const percentile = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return {
    answered: times.length,
    ...{ refused, seconds, p50: percentile(0.5), p99: percentile(0.99) },
    ownShare: (user + system) / 1e6 / seconds,
  };
}

/** A server that refuses is fast, and its figure would be worth nothing. */
export function check(what: string, { answered, refused }: Measured): void {
  if (answered === 0) throw new Error(`${what}: no answer at all`);
  if (refused > 0) throw new Error(`${what}: ${refused} of ${answered} answers were refusals`);
}

function keepAsking(
  { port, next }: Load,
  end: number,
  took: (since: number, now: number, reply: Reply) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    let since = 0;
    let received = '';
    const ask = (): void => {
      const request = performance.now() < end ? next() : undefined;
      if (request === undefined) {
        socket.end();
        resolve();
        return;
      }
      since = performance.now();
      socket.write(request, 'latin1');
    };
    socket.setEncoding('latin1').on('connect', ask).on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', (text: string) => {
      received = received === '' ? text : received + text;
      const reply = readReply(received);
      if (reply === undefined) return;
      received = '';
      took(since, performance.now(), reply);
      ask();
    });
  });
}

function readReply(text: string): Reply | undefined {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return undefined;
  const head = text.slice(0, split);
  const body = text.slice(split + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const whole = length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
  return whole ? { status: Number(head.slice(9, 12)), head, body } : undefined;
}
