import { Redis, type RedisOptions } from 'ioredis';

export type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** One command on a connection of its own: what an operator would type. */
export async function tell(
  port: number,
  options: ClientOptions,
  ...[command = '', ...args]: readonly (string | number)[]
): Promise<unknown> {
  const client = createClient(port, options);
  try {
    return await client.call(String(command), ...args.map(String));
  } finally {
    client.disconnect();
  }
}

/** A client that gives up at once, and says nothing about a server that is away. */
export function createClient(port: number, options: ClientOptions = {}): Redis {
  const client = new Redis({
    ...{ host: '127.0.0.1', port, retryStrategy: () => null, maxRetriesPerRequest: 0 },
    ...{ enableReadyCheck: false, disableClientInfo: true, connectTimeout: 2000 },
    ...options,
  });
  client.on('error', () => {});
  return client;
}

/** A flat list of names and values, as Redis answers where it means a map. */
export function toRecord(answer: unknown): Readonly<Record<string, string>> {
  const list = Array.isArray(answer) ? answer.map(String) : [];
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? '']] : [])),
  );
}
