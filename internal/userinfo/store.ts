// The End-Users that the issuer keeps itself, in its store, because no directory does: made, changed and ended by
// operators. Asked anew each time, so that whoever is disabled gets nothing from the next request on.

import type { Claims, JsonValue } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import { type Backend, BARRED } from './backend.ts';
import { cleanClaims } from './clean.ts';

/** The text under which the store keeps an End-User; undefined when it keeps none of this subject. */
export type FindUser = (subject: Subject) => Promise<string | undefined>;

export type StoredUser = {
  readonly claims: Claims;
  readonly isDisabled: boolean;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
};

/** As the store keeps it. */
export const printStoredUser = ({
  claims,
  isDisabled,
  createdAt,
  changedAt,
}: StoredUser): string =>
  JSON.stringify({ claims, created_at: createdAt, changed_at: changedAt, disabled: isDisabled });

/** Undefined for what `printStoredUser` did not write. */
export function parseStoredUser(text: string): StoredUser | undefined {
  const user = parseObject(text);
  if (user === undefined) return undefined;
  const { claims, disabled, created_at: createdAt, changed_at: changedAt } = user;
  if (!isObject(claims) || typeof disabled !== 'boolean') return undefined;
  if (typeof createdAt !== 'number' || typeof changedAt !== 'number') return undefined;
  return { claims, isDisabled: disabled, createdAt, changedAt };
}

/** One who is disabled is barred, whatever other backends say. */
export const createStoreBackend = ({ findUser }: { readonly findUser: FindUser }): Backend => ({
  type: 'store',
  provesExistence: true,
  remote: true,
  async find(subject) {
    const text = await findUser(subject);
    if (text === undefined) return undefined;
    const user = parseStoredUser(text);
    // Written by another version, or damaged: whether they may get anything, nobody knows.
    if (user === undefined) throw new Unavailable('userinfo', 'read an End-User of the store');
    return user.isDisabled ? BARRED : cleanClaims(user.claims);
  },
  close: async () => {},
});

function parseObject(text: string): { readonly [name: string]: JsonValue } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is { readonly [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
