// Who sends a request: whoever signed in, for as long as their credential counts, or whoever TLS has proven.

import type { Caller } from '../../../admin/caller.ts';
import { Unavailable } from '../../../protocol/errors.ts';
import type { Arrival } from './arrival.ts';
import { deny, type Hall, type Known } from './hall.ts';
import type { SignedIn } from './session.ts';

/** Undefined where nobody is proven. */
export async function identify(arrival: Arrival, hall: Hall): Promise<Known | undefined> {
  const signedIn = await identifySession(arrival, hall);
  if (signedIn !== undefined) return signedIn;
  const certificate = hall.terms.findSans(arrival.request);
  if (certificate === undefined) return undefined;
  const found = await hall.opened.recognise({ token: undefined, certificate });
  if (found.kind === 'refused') deny(arrival, { error: 'invalid_token', ...found }, hall);
  if (found.kind !== 'known') return undefined;
  const { caller } = found;
  return toKnown(
    caller,
    { id: `certificate ${caller.name}`, canLeave: false, isLimited: false },
    hall,
  );
}

/** The same, by the cookie alone. @param tell of a credential that counts no longer. */
export async function identifySession(
  arrival: Arrival,
  hall: Hall,
  tell: typeof deny = deny,
): Promise<Known | undefined> {
  const session = hall.sessions.signIns.read(arrival.headers['cookie'], arrival.isSecure);
  if (session === undefined) return undefined;
  const isOver = await hasLeft(session, hall);
  if (isOver === true) return undefined;
  const found = await hall.opened.remembering.recall(session.credential);
  if (found.kind !== 'known') {
    if (found.kind === 'refused') tell(arrival, { error: 'invalid_token', ...found }, hall);
    return undefined;
  }
  const isLimited = isOver === 'unknown';
  const caller: Caller = isLimited ? { ...found.caller, role: 'read' } : found.caller;
  return toKnown(caller, { id: session.id, canLeave: true, isLimited }, hall);
}

type Terms = Pick<Known, 'isLimited'> & { readonly id: string; readonly canLeave: boolean };

const toKnown = (
  caller: Caller,
  { id, canLeave, isLimited }: Terms,
  { sessions }: Hall,
): Known => ({
  ...{ caller, isLimited },
  sessionId: id,
  viewer: { ...caller, canLeave, proof: sessions.prove(id) },
});

async function hasLeft(
  { id, begunAt }: SignedIn,
  { left, opened }: Hall,
): Promise<boolean | 'unknown'> {
  if (left.has(id)) return true;
  try {
    return await opened.leaving.hasLeft(id, begunAt);
  } catch (error) {
    if (error instanceof Unavailable) return 'unknown';
    throw error;
  }
}
