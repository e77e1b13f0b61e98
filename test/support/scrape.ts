// What Prometheus would read from a listener.

import { ask, type RawTarget } from './raw-http.ts';

export type Scrape = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
  /** Of the one series with these labels among others, or of the sum of several; undefined without any. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** Lines that are no comments. */
  readonly lines: readonly string[];
};

export async function scrape(target: RawTarget, accept?: string): Promise<Scrape> {
  const lines = ['GET /metrics HTTP/1.1', 'Host: 10.0.0.1'];
  const { status, headers, body } = await ask(
    target,
    accept === undefined ? lines : [...lines, `Accept: ${accept}`],
  );
  const series = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return {
    status,
    contentType: headers['content-type'],
    text: body,
    lines: series,
    value(name, labels = {}) {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const found = series.filter(
        (line) => /^\w+/.exec(line)?.[0] === name && wanted.every((part) => line.includes(part)),
      );
      if (found.length === 0) return undefined;
      return found.reduce(
        (sum, line) => sum + Number(/ (\S+)/.exec(line.replace(/\{.*\}/, ''))?.[1]),
        0,
      );
    },
  };
}
