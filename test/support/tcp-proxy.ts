import { connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** The next answer does not arrive: the connection it was on is cut instead. */
  cutNextAnswer(): void;
  /** Of so many answers one is cut, until told otherwise; 0: none. */
  cutEvery(answers: number): void;
  /** The same, of the answer that comes after so many others. */
  cutAnswerAfter(others: number): void;
  /** Every answer comes so many milliseconds later. */
  delayAnswers(milliseconds: number): void;
  /** Every question arrives so many milliseconds later. */
  delayQuestions(milliseconds: number): void;
  /** Nothing passes any more, in either direction, and no connection ends: a black hole. */
  hold(): void;
  /** What was held arrives, and everything after it. */
  release(): void;
  /**
   * A black hole that forgets: nothing passes, and afterwards those connections are cut that lost
   * something, as they would be when their peer hears of them again.
   */
  swallow(everything: boolean): void;
  /** Ends every connection. */
  cutAll(): void;
  /** Connections from here on lead to another server. */
  aim(target: number): void;
  /** Answers cut so far. */
  cuts(): number;
  /** How often something was asked after an answer had come: each is a round trip. */
  turns(): number;
  stop(): Promise<void>;
};

/** Stands between a client and a server on this machine, and loses what it is told to lose. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const robbed = new Set<Socket>();
  let every = 0;
  let answers = 0;
  /** How many answers still pass before one is cut. */
  let armed: number | undefined;
  let delay = { answers: 0, questions: 0 };
  let cuts = 0;
  let aim = target;
  let held: (() => void)[] | undefined;
  let swallowing = false;
  let turns = 0;
  let isAsking = false;

  const pass = (to: Socket, chunk: Buffer) => {
    if (held === undefined) to.write(chunk);
    else held.push(() => to.write(chunk));
  };
  /** Whether this answer is one to be lost with its connection. */
  function isCut(): boolean {
    answers += 1;
    const cut = armed === 0 || (every > 0 && answers % every === 0);
    armed = armed === undefined || armed === 0 ? undefined : armed - 1;
    if (cut) cuts += 1;
    return cut;
  }
  const server = createServer((client) => {
    const upstream = connect(aim, '127.0.0.1');
    const ask = createLane((chunk) => pass(upstream, chunk));
    const answer = createLane((chunk) => {
      isAsking = false;
      pass(client, chunk);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (!isAsking) turns += 1;
      isAsking = true;
      if (swallowing) robbed.add(client);
      else ask(chunk, delay.questions);
    });
    upstream.on('data', (chunk) => {
      if (swallowing) robbed.add(client);
      else if (isCut()) client.destroy();
      else answer(chunk, delay.answers);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cutNextAnswer: () => {
      armed = 0;
    },
    cutAnswerAfter: (others) => {
      armed = others;
    },
    cutEvery: (count) => {
      every = count;
    },
    delayAnswers: (milliseconds) => {
      delay = { ...delay, answers: milliseconds };
    },
    delayQuestions: (milliseconds) => {
      delay = { ...delay, questions: milliseconds };
    },
    hold() {
      held ??= [];
    },
    release() {
      const waiting = held ?? [];
      held = undefined;
      for (const send of waiting) send();
    },
    swallow(everything) {
      swallowing = everything;
      if (everything) return;
      for (const socket of robbed) socket.destroy();
      robbed.clear();
    },
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    aim(other) {
      aim = other;
    },
    cuts: () => cuts,
    turns: () => turns,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// In order, whatever the delay becomes meanwhile: an answer that overtakes another is taken for it.
function createLane(pass: (chunk: Buffer) => void): (chunk: Buffer, delay: number) => void {
  const waiting: { readonly chunk: Buffer; readonly due: number }[] = [];
  function passDue(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const left = next.due - performance.now();
      if (left > 0) {
        setTimeout(passDue, left);
        return;
      }
      pass(next.chunk);
      waiting.shift();
    }
  }
  return (chunk, delay) => {
    waiting.push({ chunk, due: performance.now() + delay });
    if (waiting.length === 1) passDue();
  };
}
