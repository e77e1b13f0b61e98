// What becomes of a valid request in the hands of an attacker who has valid things of their own: each
// part of it dropped, doubled, emptied or exchanged for theirs, several at a time and in any order.

import type { Chance } from './chance.ts';

/** A request as it travels: parameters in order, header lines, and who the proxy says is there. */
export type Wire = {
  readonly pairs: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  readonly subject: string | undefined;
};

type Place = 'pairs' | 'headers';
type Line = readonly [string, string];

/** @param theirs the attacker's value of this name, if they have one. */
type Change = (line: Line, theirs: string | undefined) => readonly Line[];

const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['dropped', () => []],
  ['emptied', ([name]) => [[name, '']]],
  ['doubled', (line) => [line, line]],
  ['swapped', ([name, value], theirs) => [[name, theirs ?? value]]],
  ['followed by theirs', (line, theirs) => [line, [line[0], theirs ?? 'attacker']]],
  ['led by theirs', (line, theirs) => [[line[0], theirs ?? 'attacker'], line]],
  ['cut short', ([name, value]) => [[name, value.slice(0, -1)]]],
  ['made longer', ([name, value]) => [[name, `${value}A`]]],
  ['in the other case', ([name, value]) => [[name, swapCase(value)]]],
  ['under another name', ([name, value]) => [[`${name}_`, value]]],
]);

const swapCase = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

export type Mutant = { readonly wire: Wire; readonly what: readonly string[] };

/** One to four changes; what the attacker alone has may be added. */
export function mutate(own: Wire, theirs: Wire, chance: Chance): Mutant {
  const what: string[] = [];
  let wire = own;
  for (let left = 1 + chance.below(4); left > 0; left -= 1) {
    const [said, changed] = changeOnce(wire, theirs, chance);
    what.push(said);
    wire = changed;
  }
  return { wire, what };
}

function changeOnce(wire: Wire, theirs: Wire, chance: Chance): readonly [string, Wire] {
  switch (chance.below(10)) {
    case 0:
      return ['in another order', { ...wire, pairs: chance.shuffle(wire.pairs) }];
    case 1:
      return [`by ${String(theirs.subject)}`, { ...wire, subject: theirs.subject }];
    case 2:
      return ['by nobody', { ...wire, subject: undefined }];
    case 3:
      return addTheirs(wire, theirs, chance);
    default:
      return changeLine(wire, theirs, chance);
  }
}

function addTheirs(wire: Wire, theirs: Wire, chance: Chance): readonly [string, Wire] {
  if (theirs.pairs.length === 0) return ['nothing added', wire];
  const line = chance.pick(theirs.pairs);
  return [`${line[0]} of theirs added`, { ...wire, pairs: [...wire.pairs, line] }];
}

function changeLine(wire: Wire, theirs: Wire, chance: Chance): readonly [string, Wire] {
  const places: readonly Place[] = [
    ...wire.pairs.map(() => 'pairs' as const),
    ...wire.headers.map(() => 'headers' as const),
  ];
  if (places.length === 0) return ['nothing left', wire];
  const place = chance.pick(places);
  const line = chance.pick(wire[place]);
  const [said, change] = chance.pick([...CHANGES]);
  const other = theirs[place].find(([name]) => name === line[0])?.[1];
  const lines = wire[place].flatMap((each) => (each === line ? change(line, other) : [each]));
  return [`${line[0]} ${said}`, { ...wire, [place]: lines }];
}
