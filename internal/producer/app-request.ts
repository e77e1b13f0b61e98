// A client's headers → those the app gets. Whatever a client sends under a name that is the proxy's to set
// is gone, however it is spelled: WSGI, CGI and PHP read `X_Forwarded_User` and `x.forwarded.user` as the
// same name, and take the last of two.

import { fold } from '../upstream/scan.ts';
import type { Line } from './plain.ts';

/** Flat, as Node has them: name, value, name, value. */
type RawHeaders = readonly string[];

export type Ownership = {
  /** Header names; one that ends in `*` stands for all that begin so. */
  readonly names: readonly string[];
  readonly cookies: readonly string[];
};

/** They speak about one connection, and there are two (RFC 9110 §7.6.1). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** The proxy says these itself: an answer to `Expect` is out before the app is asked. */
const SAID_ANEW: ReadonlySet<string> = new Set(['host', 'content-length', 'expect']);

export function createSieve({ names, cookies }: Ownership) {
  const exact = new Set(names.filter((name) => !name.endsWith('*')).map(fold));
  const starts = names.filter((name) => name.endsWith('*')).map((name) => fold(name.slice(0, -1)));
  const isOwned = (name: string): boolean => {
    const one = fold(name);
    return exact.has(one) || starts.some((start) => one.startsWith(start));
  };

  /** What is left of a client's headers for the app, in their order and spelling. */
  return (raw: RawHeaders): readonly Line[] => {
    const lines = toLines(raw);
    const named = tokensOf(lines);
    return lines.flatMap(([name, value]): readonly Line[] => {
      const lower = name.toLowerCase();
      const one = fold(name); // a `Content_Length` is the length of the body to some of them
      if (named.has(lower) || OF_THE_CONNECTION.has(one) || SAID_ANEW.has(one)) return [];
      if (isOwned(name)) return [];
      if (lower !== 'cookie') return [[name, value]];
      const rest = withoutCookies(value, cookies);
      return rest === '' ? [] : [[name, rest]];
    });
  };
}

export const toLines = (raw: RawHeaders): readonly Line[] =>
  raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []));

/** Names that a Connection header asks a proxy to remove: of the client's headers, never of ours. */
const tokensOf = (lines: readonly Line[]): ReadonlySet<string> =>
  new Set(
    lines
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((token) => token.trim().toLowerCase())),
  );

/** The other pairs as they were. */
function withoutCookies(header: string, names: readonly string[]): string {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => !names.includes(pair.split('=', 1)[0]?.trim() ?? '')).join('; ');
}

/** An app's answer, without what it says about its connection to us. */
export function toClientHeaders(raw: RawHeaders): string[] {
  const lines = toLines(raw);
  const named = tokensOf(lines);
  return lines
    .filter(([name]) => {
      const lower = name.toLowerCase();
      return !named.has(lower) && !OF_THE_CONNECTION.has(lower);
    })
    .flat();
}

/** One cookie more, in the one header that may hold cookies (RFC 6265 §5.4). */
export function addCookie(lines: readonly Line[], pair: string): readonly Line[] {
  const at = lines.findIndex(([name]) => name.toLowerCase() === 'cookie');
  const found = lines[at];
  if (found === undefined) return [...lines, ['Cookie', pair]];
  return lines.with(at, [found[0], `${found[1]}; ${pair}`]);
}
