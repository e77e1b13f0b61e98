// As much of curl as pages of the documentation use, so that their commands run where there is no curl, too.

import { execFileSync } from 'node:child_process';

/** What a shell makes of a command of the page. @param setting lines that come before it. */
export function toWords(command: string, setting: string): readonly string[] {
  const script = `${setting}\ncurl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('sh', ['-ec', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

type Request = {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly isShown: boolean;
  /** What is printed after the answer. */
  readonly tail: string;
};

/** Throws for a word that it does not know. */
export function readRequest(words: readonly string[]): Request {
  const headers = new Headers();
  let read: Request = { url: '', method: 'GET', headers, body: undefined, isShown: true, tail: '' };
  const rest = [...words];
  const value = (): string => rest.shift() ?? '';
  const options: Readonly<Record<string, () => Partial<Request>>> = {
    '-sS': () => ({}),
    '-X': () => ({ method: value() }),
    '-w': () => ({ tail: value() }),
    '-o': () => ({ isShown: value() !== '/dev/null' }),
    '-H': () => {
      const [name = '', ...text] = value().split(': ');
      headers.append(name, text.join(': '));
      return {};
    },
    '--json': () => {
      headers.set('Content-Type', 'application/json');
      return { body: value(), method: read.method === 'GET' ? 'POST' : read.method };
    },
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const option = options[word];
    if (option === undefined && word.startsWith('-')) throw new Error(`curl ${word} is not known`);
    read = { ...read, ...(option?.() ?? { url: word }) };
  }
  return read;
}

type Answered = { readonly status: number; readonly body: string; readonly printed: string };

export async function send({ url, isShown, tail, ...request }: Request): Promise<Answered> {
  const { method, headers, body } = request;
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const after = tail
    .replaceAll('%{http_code}', String(response.status))
    .replaceAll(/%header\{([\w-]+)\}/g, (_, name: string) => response.headers.get(name) ?? '')
    .replaceAll('\\n', '\n');
  return { status: response.status, body: text, printed: `${isShown ? text : ''}${after}` };
}
