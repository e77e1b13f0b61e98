// What became of the headers of a request on their way here: which lines of configured headers, of
// their aliases and of Connection arrived. Pure; says how many lines and of what kind, never a value.

import type { DeclaredName } from '../upstream/declared.ts';
import { fold } from '../upstream/scan.ts';

/** Lines that mean one configured header, or pretend to. */
export type Arrival = {
  /** As configured. */
  readonly header: string;
  /** Under its own name, under one that folds to it, or named by Connection. */
  readonly how: 'exact' | 'alias' | 'connection';
  /** Lines with what was sent to be looked for. */
  readonly canary: number;
  /** Lines that somebody else wrote. */
  readonly other: number;
  /** Lines of nothing, or of blanks. */
  readonly empty: number;
};

/** @param canary what a forged value contains. */
export function countArrivals(lines: readonly NamedLine[], canary: string): readonly Arrival[] {
  const found = new Map<string, Arrival>();
  for (const { header, how, value } of lines) {
    const key = `${how} ${header}`;
    const known = found.get(key) ?? { header, how, canary: 0, other: 0, empty: 0 };
    const kind = kindOf(value, canary);
    found.set(key, { ...known, [kind]: known[kind] + 1 });
  }
  return [...found.values()];
}

function kindOf(value: string, canary: string): 'canary' | 'other' | 'empty' {
  if (value.includes(canary)) return 'canary';
  return /^[\t ]*$/.test(value) ? 'empty' : 'other';
}

/** One line of a request that means a configured header. */
export type NamedLine = {
  readonly header: string;
  readonly how: Arrival['how'];
  readonly value: string;
};

export type FindLines = (rawHeaders: readonly string[]) => readonly NamedLine[];

const CONNECTION = 'connection';

/** Whether a line of this name can mean a configured header. */
export function createNameTest(declared: readonly DeclaredName[]): (sent: string) => boolean {
  const folded = new Set([CONNECTION, ...declared.map(({ name }) => fold(name))]);
  // Folding keeps the length, so that most headers are passed over by looking at it; most of the
  // others are spelled as configured.
  const lengths = new Set([...folded].map((name) => name.length));
  const exact = new Set(declared.flatMap(({ name }) => [name, name.toLowerCase()]));
  return (sent) => lengths.has(sent.length) && (exact.has(sent) || folded.has(fold(sent)));
}

/** In the order of the request; a Connection line counts once for each header it names. */
export function createLineFinder(declared: readonly DeclaredName[]): FindLines {
  const folded = new Map(declared.map(({ name }) => [fold(name), name]));
  const isNamed = createNameTest(declared);

  const toLines = (sent: string, value: string): readonly NamedLine[] => {
    const name = sent.toLowerCase();
    if (name === CONNECTION) {
      return namesIn(value, folded).map((header) => ({ header, how: 'connection', value }));
    }
    const header = folded.get(fold(name));
    if (header === undefined) return [];
    return [{ header, how: name === header.toLowerCase() ? 'exact' : 'alias', value }];
  };

  return (rawHeaders) => {
    const lines: NamedLine[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const sent = rawHeaders[at] ?? '';
      if (isNamed(sent)) lines.push(...toLines(sent, rawHeaders[at + 1] ?? ''));
    }
    return lines;
  };
}

const namesIn = (value: string, folded: ReadonlyMap<string, string>): readonly string[] =>
  value.split(',').flatMap((token) => folded.get(fold(token.replace(/[\t ]/g, ''))) ?? []);
