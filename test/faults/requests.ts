// One HTTP request as it goes over the wire, and the whole answer or the reason why there is none.

import http, { type IncomingHttpHeaders } from 'node:http';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** No whole answer: whether anything can have been executed, and what happened. */
export type Silence = { readonly status: 0; readonly sent: boolean; readonly why: string };

export type Question = {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** How long an honest client waits. */
const PATIENCE_MS = 8000;

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

/** Follows nothing and repeats nothing. */
export const ask = ({ port, method, path, headers, body }: Question): Promise<Answer | Silence> =>
  new Promise((resolve) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent });
    const timer = setTimeout(() => request.destroy(new Error('no answer in time')), PATIENCE_MS);
    const settle = (result: Answer | Silence): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const fail = (error: Error): void => {
      const sent = !('code' in error && error.code === 'ECONNREFUSED');
      settle({ status: 0, sent, why: 'code' in error ? String(error.code) : error.message });
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        settle({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(body);
  });

/** Of a probe; 0 when nobody answers. */
export async function fetchStatus(port: number, path: string): Promise<number> {
  return (await ask({ port, method: 'GET', path, headers: { connection: 'close' } })).status;
}
