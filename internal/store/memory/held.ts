// What an operator finds in memory: by the indexes of all End-Users, since records do not know their ids. A few
// hundred at a time, and others are served in between: a million at once would be a pause of seconds.

import { setImmediate as breathe } from 'node:timers/promises';
import {
  type AuthorizationId,
  type ClientId,
  type Subject,
  toAuthorizationId,
} from '../../protocol/ids.ts';
import {
  type Agreed,
  clientOf,
  type HeldAuthorization,
  type HeldVerbs,
  isHeldBy,
  isWholeClient,
  type Whose,
} from '../held.ts';
import { readPage, type Walk } from '../paging.ts';
import { toLive } from './authorization.ts';
import { isConsent } from './granted.ts';
import { keyOf } from './granting.ts';
import type { Room } from './room.ts';

/** Looked at in one go. */
const WAVE = 100;

export function createHeldVerbs(room: Room): HeldVerbs {
  const find = (id: AuthorizationId, now: number) => findHeld(room, id, now);

  const toWalk = (whose: Whose, now: number): Walk => ({
    step: async (place) =>
      whose.subject === undefined
        ? stepThroughAll(room, place)
        : stepThroughOne(room, whose.subject, place),
    read: async (ids) =>
      ids.flatMap((id) => {
        const held = find(id, now);
        return held !== undefined && isHeldBy(held, whose) ? [held] : [];
      }),
  });

  return {
    listHeld: async (whose, page, now) => readPage(toWalk(whose, now), page),
    findHeld: async (id, now) => find(id, now),
    async endAllHeld(whose, now, onEnded) {
      const walk = toWalk(whose, now);
      let place: string | undefined;
      do {
        const step = await walk.step(place);
        const authorizations = await walk.read(step?.ids ?? []);
        end(room, authorizations);
        if (authorizations.length > 0) await onEnded({ authorizations, consents: [] });
        place = step?.next;
        await breathe();
      } while (place !== undefined);
      const consents = endConsents(room, whose);
      if (consents.length > 0) await onEnded({ authorizations: [], consents });
      if (whose.clientId !== undefined && isWholeClient(whose)) dropWaiting(room, whose.clientId);
    },
  };
}

function end({ authorizations, subjects, clock }: Room, ended: readonly HeldAuthorization[]): void {
  for (const subject of new Set(ended.map((one) => one.subject))) {
    const ids = ended.filter((one) => one.subject === subject).map(({ id }) => id);
    for (const id of ids) authorizations.delete(id);
    subjects.leave(subject, new Set(ids), clock());
  }
}

function findHeld(
  { authorizations, clock }: Room,
  id: AuthorizationId,
  now: number,
): HeldAuthorization | undefined {
  const held = authorizations.get(id, clock());
  const live = held === undefined ? undefined : toLive(id, held, now);
  if (live === undefined || held === undefined || held.state === 'ended') return undefined;
  return { ...live, subject: held.grant.subject };
}

type Steps = { readonly ids: readonly AuthorizationId[]; readonly next: string | undefined };

function stepThroughAll({ subjects, clock }: Room, from: string | undefined): Steps | undefined {
  const ids: AuthorizationId[] = [];
  let place = from;
  for (let slots = 0; slots < WAVE && ids.length < WAVE; slots += 1) {
    const walked = subjects.walk(place, clock());
    if (walked === undefined) return undefined;
    ids.push(...toIds(walked.members));
    place = walked.next;
    if (place === undefined) break;
  }
  return { ids, next: place };
}

/** By name: whatever comes and goes, what follows a name follows it. */
function stepThroughOne(
  { subjects, clock }: Room,
  subject: Subject,
  after: string | undefined,
): Steps {
  const all = toIds(subjects.list(subject, clock()));
  const following = after === undefined ? all : all.filter((id) => id > after);
  const ids = following.toSorted().slice(0, WAVE);
  return { ids, next: ids.length < following.length ? ids.at(-1) : undefined };
}

const toIds = (members: readonly string[]): readonly AuthorizationId[] =>
  members.filter((member) => !isConsent(member)).map(toAuthorizationId);

/** In one step, from the last slot to the first. */
function endConsents({ consents, clock }: Room, whose: Whose): readonly Agreed[] {
  const ended: Agreed[] = [];
  for (let slot = consents.size() - 1; slot >= 0; slot -= 1) {
    const consent = consents.at(slot, clock());
    if (consent === undefined || !isHeldBy(consent, whose)) continue;
    const { subject, clientId } = consent;
    consents.delete(keyOf(subject, clientId));
    ended.push({ subject, clientId });
  }
  return ended;
}

function dropWaiting({ pending, waiting, clock }: Room, clientId: ClientId): void {
  for (let slot = pending.size() - 1; slot >= 0; slot -= 1) {
    const found = pending.at(slot, clock());
    if (found !== undefined && clientOf(found.request) === clientId) pending.delete(found.id);
  }
  for (const id of waiting.idsOf(clientId)) waiting.remove(id);
}
