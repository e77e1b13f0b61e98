// Sessions as an operator sees them: what the authorizations of one browser have in common. One in which nothing
// stands is not seen, and nothing is lost with it: who is signed in is the upstream's to say.

import type { ClientId, SessionId, Subject } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { HeldAuthorization, PageTerms, Whose } from '../../store/held.ts';
import type { Deps } from '../deps.ts';
import { type EndedSession, endSession } from '../logout/end.ts';
import type { Order } from './authorizations.ts';

type SeenSession = EndedSession & {
  /** Of the clients that hold something in it. */
  readonly clientIds: readonly ClientId[];
  readonly authorizations: number;
  /** How many of them are meant to outlive it. */
  readonly offline: number;
  /** Seconds since 1970, as all times here: the first grant that still stands, … */
  readonly since: number;
  /** … the last use, … */
  readonly usedAt?: number;
  /** … and the end of the last thing under it. */
  readonly expiresAt: number;
};

export type SessionPage = {
  readonly sessions: readonly SeenSession[];
  readonly next: string | undefined;
};

/** How much of an End-User's is looked at; nobody has so many browsers. */
const MAX_READ = 10_000;
const READ_AT_ONCE = 100;

/**
 * One page: of an End-User by `sid`, each whole; of a client or of everybody as they are met, and what is met on
 * two pages is on both. Undefined for a cursor that leads nowhere any more.
 */
export async function listSessions(
  whose: Whose,
  page: PageTerms,
  deps: Pick<Deps, 'store' | 'now'>,
): Promise<SessionPage | undefined> {
  if (whose.subject === undefined) {
    const found = await deps.store.listHeld(whose, page, deps.now());
    return found && { sessions: toSessions(found.authorizations), next: found.next };
  }
  const all = toSessions(await readAll(whose, deps));
  const following = all.filter(({ sid }) => page.cursor === undefined || sid > page.cursor);
  const sessions = following.toSorted((one, other) => (one.sid < other.sid ? -1 : 1));
  const shown = sessions.slice(0, page.limit);
  return { sessions: shown, next: shown.length < sessions.length ? shown.at(-1)?.sid : undefined };
}

/** As a sign-out would; what is meant to outlive a session does. */
export async function endSessionOf(
  session: EndedSession,
  { actor, requestId }: Order,
  deps: Deps,
): Promise<void> {
  await endSession(session, { reason: 'ended_by_operator', actor }, requestId, deps);
}

/** Every session of an End-User that was there before the call; answers how many. */
export async function endSessionsOf(subject: Subject, order: Order, deps: Deps): Promise<number> {
  const ended = new Set<SessionId>();
  for (;;) {
    const found = toSessions(await readAll({ subject }, deps)).filter(({ sid }) => !ended.has(sid));
    if (found.length === 0) return ended.size;
    for (const { sid } of found) {
      await endSessionOf({ sid, subject }, order, deps);
      ended.add(sid);
    }
  }
}

async function readAll(
  whose: Whose,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<readonly HeldAuthorization[]> {
  const all = new Map<string, HeldAuthorization>();
  let cursor: string | undefined;
  do {
    const page = await store.listHeld(whose, { cursor, limit: READ_AT_ONCE }, now());
    for (const one of page?.authorizations ?? []) all.set(one.id, one);
    cursor = page?.next;
  } while (cursor !== undefined && all.size < MAX_READ);
  return [...all.values()];
}

function toSessions(authorizations: readonly HeldAuthorization[]): readonly SeenSession[] {
  const groups = new Map<string, [HeldAuthorization, ...HeldAuthorization[]]>();
  for (const one of authorizations) {
    if (one.sid === undefined) continue;
    const key = JSON.stringify([one.subject, one.sid]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group) => toSession(group) ?? []);
}

function toSession(
  group: readonly [HeldAuthorization, ...HeldAuthorization[]],
): SeenSession | undefined {
  const [{ sid, subject }] = group;
  if (sid === undefined) return undefined;
  const used = group.flatMap(({ usedAt }) => usedAt ?? []);
  return {
    ...{ sid, subject },
    clientIds: [...new Set(group.map(({ clientId }) => clientId))],
    authorizations: group.length,
    offline: group.filter(isOffline).length,
    since: Math.min(...group.map(({ grantedAt }) => grantedAt)),
    expiresAt: Math.max(...group.map(({ expiresAt }) => expiresAt)),
    ...present({ usedAt: used.length === 0 ? undefined : Math.max(...used) }),
  };
}

/** Granted with `offline_access`: meant to outlive its session. */
export const isOffline = ({ scope }: Pick<HeldAuthorization, 'scope'>): boolean =>
  scope.includes('offline_access');
