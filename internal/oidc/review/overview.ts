// What somebody granted, as they think of it: applications, and for each the browsers and devices in which it
// holds something. A client makes an authorization with each sign-in; whoever looks sees one for each place.

import type { Client } from '../../protocol/client.ts';
import type { ClientId, SessionId } from '../../protocol/ids.ts';
import type { Granted, LiveAuthorization, RememberedConsent } from '../../store/granted.ts';
import { hostOf, linksOf } from '../authorize/consent.ts';
import { isWord, scopeOfWord } from '../details/consent.ts';
import type { ReviewedApplication, ReviewedSignIn, ShownScope } from '../endpoint.ts';
import type { Policy } from '../policy.ts';
import type { Target } from './target.ts';

/** What is known beside what was granted. */
export type Surroundings = {
  /** Undefined for one that is no client any more. */
  readonly clientOf: (id: ClientId) => Client | undefined;
  readonly scopes: Policy['scopes'];
  /** The session of the browser that asks. */
  readonly here: SessionId | undefined;
  readonly seal: (target: Target) => string;
};

/** How many places of one application are shown, each with a button of its own. */
const MAX_SIGN_INS = 20;

/** Those used last first. */
export function toApplications(
  { authorizations, consents }: Granted,
  surroundings: Surroundings,
): readonly ReviewedApplication[] {
  const byClient = groupBy(authorizations, ({ clientId }) => clientId);
  const agreed = new Map(consents.map((consent) => [consent.clientId, consent]));
  const ids = new Set([...byClient.keys(), ...agreed.keys()]);
  return [...ids]
    .map((id) => toApplication(id, byClient.get(id) ?? [], agreed.get(id), surroundings))
    .sort((one, other) => lastOf(other) - lastOf(one));
}

const lastOf = ({ since, usedAt = since }: Pick<ReviewedSignIn, 'since' | 'usedAt'>): number =>
  usedAt;

function toApplication(
  clientId: ClientId,
  authorizations: readonly LiveAuthorization[],
  consent: RememberedConsent | undefined,
  surroundings: Surroundings,
): ReviewedApplication {
  const { clientOf, scopes, seal } = surroundings;
  const client = clientOf(clientId);
  const places = [...groupBy(authorizations, placeOf).values()]
    .map((held) => toPlace(held, surroundings.here))
    .sort((one, other) => lastOf(other) - lastOf(one));
  const shown = places.slice(0, MAX_SIGN_INS);
  const times = [...authorizations, ...(consent === undefined ? [] : [consent])];
  return {
    clientName: client?.clientName ?? clientId,
    isKnown: client !== undefined,
    links: client === undefined ? NO_LINKS : linksOf(client),
    hosts: hostsOf(authorizations, consent),
    scope: describe(scopesOf(authorizations, consent), scopes),
    since: Math.min(...times.map(({ grantedAt }) => grantedAt)),
    usedAt: latest(authorizations),
    isRemembered: consent !== undefined,
    signIns: shown.map(({ target, ...signIn }) => ({ ...signIn, handle: seal(target) })),
    others: places.length - shown.length,
    handle: seal({ kind: 'application', clientId }),
  };
}

const NO_LINKS = {
  clientUri: undefined,
  policyUri: undefined,
  tosUri: undefined,
  logoUri: undefined,
};

// A device was let in from a browser, and is another place than that.
const placeOf = ({ id, sid, redirectUri }: LiveAuthorization): string =>
  redirectUri === undefined || sid === undefined ? `authorization ${id}` : `session ${sid}`;

type Place = Omit<ReviewedSignIn, 'handle'> & { readonly target: Target };

function toPlace(
  held: readonly [LiveAuthorization, ...LiveAuthorization[]],
  here: SessionId | undefined,
): Place {
  const [{ id, clientId, sid, redirectUri }] = held;
  const isDevice = redirectUri === undefined;
  return {
    where: isDevice ? 'device' : sid !== undefined && sid === here ? 'this_browser' : 'browser',
    since: Math.min(...held.map(({ grantedAt }) => grantedAt)),
    usedAt: latest(held),
    isOffline: held.some(({ scope }) => scope.includes('offline_access')),
    target:
      isDevice || sid === undefined
        ? { kind: 'authorization', clientId, id }
        : { kind: 'session', clientId, sid },
  };
}

function latest(held: readonly LiveAuthorization[]): number | undefined {
  const used = held.flatMap(({ usedAt }) => usedAt ?? []);
  return used.length === 0 ? undefined : Math.max(...used);
}

const hostsOf = (
  authorizations: readonly LiveAuthorization[],
  consent: RememberedConsent | undefined,
): readonly string[] => [
  ...new Set(
    [...authorizations, ...(consent === undefined ? [] : [consent])].flatMap(({ redirectUri }) =>
      redirectUri === undefined ? [] : hostOf(redirectUri),
    ),
  ),
];

const scopesOf = (
  authorizations: readonly LiveAuthorization[],
  consent: RememberedConsent | undefined,
): readonly string[] => [
  ...new Set([
    ...authorizations.flatMap(({ scope }) => scope),
    ...(consent?.scope ?? []).filter((word) => !isWord(word)).map(scopeOfWord),
  ]),
];

const describe = (names: readonly string[], scopes: Policy['scopes']): readonly ShownScope[] =>
  names.map((name) => ({ name, description: scopes.get(name)?.description }));

function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly [Item, ...Item[]]> {
  const groups = new Map<Key, [Item, ...Item[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
