// What each session holds, and which sessions have ended. The Redis store keeps the same two things
// under two keys of one slot.

import { MAX_SESSION_MEMBERS, type SessionMember } from '../store.ts';
import { asMark, createExpiringMap, type Form } from './expiring-map.ts';
import { type Entry, isOf, parseMember, printEntry, untilOf } from './member.ts';

/** In the order of their entering, each as a text: most that is asked of a session reads few of them. */
type Lines = readonly string[];

export type Sessions = {
  isEnded(sid: string, now: number): boolean;
  /** Enters a member; what is over goes, and beyond the bound what would go first. */
  enter(sid: string, entry: Entry, now: number): void;
  /** Closes it until then. Answers what it holds. */
  end(sid: string, until: number, now: number): readonly SessionMember[];
  forget(sid: string): void;
  sweep(now: number, limit: number): void;
  /** Members of all sessions and marks of ended ones, as the budget counts them. */
  size(): number;
};

const asLines: Form<Lines> = {
  print: (lines) => lines.join('\n'),
  parse: (text) => text.split('\n'),
};

/** Also when it has ended and merely was not removed yet. */
const WHENEVER = Number.NEGATIVE_INFINITY;

/** Empty; refuses nothing, its callers count. */
export function createSessions(): Sessions {
  let members = 0;
  const open = createExpiringMap(asLines, (lines) => {
    members -= lines.length;
  });
  const ended = createExpiringMap(asMark);

  return {
    isEnded: (sid, now) => ended.get(sid, now) !== undefined,
    enter(sid, entry, now) {
      const before = open.get(sid, WHENEVER) ?? [];
      const { id } = entry.member;
      const others = before.filter((line) => now < untilOf(line) && !isOf(line, id));
      const lines = [...makeRoom(others), printEntry(entry)];
      members += lines.length - before.length;
      open.set(
        sid,
        lines,
        lines.reduce((last, line) => Math.max(last, untilOf(line)), 0),
      );
    },
    end(sid, until, now) {
      ended.set(sid, true, until);
      const lines = open.get(sid, now) ?? [];
      return lines.filter((line) => now < untilOf(line)).map(parseMember);
    },
    forget(sid) {
      open.delete(sid);
    },
    sweep(now, limit) {
      open.sweep(now, limit);
      ended.sweep(now, limit);
    },
    size: () => members + ended.size(),
  };
}

/** One line fewer where there are as many as there may be: that which would go first. */
function makeRoom(lines: Lines): Lines {
  if (lines.length < MAX_SESSION_MEMBERS) return lines;
  const ends = lines.map(untilOf);
  return lines.toSpliced(ends.indexOf(Math.min(...ends)), 1);
}
