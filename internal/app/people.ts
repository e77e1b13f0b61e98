// What the Admin API may do about End-Users and what they granted, over what the domain relies on at the moment.

import type { Authorizations, Sessions } from '../admin/api/ports/authorizations.ts';
import type { Users } from '../admin/api/ports/users.ts';
import type { Deps } from '../oidc/deps.ts';
import { endAuthorization, endAuthorizations, prepareEnd } from '../oidc/operate/authorizations.ts';
import { endSessionOf, endSessionsOf, isOffline, listSessions } from '../oidc/operate/sessions.ts';
import { toAuthorizationId, toClientId, toSessionId, toSubject } from '../protocol/ids.ts';
import type { HeldAuthorization } from '../store/held.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';
import { toStoredFacts } from './keep-user.ts';
import type { Others } from './others.ts';
import { createStoredUsers } from './stored-users.ts';

export type PeopleDeps = {
  /** Of the configuration in force. */
  readonly deps: () => Deps;
  readonly backends: () => Pick<OpenedUserinfo, 'lookUp' | 'forget'>;
  /** How many End-Users may be kept; undefined where no backend of type store is configured. */
  readonly maxUsers: () => number | undefined;
  readonly others: Others | undefined;
};

type Ports = {
  readonly authorizations: Authorizations;
  readonly sessions: Sessions;
  readonly users: Users;
};

export const createPeople = (people: PeopleDeps): Ports => ({
  authorizations: createAuthorizations(people),
  sessions: createSessions(people),
  users: createUsers(people),
});

function createAuthorizations({ deps }: PeopleDeps): Authorizations {
  return {
    async list(whose, { after, limit }) {
      const { store, now } = deps();
      const page = await store.listHeld(toWhose(whose), { cursor: after, limit }, now());
      return page && { items: page.authorizations.map(toFacts), next: page.next };
    },
    async find(id) {
      const { store, now } = deps();
      const held = await store.findHeld(toAuthorizationId(id), now());
      return held && toFacts(held);
    },
    async end(id, order) {
      const ended = await endAuthorization(toAuthorizationId(id), order, deps());
      return ended && toFacts(ended);
    },
    endAll: ({ isThorough, ...whose }, order) =>
      endAuthorizations({ ...toWhose(whose), isThorough }, order, deps()),
    prepareEnd: (clientId) => prepareEnd(toClientId(clientId), deps()),
  };
}

const createSessions = ({ deps }: PeopleDeps): Sessions => ({
  async list(whose, { after, limit }) {
    const page = await listSessions(toWhose(whose), { cursor: after, limit }, deps());
    if (page === undefined) return undefined;
    const items = page.sessions.map(({ usedAt, ...session }) => ({ ...session, usedAt }));
    return { items, next: page.next };
  },
  end: ({ sid, subject }, order) =>
    endSessionOf({ sid: toSessionId(sid), subject: toSubject(subject) }, order, deps()),
  endAll: (subject, order) => endSessionsOf(toSubject(subject), order, deps()),
});

const toWhose = ({
  subject,
  clientId,
}: {
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
}) => ({
  subject: subject === undefined ? undefined : toSubject(subject),
  clientId: clientId === undefined ? undefined : toClientId(clientId),
});

const toFacts = (held: HeldAuthorization) => ({
  ...{ usedAt: undefined, sid: undefined, redirectUri: undefined },
  ...held,
  isOffline: isOffline(held),
});

function createUsers({ deps, backends, maxUsers, others }: PeopleDeps): Users {
  return {
    async lookUp(name) {
      const subject = toSubject(name);
      const { store, userinfo } = deps();
      const answers = (await backends().lookUp?.(subject)) ?? [];
      const user = maxUsers() === undefined ? undefined : await store.findUser(subject);
      const hasFailed = answers.some(({ outcome }) => outcome === 'failed');
      const claims = hasFailed ? undefined : await userinfo.find(subject, {});
      return {
        exists: hasFailed ? undefined : claims !== undefined,
        claims,
        backends: answers,
        stored: user && toStoredFacts(subject, user),
      };
    },
    async forget(name, { actor, requestId }) {
      const subject = name === undefined ? undefined : toSubject(name);
      const own = backends().forget?.(subject) ?? 0;
      const told = (await others?.ask({ kind: 'forget_users', subject })) ?? [];
      const counts = told.filter((answer) => typeof answer === 'number');
      deps().audit({ type: 'userinfo.flushed', subject, actor, requestId });
      return {
        answers: counts.reduce((sum, count) => sum + count, own),
        silent: told.length - counts.length,
      };
    },
    stored() {
      const budget = maxUsers();
      return budget === undefined ? undefined : createStoredUsers(deps(), budget);
    },
  };
}
