// What each session holds, and which sessions have ended. The Redis store keeps the same two things
// under two keys of one slot.

import { MAX_SESSION_MEMBERS, type SessionMember } from '../store.ts';
import { createExpiringMap } from './expiring-map.ts';

type Entry = { readonly member: SessionMember; readonly until: number };
type Entries = ReadonlyMap<string, Entry>;

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
  const open = createExpiringMap<Entries>((entries) => {
    members -= entries.size;
  });
  const ended = createExpiringMap<true>();

  const alive = (sid: string, now: number): readonly (readonly [string, Entry])[] =>
    [...(open.get(sid, now) ?? [])].filter(([, { until }]) => now < until);

  return {
    isEnded: (sid, now) => ended.get(sid, now) !== undefined,
    enter(sid, entry, now) {
      const others = alive(sid, now).filter(([id]) => id !== entry.member.id);
      const kept = others
        .sort(([, a], [, b]) => b.until - a.until)
        .slice(0, MAX_SESSION_MEMBERS - 1);
      const entries = new Map([...kept, [entry.member.id, entry] as const]);
      open.delete(sid);
      open.set(sid, entries, Math.max(...[...entries.values()].map(({ until }) => until)));
      members += entries.size;
    },
    end(sid, until, now) {
      ended.set(sid, true, until);
      return alive(sid, now).map(([, { member }]) => member);
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
