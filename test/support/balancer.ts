// A load balancer as ingresses are: it sends nobody to a replica that is not ready, keeps connections to
// those that are, and sends a request a second time only where no connection could be had at all.

import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Replica = { readonly port: number; readonly admin: number };

type Balancer = {
  readonly port: number;
  /** Whether it would send somebody there. */
  isReady(replica: Replica): boolean;
  /** Why a request had no answer. */
  readonly failures: readonly string[];
  close(): void;
};

const PROBE_MS = 50;

export async function startBalancer(replicas: readonly Replica[]): Promise<Balancer> {
  const ready = new Set<Replica>();
  const failures: string[] = [];
  const agents = new Map(replicas.map((replica) => [replica, new Agent({ keepAlive: true })]));
  let turn = 0;
  let isClosed = false;

  async function probe(replica: Replica): Promise<void> {
    while (!isClosed) {
      const url = `http://127.0.0.1:${replica.admin}/readyz`;
      const answer = await fetch(url).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      if (answer?.ok === true) ready.add(replica);
      else ready.delete(replica);
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }

  function forward(given: IncomingMessage, response: ServerResponse, body: Buffer): void {
    turn += 1;
    const choice = [...ready];
    const replica = choice[turn % Math.max(1, choice.length)];
    if (replica === undefined) {
      failures.push('no replica is ready');
      response.writeHead(502).end();
      return;
    }
    const { method, url: path, headers } = given;
    const sent = request(
      { host: '127.0.0.1', port: replica.port, agent: agents.get(replica), method, path, headers },
      (answer) => {
        const { connection: _hop, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, rest);
        answer.pipe(response);
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') {
        ready.delete(replica);
        forward(given, response, body);
        return;
      }
      failures.push(`${method} ${path}: ${error.message}`);
      response.writeHead(502).end();
    });
    sent.end(body);
  }

  const server = createServer(async (given, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of given) chunks.push(chunk);
    forward(given, response, Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const replica of replicas) void probe(replica);
  return {
    port: (server.address() as AddressInfo).port,
    isReady: (replica) => ready.has(replica),
    failures,
    close() {
      isClosed = true;
      for (const agent of agents.values()) agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
