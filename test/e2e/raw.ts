// Requests as bytes: HTTP clients would correct what attackers send.

import net from 'node:net';

export type RawRequest = {
  readonly method?: string;
  /** As it is, with whatever is in front of and behind the path. */
  readonly target: string;
  readonly host: string;
  readonly lines?: readonly string[];
  readonly connection?: string;
};

export type RawAnswer = {
  /** 0 when nothing came back that is HTTP. */
  readonly status: number;
  readonly location: string;
  readonly text: string;
};

/** One request on a connection of its own; resolves when the answer is whole, and never rejects. */
export function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method = 'GET', target, host, lines = [], connection = 'close' } = request;
  const head = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...lines,
    `Connection: ${connection}`,
    ...(method === 'POST' ? ['Content-Length: 0'] : []),
  ];
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
    });
    const settle = (): void => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.setTimeout(5000, settle);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (isWhole(text)) settle();
    });
    socket.on('error', settle).on('close', settle);
  });
}

/** Without codes, cookies and sealed values: by chance these hold any word of three letters. */
export const wordsOf = (text: string): string => text.replaceAll(/[\w.-]{20,}/g, '…');

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  return length === undefined
    ? text.endsWith('\r\n0\r\n\r\n')
    : text.length >= end + 4 + Number(length);
}

const parse = (text: string): RawAnswer => ({
  status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0),
  location: /^location: (.*)\r$/im.exec(text.split('\r\n\r\n')[0] ?? '')?.[1] ?? '',
  text,
});
