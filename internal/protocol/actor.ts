// Who acts for somebody else (RFC 8693 §4.1, §4.4): the `act` claim, as we write it and as we read it.

import { isMembers } from './jwt.ts';

/** The one who acts, and inside of it those who did so before. */
export type Actor = {
  readonly sub: string;
  /** Who knows it by this name; absent: we do. */
  readonly iss?: string;
  readonly act?: Actor;
};

/** Anybody may hand a token on to the next: without an end it would grow until nobody can send it. */
const MAX_ACTORS = 5;
const MAX_LENGTH = 255;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH;

/**
 * Undefined for what is no chain of actors, or is too long. What else stands there is left out.
 *
 * @param issuer who says so, and knows everybody in it who has no `iss`; undefined: we do.
 */
export function readActor(
  act: unknown,
  issuer: string | undefined,
  left = MAX_ACTORS,
): Actor | undefined {
  if (!isMembers(act) || left === 0) return undefined;
  const { sub, iss = issuer, act: before } = act;
  if (!isName(sub) || (iss !== undefined && !isName(iss))) return undefined;
  const own = iss === undefined ? { sub } : { sub, iss };
  if (before === undefined) return own;
  const inner = readActor(before, issuer, left - 1);
  return inner && { ...own, act: inner };
}

/** The newest one first; undefined when it would be one too many. */
export const appendActor = ({ sub, iss }: Actor, before: Actor | undefined): Actor | undefined => {
  const own = iss === undefined ? { sub } : { sub, iss };
  if (before === undefined) return own;
  return countActors(before) < MAX_ACTORS ? { ...own, act: before } : undefined;
};

const countActors = ({ act }: Actor): number => 1 + (act === undefined ? 0 : countActors(act));

/** By what name, and who says so. */
export type ActorName = { readonly iss: string; readonly sub: string };

/**
 * Whether a token's `may_act` lets this one act (RFC 8693 §4.4). A member that is not understood could
 * be a condition, and is one that nobody meets.
 *
 * @param issuer of the token: whom it names without `iss` it knows itself.
 */
export function mayAct(claim: unknown, names: readonly ActorName[], issuer: string): boolean {
  if (claim === undefined) return true;
  if (!isMembers(claim)) return false;
  const { sub, iss = issuer, ...others } = claim;
  if (Object.keys(others).length > 0) return false;
  return names.some((name) => name.sub === sub && name.iss === iss);
}
