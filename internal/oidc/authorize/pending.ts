// A request put aside while somebody is looking at a page, and taken up again once.

import { invalidRequest, Unavailable } from '../../protocol/errors.ts';
import { type AuthorizationId, type Subject, toAuthorizationId } from '../../protocol/ids.ts';
import type { Params } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { PendingRequest } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { type Handle, hashSecret, parseHandle, printHandle } from '../handle.ts';

/** Long enough to read a page or to sign in elsewhere. */
const PENDING_TTL = 10 * MINUTE;

export type TakenUp = { readonly handle: Handle; readonly request: PendingRequest };

/**
 * Puts the request aside and answers the handle that takes it up again. The handle is unguessable
 * and, with a subject, of no use to anybody else: it is the page's CSRF token too. Throws
 * `Unavailable` when too many requests wait already.
 */
export async function park(
  params: Params,
  subject: Subject | undefined,
  { store, random, now }: Pick<Deps, 'store' | 'random' | 'now'>,
): Promise<string> {
  const id: AuthorizationId = toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const parkedAt = now();
  const pairs = [...params].flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
  const request = { params: pairs, parkedAt, ...(subject === undefined ? {} : { subject }) };
  const pending = { id, request, hash: hashSecret(secret), expiresAt: parkedAt + PENDING_TTL };
  if ((await store.park(pending, parkedAt)) === 'full') {
    throw new Unavailable('store', 'park: too many pending requests');
  }
  return printHandle('pr', id, secret);
}

/** Throws `invalid_request` when the handle is not one, was used up, or has expired. */
export async function takeUp(
  text: string,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<TakenUp> {
  const handle = parseHandle('pr', text);
  const request =
    handle === undefined ? undefined : await store.findPending(handle.id, handle.hash, now());
  if (handle === undefined || request === undefined) throw handleUnknown();
  return { handle, request };
}

export const handleUnknown = () =>
  invalidRequest({
    description: 'this page has expired or was answered already: go back to the application',
    reason: 'handle_unknown',
  });

export function toParams(pairs: PendingRequest['params']): Params {
  const params = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = params.get(name);
    if (values === undefined) params.set(name, [value]);
    else values.push(value);
  }
  return params;
}
