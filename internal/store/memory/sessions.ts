// What each session holds, and which sessions have ended. The Redis store keeps the same two things
// under two keys of one slot.

import { MAX_SESSION_MEMBERS, type SessionMember } from '../store.ts';
import { createExpiringMap } from './expiring-map.ts';

type Entry = { readonly member: SessionMember; readonly until: number };
/** In the order of their entering, which is nearly that of their ending. */
type Entries = Map<string, Entry>;
/** Until the last of them ends. */
type Open = { readonly entries: Entries; readonly until: number };

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

/** Empty; refuses nothing, its callers count. */
export function createSessions(): Sessions {
  let members = 0;
  const open = createExpiringMap<Open>(({ entries }) => {
    members -= entries.size;
  });
  const ended = createExpiringMap<true>();

  function makeRoom(entries: Entries, now: number): void {
    for (const [id, { until }] of entries) {
      if (now < until) break;
      entries.delete(id);
    }
    if (entries.size < MAX_SESSION_MEMBERS) return;
    let first: Entry | undefined;
    for (const entry of entries.values()) {
      if (first === undefined || entry.until < first.until) first = entry;
    }
    if (first !== undefined) entries.delete(first.member.id);
  }

  return {
    isEnded: (sid, now) => ended.get(sid, now) !== undefined,
    enter(sid, entry, now) {
      const found = open.get(sid, now);
      // Counted out, also where they have ended and merely were not removed yet.
      open.delete(sid);
      const entries = found?.entries ?? new Map<string, Entry>();
      entries.delete(entry.member.id);
      makeRoom(entries, now);
      entries.set(entry.member.id, entry);
      members += entries.size;
      const until = Math.max(found?.until ?? 0, entry.until);
      open.set(sid, { entries, until }, until);
    },
    end(sid, until, now) {
      ended.set(sid, true, until);
      const entries = open.get(sid, now)?.entries.values() ?? [];
      return [...entries].filter((entry) => now < entry.until).map(({ member }) => member);
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
