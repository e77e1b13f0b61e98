// What each End-User granted: ids of authorizations and names of clients, as lines of text. Whoever enters
// looks at the last few only, and at nothing else, however much somebody has granted: what is full is put
// behind, under a number, and read again when they ask.

import { createExpiringMap, type Form } from './expiring-map.ts';

export type Subjects = {
  /** Enters it, until then at least; what was entered just before is not entered twice. */
  enter(subject: string, member: string, until: number, now: number): void;
  /** Everything, what was entered last first; what is over is for the caller to leave out. */
  list(subject: string, now: number): readonly string[];
  /** Takes these out. */
  leave(subject: string, members: ReadonlySet<string>, now: number): void;
  /**
   * The members of everybody, slot by slot, each at least once if it is there from the first to the last; the
   * place after it is undefined at the end, and all of it for a place that is none.
   */
  walk(place: string | undefined, now: number): Walked | undefined;
  /** Entries that `enter` would take. */
  room(subject: string, now: number): number;
  sweep(now: number, limit: number): void;
  /** Of the budget: one for each End-User, and one for each part that was put behind. */
  size(): number;
};

type Walked = { readonly members: readonly string[]; readonly next: string | undefined };

/** The last lines, and how many parts are behind them. */
type Head = { readonly lines: readonly string[]; readonly behind: number; readonly until: number };

type Part = Omit<Head, 'behind'>;

/** So few that nobody who enters waits, and so many that a part is worth an entry. */
const LINES = 8;

const asHead: Form<Head> = {
  print: ({ lines, behind, until }) => [`${behind} ${until}`, ...lines].join('\n'),
  parse(text) {
    const [first = '', ...lines] = text.split('\n');
    const [behind, until] = first.split(' ').map(Number);
    return { lines, behind: behind ?? 0, until: until ?? 0 };
  },
};

const asPart: Form<Part> = {
  print: ({ lines, until }) => [String(until), ...lines].join('\n'),
  parse(text) {
    const [until, ...lines] = text.split('\n');
    return { lines, until: Number(until) };
  },
};

/** Among the heads or the parts, below which slot. */
const PLACE = /^([hp])(\d{1,10})$/;

const NOBODY: Head = { lines: [], behind: 0, until: 0 };

// Written as JSON where a line break would end a line: a client may have any name.
const printLine = (member: string): string =>
  /^[\w=.~-]+$/.test(member) ? member : JSON.stringify(member);
const parseLine = (line: string): string =>
  line.startsWith('"') ? (JSON.parse(line) as string) : line;

/** Empty; refuses nothing, its callers count. */
export function createSubjects(): Subjects {
  const heads = createExpiringMap(asHead);
  const parts = createExpiringMap(asPart);
  const partOf = (subject: string, number: number): string => JSON.stringify([subject, number]);
  const isFull = ({ lines }: Head): boolean => lines.length >= LINES;

  return {
    enter(subject, member, until, now) {
      const line = printLine(member);
      let head = heads.get(subject, now) ?? NOBODY;
      if (isFull(head) && !head.lines.includes(line)) {
        parts.set(partOf(subject, head.behind), head, head.until);
        head = { ...head, lines: [], behind: head.behind + 1 };
      }
      const others = head.lines.filter((one) => one !== line);
      const ends = Math.max(head.until, until);
      heads.set(subject, { ...head, lines: [...others, line], until: ends }, ends);
    },
    list(subject, now) {
      const head = heads.get(subject, now) ?? NOBODY;
      const all: string[] = [];
      for (let number = 0; number < head.behind; number += 1) {
        all.push(...(parts.get(partOf(subject, number), now)?.lines ?? []));
      }
      return [...new Set([...all, ...head.lines].reverse().map(parseLine))];
    },
    leave(subject, members, now) {
      const gone = new Set([...members].map(printLine));
      const without = (lines: readonly string[]) => lines.filter((line) => !gone.has(line));
      const head = heads.get(subject, now);
      if (head === undefined) return;
      let left = 0;
      for (let number = 0; number < head.behind; number += 1) {
        const name = partOf(subject, number);
        const part = parts.get(name, now);
        const lines = without(part?.lines ?? []);
        if (part === undefined || lines.length === 0) parts.delete(name);
        else parts.set(name, { ...part, lines }, part.until);
        if (lines.length > 0) left = number + 1;
      }
      const lines = without(head.lines);
      if (left === 0 && lines.length === 0) heads.delete(subject);
      else heads.set(subject, { ...head, lines, behind: left }, head.until);
    },
    // What is put behind meanwhile is among the parts by the time that they are looked at.
    walk(place, now) {
      const [, kind, from] = PLACE.exec(place ?? `h${heads.size()}`) ?? [];
      if (kind === undefined) return undefined;
      const map: Pick<typeof parts, 'at' | 'size'> = kind === 'h' ? heads : parts;
      const slot = Math.min(Number(from), map.size()) - 1;
      const members = slot < 0 ? [] : (map.at(slot, now)?.lines ?? []).map(parseLine);
      if (slot > 0) return { members, next: kind + slot };
      return { members, next: kind === 'h' ? `p${parts.size()}` : undefined };
    },
    room(subject, now) {
      const head = heads.get(subject, now);
      return head === undefined || isFull(head) ? 1 : 0;
    },
    sweep(now, limit) {
      heads.sweep(now, limit);
      parts.sweep(now, limit);
    },
    size: () => heads.size() + parts.size(),
  };
}
