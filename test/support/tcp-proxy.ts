import { connect, createServer, type Socket } from 'node:net';

export type TcpProxy = {
  readonly port: number;
  /** The next answer does not arrive: the connection it was on is cut instead. */
  cutNextAnswer(): void;
  /** The same, of the answer that comes after so many others. */
  cutAnswerAfter(others: number): void;
  /** Every answer comes so many milliseconds later. */
  delayAnswers(milliseconds: number): void;
  /** Nothing passes any more, in either direction, and no connection ends: a black hole. */
  hold(): void;
  /** What was held arrives, and everything after it. */
  release(): void;
  /** Ends every connection. */
  cutAll(): void;
  /** Connections from here on lead to another server. */
  aim(target: number): void;
  /** Answers cut so far. */
  cuts(): number;
  stop(): Promise<void>;
};

/** Stands between a client and a server on this machine, and loses what it is told to lose. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let armed: number | undefined;
  let delay = 0;
  let cuts = 0;
  let aim = target;
  let held: (() => void)[] | undefined;
  const pass = (to: Socket, chunk: Buffer) => {
    if (held === undefined) to.write(chunk);
    else held.push(() => to.write(chunk));
  };
  const server = createServer((client) => {
    const upstream = connect(aim, '127.0.0.1');
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
    client.on('data', (chunk) => pass(upstream, chunk));
    upstream.on('data', (chunk) => {
      if (armed !== 0) {
        if (armed !== undefined) armed -= 1;
        if (delay === 0) pass(client, chunk);
        else setTimeout(() => client.write(chunk), delay);
        return;
      }
      armed = undefined;
      cuts += 1;
      client.destroy();
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
    delayAnswers: (milliseconds) => {
      delay = milliseconds;
    },
    hold() {
      held ??= [];
    },
    release() {
      const waiting = held ?? [];
      held = undefined;
      for (const send of waiting) send();
    },
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    aim(other) {
      aim = other;
    },
    cuts: () => cuts,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
