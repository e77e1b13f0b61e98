// A request put aside while somebody is looking at a page, and taken up again once.

import { invalidRequest, OAuthError, Unavailable } from '../../protocol/errors.ts';
import { toAuthorizationId } from '../../protocol/ids.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../../protocol/random.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { PendingRequest } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { type Handle, type HandlePrefix, hashSecret, parseHandle, printHandle } from '../handle.ts';
import { openPushedPage, printPushedPage } from './pushed-page.ts';

/** Long enough to read a page or to sign in elsewhere. */
export const PENDING_TTL = 10 * MINUTE;

/** However often it is put aside again: a proof of long ago is none any more. */
const JOURNEY_TTL = 30 * MINUTE;

/** What proves something to us has no business in a request, and lies in no store even if it is there. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'access_token',
]);

// An ID Token says who somebody is: it does not lie in a store in clear.
const HINT = 'id_token_hint';

export type PendingHandle = Handle & {
  /** The client pushed it: its record is there before anybody has seen a page. */
  readonly isPushed: boolean;
};

export type TakenUp = Omit<PendingRequest, 'params' | 'clientId'> & {
  readonly handle: PendingHandle;
  readonly params: Params;
};

/** Beside the parameters: who a page is for, what it asks them, and what they were sent away for. */
export type Aside = Pick<PendingRequest, 'subject' | 'scope' | 'journey'>;

type Waiting = { readonly params: Params; readonly pending: PendingHandle | undefined };

/**
 * Puts the request aside and answers the handle that takes it up again. The handle is unguessable
 * and, with a subject, of no use to anybody else: it is the page's CSRF token too. Throws
 * `Unavailable` when too many requests wait already.
 */
export async function park(
  { params, pending }: Waiting,
  aside: Aside,
  deps: Pick<Deps, 'store' | 'keys' | 'random' | 'now'>,
): Promise<string> {
  const facts = { ...aside, parkedAt: deps.now() };
  // A second record could be approved beside the first one, and counts a second time.
  if (pending?.isPushed === true) return printPushedPage(pending, facts, deps);
  return keep('pr', params, facts, PENDING_TTL, deps);
}

/** Keeps a request for `ttl` seconds, and answers its handle. */
export async function keep(
  prefix: HandlePrefix,
  params: Params,
  facts: Omit<PendingRequest, 'params'>,
  ttl: number,
  { store, keys, random }: Pick<Deps, 'store' | 'keys' | 'random'>,
): Promise<string> {
  const id = toAuthorizationId(random(ID_BYTES));
  const secret = random(SECRET_BYTES);
  const request = [...params].filter(([name]) => !CREDENTIALS.has(name));
  const pairs = request.flatMap(([name, values]) =>
    values.map((value) => [name, name === HINT ? keys.seal(HINT, value) : value] as const),
  );
  const { parkedAt } = facts;
  const kept = { id, hash: hashSecret(secret), expiresAt: parkedAt + ttl };
  const pending = { ...kept, request: { params: pairs, ...facts } };
  if ((await store.park(pending, parkedAt)) === 'full') {
    throw new Unavailable('store', 'park: too many pending requests');
  }
  return printHandle(prefix, id, secret);
}

/** Throws `invalid_request` when the handle is not one, was used up, or has expired. */
export async function takeUp(
  text: string,
  deps: Pick<Deps, 'store' | 'keys' | 'now'>,
): Promise<TakenUp> {
  const page = openPushedPage(text, deps);
  if (page !== undefined && deps.now() - page.facts.parkedAt >= PENDING_TTL) throw handleUnknown();
  const handle = page?.handle ?? parseHandle('pr', text);
  const found = handle === undefined ? undefined : await findKept(handle, deps);
  // A client knows the handle of what it pushed, and must not pass it off as that of a page.
  if (found === undefined || found.handle.isPushed !== (page !== undefined)) throw handleUnknown();
  const { clientId: _clientId, ...kept } = found;
  const taken = { ...kept, ...page?.facts };
  if (taken.journey !== undefined && deps.now() - taken.journey.since >= JOURNEY_TTL) {
    throw handleUnknown();
  }
  return taken;
}

export type Kept = TakenUp & Pick<PendingRequest, 'clientId'>;

/** The record behind a handle, whoever made it; undefined when it was used up or has expired. */
export async function findKept(
  handle: Handle,
  { store, keys, now }: Pick<Deps, 'store' | 'keys' | 'now'>,
): Promise<Kept | undefined> {
  const request = await store.findPending(handle.id, handle.hash, now());
  if (request === undefined) return undefined;
  const { params: pairs, ...facts } = request;
  const params = new Map<string, string[]>();
  for (const [name, kept] of pairs) {
    const value = name === HINT ? keys.unseal(HINT, kept) : kept;
    if (value === undefined) return undefined;
    params.set(name, [...(params.get(name) ?? []), value]);
  }
  return { ...facts, handle: { ...handle, isPushed: facts.clientId !== undefined }, params };
}

/** Of two clicks the later one must not send the browser away from the answer to the first. */
export const isHandleUnknown = (error: unknown): boolean =>
  error instanceof OAuthError && error.reason === 'handle_unknown';

/** Whoever sends a form without it was shown no page of ours: a page of somebody else's sent their browser. */
export function readHandle(params: Params): string {
  const handle = readParam(params, 'handle');
  if (handle === undefined) throw handleUnknown();
  return handle;
}

export const handleUnknown = () =>
  invalidRequest({
    description: 'this page has expired or was answered already: go back to the application',
    reason: 'handle_unknown',
    status: 403,
  });
