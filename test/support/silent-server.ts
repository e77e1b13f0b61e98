// A server that takes connections and never says a word on them, as one does that hangs, or a firewall.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type SilentServer = {
  readonly port: number;
  /** How many connections it was asked for. */
  count(): number;
  close(): void;
};

export async function startSilentServer(): Promise<SilentServer> {
  const sockets: Socket[] = [];
  const listener = createServer((socket) => void sockets.push(socket.on('error', () => {})));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    count: () => sockets.length,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
