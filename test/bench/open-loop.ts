// People who sign in without waiting for each other: each begins when chance says so, however long others
// wait. Every answer is awaited on a connection of its own: those that a proxy keeps open, and then as many
// as it takes.

import net from 'node:net';
import { REDIRECT_URI, SCOPE } from './rows.ts';

export type Crowd = {
  readonly port: number;
  /** Header lines of the proxy, each with its CRLF. */
  readonly identity: string;
  /** The client, and its secret, as a header line with its CRLF. */
  readonly client: string;
  readonly clientId: string;
  /** Sign-ins that begin in a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Seconds before anything counts. */
  readonly leadIn: number;
};

/** Latencies are milliseconds, in order. */
export type Outcome = {
  readonly signedIn: number;
  readonly accepted: readonly number[];
  readonly refused: readonly number[];
  /** Answers of another kind, connections that ended without one, and people for whom there was none. */
  readonly broken: number;
};

/** A code, tokens, and not now. */
const ANSWERS: ReadonlySet<string> = new Set(['303', '200', '503']);

/** Those that a proxy keeps open; a server accepts new ones slowly where it has other things to do. */
const POOL = 500;
const POOL_STEP = 20;

/** What one process can hold without being what is measured. */
const MOST_CONNECTIONS = 4000;
const TICK_MS = 1;
/** Who has no answer after this is not waited for any longer. */
const LAST_MS = 10_000;

type Lane = {
  readonly socket: net.Socket;
  since: number;
  received: string;
  busy: boolean;
};

export async function crowd(terms: Crowd): Promise<Outcome> {
  let [counts, end] = [0, 0];
  const accepted: number[] = [];
  const refused: number[] = [];
  const lanes = new Set<Lane>();
  const idle: Lane[] = [];
  let signedIn = 0;
  let broken = 0;

  const write = (lane: Lane, request: string): void => {
    lane.busy = true;
    lane.since = performance.now();
    lane.socket.write(request);
  };

  const rest = (lane: Lane, text: string): void => {
    lane.busy = false;
    if (/\r\nconnection: close\r\n/i.test(text)) lane.socket.destroy();
    else idle.push(lane);
  };

  const tally = (lane: Lane, status: string): void => {
    if (lane.since < counts || lane.since >= end) return;
    const took = performance.now() - lane.since;
    if (status === '503') refused.push(took);
    else accepted.push(took);
    if (status === '200') signedIn += 1;
  };

  const onAnswer = (lane: Lane, text: string): void => {
    const status = text.slice(9, 12);
    if (ANSWERS.has(status)) tally(lane, status);
    else broken += 1;
    if (status === '303') write(lane, redeem(terms, text));
    else rest(lane, text);
  };

  const open = (): Lane => {
    const socket = net.connect({ port: terms.port, host: '127.0.0.1', noDelay: true });
    const lane: Lane = { socket, since: 0, received: '', busy: false };
    lanes.add(lane);
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('close', () => {
      lanes.delete(lane);
      if (lane.busy) broken += 1;
      else if (idle.includes(lane)) idle.splice(idle.indexOf(lane), 1);
    });
    socket.on('data', (text: string) => {
      lane.received += text;
      if (!isWhole(lane.received)) return;
      const answer = lane.received;
      lane.received = '';
      onAnswer(lane, answer);
    });
    return lane;
  };

  const begin = (): void => {
    const lane = idle.pop() ?? (lanes.size < MOST_CONNECTIONS ? open() : undefined);
    if (lane === undefined) broken += 1;
    else write(lane, authorize(terms));
  };

  while (lanes.size < POOL) {
    for (let each = 0; each < POOL_STEP; each += 1) idle.push(open());
    await pause(TICK_MS * 10);
  }
  const begun = performance.now();
  counts = begun + terms.leadIn * 1000;
  end = counts + terms.seconds * 1000;
  for (let next = begun; next < end; ) {
    for (; next <= performance.now(); next += (-Math.log(1 - Math.random()) / terms.rate) * 1000) {
      begin();
    }
    await pause(TICK_MS);
  }
  for (let waited = 0; waited < LAST_MS && [...lanes].some(({ busy }) => busy); waited += 50) {
    await pause(50);
  }
  for (const lane of lanes) {
    if (lane.busy) broken += 1;
    lane.busy = false;
    lane.socket.destroy();
  }
  const inOrder = (times: number[]) => times.sort((a, b) => a - b);
  return { signedIn, accepted: inOrder(accepted), refused: inOrder(refused), broken };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function isWhole(text: string): boolean {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, split + 2))?.[1] ?? '0';
  return text.length >= split + 4 + Number(length);
}

let person = 0;

function authorize({ port, identity, clientId }: Crowd): string {
  person += 1;
  const query = `response_type=code&client_id=${clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&scope=${encodeURIComponent(SCOPE)}&state=state&nonce=nonce-${person}`;
  return `GET /authorize?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${identity}\r\n`;
}

function redeem({ port, client }: Crowd, answer: string): string {
  const code = /[?&]code=([^&\s]+)/.exec(answer)?.[1] ?? '';
  const body = `grant_type=authorization_code&redirect_uri=${encodeURIComponent(REDIRECT_URI)}&code=${code}`;
  const type = 'Content-Type: application/x-www-form-urlencoded';
  return `POST /token HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${client}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
