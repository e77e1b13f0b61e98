// Whom the chooser shows, and in which order: who is asked for, who is signed in, everybody else.

import type { ChooserPage } from '../oidc/endpoint.ts';
import type { Claims } from '../protocol/claims.ts';

export type KnownUser = {
  readonly subject: string;
  readonly name: string;
  readonly claims: Claims;
};

/** What is scrolled through; of more than that, names have to be looked for. */
const MOST = 250;
/** So many are found by looking. */
const FEW = 10;

export function arrange(
  users: readonly KnownUser[],
  { query, wanted, current }: { query: string; wanted?: string; current?: string },
): Pick<ChooserPage, 'users' | 'search'> {
  const found = query === '' ? users : users.filter((user) => isFound(user, query));
  const rank = (user: KnownUser): number => {
    if (wanted !== undefined && isNamed(user, wanted)) return 0;
    return user.subject === current ? 1 : 2;
  };
  const sorted = [...found].sort((left, right) => rank(left) - rank(right));
  return {
    users: sorted.slice(0, MOST).map(({ subject, name }) => ({ subject, name })),
    search: { query, more: Math.max(0, found.length - MOST), isShown: users.length > FEW },
  };
}

/** Whether a login_hint means this one: a subject, a name to sign in with, or an address. */
export const isNamed = ({ subject, claims }: KnownUser, hint: string): boolean =>
  [subject, claims['preferred_username'], claims['email']].some(
    (name) => typeof name === 'string' && name.toLowerCase() === hint.toLowerCase(),
  );

const isFound = ({ subject, name, claims }: KnownUser, query: string): boolean =>
  [subject, name, claims['email']].some(
    (text) => typeof text === 'string' && text.toLowerCase().includes(query.toLowerCase()),
  );
