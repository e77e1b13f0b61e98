// What a library sent, byte for byte, so that somebody who overheard it can send it again.

import type { CustomFetch } from 'openid-client';
import { type Answer, type Asteroid, ask } from './rig.ts';

type Sent = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type Recorder = {
  /** Stands in for `fetch`, in either library. */
  readonly fetch: CustomFetch;
  /** The last request to this path; there has to be one. */
  readonly lastTo: (path: string) => Sent;
};

export function createRecorder(): Recorder {
  const all: Sent[] = [];
  return {
    fetch: (url, options) => {
      const { method, headers, body } = options;
      all.push({
        url: new URL(url),
        method,
        headers: { ...headers },
        body: body instanceof URLSearchParams ? body.toString() : undefined,
      });
      return fetch(url, options as RequestInit);
    },
    lastTo: (path) => {
      const sent = all.findLast(({ url }) => url.pathname === path);
      if (sent === undefined) throw new Error(`nothing was sent to ${path}`);
      return sent;
    },
  };
}

/** The same once more, straight to one replica. */
export const sendAgain = ({ url, method, headers, body }: Sent, to: Asteroid): Promise<Answer> =>
  ask(`http://127.0.0.1:${to.port}${url.pathname}`, {
    method,
    headers: { ...headers, host: url.host },
    ...(body === undefined ? {} : { form: Object.fromEntries(new URLSearchParams(body)) }),
  });
