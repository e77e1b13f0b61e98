// One pass over the raw headers: which lines belong to a configured header, and which only pretend.

/** What one pass found; the names are as configured, never as sent. */
export type Scan = {
  /** A header that some CGI, WSGI or proxy reads as this one, and Node does not. */
  readonly alias: string | undefined;
  /** A Connection token asks intermediaries to remove this one. */
  readonly hopByHop: string | undefined;
  /** Lower-case configured name → the lines sent under exactly that name. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
};

/** What CGI and some proxies make of a name: `X_User`, `X.User` and `x-user` are one to them. */
export const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

/** @param names every configured header, no two of which fold to the same. */
export function createScan(
  names: readonly string[],
  aliases: 'reject' | 'ignore',
): (rawHeaders: readonly string[]) => Scan {
  const exact = new Set(names.map((name) => name.toLowerCase()));
  const folded = new Map(names.map((name) => [fold(name), name]));
  // Folding keeps the length, so that most headers are passed over by looking at it.
  const lengths = new Set([CONNECTION.length, ...names.map((name) => name.length)]);
  const aliased = aliases === 'reject' ? folded : new Map<string, string>();
  const findHopByHop = createHopByHop(folded);

  return (rawHeaders) => {
    let alias: string | undefined;
    let hopByHop: string | undefined;
    const lines = new Map<string, string[]>();
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const sent = rawHeaders[at] ?? '';
      if (!lengths.has(sent.length)) continue;
      const name = sent.toLowerCase();
      const value = rawHeaders[at + 1] ?? '';
      if (exact.has(name)) addLine(lines, name, value);
      else if (name === CONNECTION) hopByHop ??= findHopByHop(value);
      else alias ??= aliased.get(fold(name));
    }
    return { alias, hopByHop, lines };
  };
}

const CONNECTION = 'connection';

function addLine(lines: Map<string, string[]>, name: string, value: string): void {
  const known = lines.get(name);
  if (known === undefined) lines.set(name, [value]);
  else known.push(value);
}

/** (RFC 9110 §7.6.1) Apache and Caddy obey such a token: what it names would just be gone. */
function createHopByHop(folded: ReadonlyMap<string, string>) {
  const shortest = Math.min(...[...folded.keys()].map((name) => name.length));
  return (value: string): string | undefined => {
    if (value.length < shortest) return undefined; // keep-alive, close, upgrade
    for (const token of value.split(',')) {
      if (token.length < shortest) continue;
      const name = folded.get(fold(token.replace(/[\t ]/g, '')));
      if (name !== undefined) return name;
    }
    return undefined;
  };
}
