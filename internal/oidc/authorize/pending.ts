// A request put aside while somebody is looking at a page, and taken up again once.

import { invalidRequest, OAuthError, Unavailable } from '../../protocol/errors.ts';
import { type AuthorizationId, toAuthorizationId } from '../../protocol/ids.ts';
import type { Params } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { PendingRequest } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { type Handle, hashSecret, parseHandle, printHandle } from '../handle.ts';

/** Long enough to read a page or to sign in elsewhere. */
const PENDING_TTL = 10 * MINUTE;

/** However often it is put aside again: a proof of long ago is none any more. */
const JOURNEY_TTL = 30 * MINUTE;

// An ID Token says who somebody is: it does not lie in a store in clear.
const HINT = 'id_token_hint';

export type TakenUp = Omit<PendingRequest, 'params'> & {
  readonly handle: Handle;
  readonly params: Params;
};

/** Beside the parameters: who a page is for, what it asks them, and what they were sent away for. */
export type Aside = Omit<PendingRequest, 'params' | 'parkedAt'>;

/**
 * Puts the request aside and answers the handle that takes it up again. The handle is unguessable
 * and, with a subject, of no use to anybody else: it is the page's CSRF token too. Throws
 * `Unavailable` when too many requests wait already.
 */
export async function park(
  params: Params,
  aside: Aside,
  { store, keys, random, now }: Pick<Deps, 'store' | 'keys' | 'random' | 'now'>,
): Promise<string> {
  const id: AuthorizationId = toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const parkedAt = now();
  const pairs = [...params].flatMap(([name, values]) =>
    values.map((value) => [name, name === HINT ? keys.seal(HINT, value) : value] as const),
  );
  const request = { params: pairs, parkedAt, ...aside };
  const pending = { id, request, hash: hashSecret(secret), expiresAt: parkedAt + PENDING_TTL };
  if ((await store.park(pending, parkedAt)) === 'full') {
    throw new Unavailable('store', 'park: too many pending requests');
  }
  return printHandle('pr', id, secret);
}

/** Throws `invalid_request` when the handle is not one, was used up, or has expired. */
export async function takeUp(
  text: string,
  { store, keys, now }: Pick<Deps, 'store' | 'keys' | 'now'>,
): Promise<TakenUp> {
  const handle = parseHandle('pr', text);
  const request =
    handle === undefined ? undefined : await store.findPending(handle.id, handle.hash, now());
  if (handle === undefined || request === undefined) throw handleUnknown();
  const { params: pairs, ...facts } = request;
  if (facts.journey !== undefined && now() - facts.journey.since >= JOURNEY_TTL) {
    throw handleUnknown();
  }
  const params = new Map<string, string[]>();
  for (const [name, kept] of pairs) {
    const value = name === HINT ? keys.unseal(HINT, kept) : kept;
    if (value === undefined) throw handleUnknown();
    params.set(name, [...(params.get(name) ?? []), value]);
  }
  return { ...facts, handle, params };
}

/** Of two clicks the later one must not send the browser away from the answer to the first. */
export const isHandleUnknown = (error: unknown): boolean =>
  error instanceof OAuthError && error.reason === 'handle_unknown';

export const handleUnknown = () =>
  invalidRequest({
    description: 'this page has expired or was answered already: go back to the application',
    reason: 'handle_unknown',
  });
