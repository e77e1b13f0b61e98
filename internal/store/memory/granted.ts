// What an End-User granted, by the index of it; each verb is one step, so that nothing is granted meanwhile.

import {
  type AuthorizationId,
  type Subject,
  toAuthorizationId,
  toClientId,
} from '../../protocol/ids.ts';
import {
  type Granted,
  type GrantedTo,
  type GrantedVerbs,
  isMeant,
  type LiveAuthorization,
  MAX_LISTED,
  type RememberedConsent,
} from '../granted.ts';
import { toLive } from './authorization.ts';
import { keyOf } from './granting.ts';
import { type Room, toConsent } from './room.ts';

// No id of an authorization begins with it.
const CONSENT_MARK = '=';

/** A consent as a member of the index of its End-User. */
export const consentMember = (clientId: string): string => CONSENT_MARK + clientId;

/** Whether a member of that index is a consent. */
export const isConsent = (member: string): boolean => member.startsWith(CONSENT_MARK);

export function createGrantedVerbs(room: Room): GrantedVerbs {
  const { authorizations, consents, subjects, clock } = room;

  function findLive(subject: Subject, id: AuthorizationId, now: number) {
    const held = authorizations.get(id, clock());
    if (held === undefined || held.state === 'ended' || held.grant.subject !== subject)
      return undefined;
    return toLive(id, held, now);
  }

  /** What stands of an End-User's; whatever does not leaves their index. */
  function look(subject: Subject, now: number): Granted {
    const members = subjects.list(subject, clock());
    const stale = new Set<string>();
    const authorizations: LiveAuthorization[] = [];
    const agreed: Granted['consents'][number][] = [];
    for (const member of members) {
      if (isConsent(member)) {
        const clientId = toClientId(member.slice(CONSENT_MARK.length));
        const consent = consents.get(keyOf(subject, clientId), clock());
        if (consent === undefined) stale.add(member);
        else agreed.push({ ...toConsent(consent), clientId });
        continue;
      }
      const live = findLive(subject, toAuthorizationId(member), now);
      if (live === undefined) stale.add(member);
      else authorizations.push(live);
    }
    if (stale.size > 0) subjects.leave(subject, stale, clock());
    return { authorizations, consents: agreed, isPartial: false };
  }

  function end(subject: Subject, ended: readonly LiveAuthorization[]): void {
    for (const { id } of ended) authorizations.delete(id);
    subjects.leave(subject, new Set(ended.map(({ id }) => id)), clock());
  }

  return {
    async listGranted(subject, now) {
      const { authorizations, consents } = look(subject, now);
      const latest = authorizations.toSorted((one, other) => other.expiresAt - one.expiresAt);
      const isPartial = authorizations.length + consents.length > MAX_LISTED;
      const room = Math.max(0, MAX_LISTED - consents.length);
      return {
        authorizations: latest.slice(0, room),
        consents: consents.slice(0, MAX_LISTED),
        isPartial,
      };
    },
    async endGranted(subject, id, now) {
      const live = findLive(subject, id, now);
      if (live !== undefined) end(subject, [live]);
      return live;
    },
    async endAllGranted(subject, which, now) {
      const { authorizations, consents: agreed } = look(subject, now);
      const ended = authorizations.filter((one) => isMeant(one, which));
      end(subject, ended);
      const forgotten = forgets(which) ? agreed.filter((one) => isOf(one, which)) : [];
      for (const { clientId } of forgotten) consents.delete(keyOf(subject, clientId));
      return {
        authorizations: ended,
        consents: forgotten.map(({ clientId }) => clientId),
        isComplete: true,
      };
    },
  };
}

const forgets = ({ sid, isDevice }: GrantedTo): boolean =>
  sid === undefined && isDevice === undefined;

const isOf = (one: RememberedConsent, { clientId }: GrantedTo): boolean =>
  clientId === undefined || one.clientId === clientId;
