// The syntax of regular expressions as `pattern.ts` knows it: what may stand in one, and in what.

/** A part of a regular expression. */
export type Node =
  | { readonly kind: 'one'; readonly of: RegExp }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly branches: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number };

/** One character, set, escape, bracket, bar, edge or repetition; nothing that looks around or back. */
const UNIT =
  /\[(?:\\.|[^\]\\])*\]|\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|[^1-9kbBpPuxc])|\((?!\?)|\(\?:|\(\?<[^>=!]*>|[)|^$]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[^\\[\](){}|^$*+?]/suy;
const REPETITION = /^(?:[*+?]|\{\d)/;

/** Undefined for a unit that is not known. */
function split(source: string): readonly string[] | undefined {
  const units: string[] = [];
  UNIT.lastIndex = 0;
  for (let length = 0; length < source.length; length = UNIT.lastIndex) {
    const [unit] = UNIT.exec(source) ?? [];
    if (unit === undefined) return undefined;
    units.push(unit);
  }
  return units;
}

/**
 * By descent. Undefined for what looks around or back; the source has to be one that JavaScript
 * accepts, which is nested rightly.
 */
export function parseTree(source: string): Node | undefined {
  const units = split(source);
  if (units === undefined) return undefined;
  let at = 0;
  const choice = (): Node => {
    const first = sequence();
    const branches = [first];
    while (units[at] === '|') {
      at += 1;
      branches.push(sequence());
    }
    return branches.length === 1 ? first : { kind: 'choice', branches };
  };
  const sequence = (): Node => {
    const items: Node[] = [];
    for (let unit = units[at]; unit !== undefined && !/^[|)]$/.test(unit); unit = units[at]) {
      at += 1;
      items.push(repeated(unit.startsWith('(') ? group() : toNode(unit)));
    }
    return { kind: 'sequence', items };
  };
  const group = (): Node => {
    const inner = choice();
    at += 1;
    return inner;
  };
  const repeated = (item: Node): Node => {
    const unit = units[at];
    if (unit === undefined || !REPETITION.test(unit)) return item;
    at += 1;
    return { kind: 'repeat', item, ...readTimes(unit) };
  };
  return choice();
}

function toNode(unit: string): Node {
  if (unit === '^') return { kind: 'edge', edge: 'start' };
  if (unit === '$') return { kind: 'edge', edge: 'end' };
  return { kind: 'one', of: new RegExp(`^${unit}$`, 'u') };
}

const TIMES = new Map([
  ['*', { min: 0, max: Number.POSITIVE_INFINITY }],
  ['+', { min: 1, max: Number.POSITIVE_INFINITY }],
  ['?', { min: 0, max: 1 }],
]);

/** As many or as few as possible is the same where all of the text has to match. */
function readTimes(unit: string): { readonly min: number; readonly max: number } {
  const known = TIMES.get(unit.charAt(0));
  if (known !== undefined) return known;
  const [, min = '', comma, max = ''] = /^\{(\d+)(?:(,)(\d*))?/.exec(unit) ?? [];
  if (comma === undefined) return { min: Number(min), max: Number(min) };
  return { min: Number(min), max: max === '' ? Number.POSITIVE_INFINITY : Number(max) };
}
