// Whether a live access token still stands: what it came from has not ended, and whoever it is about is
// still somebody. Every endpoint that takes one asks here, so that none forgets a part of it.

import type { Claims } from '../../protocol/claims.ts';
import type { Client } from '../../protocol/client.ts';
import { invalidToken } from '../../protocol/errors.ts';
import type { FoundAuthorization, Grant } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import { type EndUser, findEndUser } from '../end-user.ts';
import { isStillNamed } from '../token-issuer.ts';
import type { LiveAccessToken } from './access-token.ts';

/** Purpose under which the `jti` of a token without a record is remembered as revoked. */
const REVOKED = 'revoked';

type Named = Pick<LiveAccessToken, 'authorizationId' | 'jti' | 'clientId' | 'issuedAt'>;

/**
 * The authorization a token was issued under, `none` for a token without one, undefined when it was
 * revoked, or could have been in a memory that the store has lost. One round trip; two for a token that was
 * exchanged.
 */
export async function findStanding(
  { authorizationId, jti, clientId, issuedAt }: Named,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<FoundAuthorization | 'none' | undefined> {
  const found = authorizationId === undefined ? 'none' : await store.find(authorizationId, now());
  if (found === undefined || (found !== 'none' && isOwn(found.grant, clientId))) return found;
  const made = { at: issuedAt, now: now() };
  return (await store.happened(REVOKED, jti, made)) ? undefined : found;
}

/** Whether it was granted to the client itself; otherwise that one exchanged a token for its own. */
export const isOwn = (grant: Grant, clientId: string): boolean => grant.clientId === clientId;

type Stands = {
  readonly kind: 'stands';
  readonly client: Client;
  /** Undefined where nothing is recorded: nobody signed in. */
  readonly grant: Grant | undefined;
  /** What is known of the End-User. */
  readonly claims: Claims;
};

/** What a token comes to at this moment. */
type TokenStanding =
  | Stands
  | { readonly kind: 'ended' }
  | Extract<EndUser, { readonly kind: 'refused' }>;

const ENDED = { kind: 'ended' } as const;

/** Throws `Unavailable` when nobody can tell. */
export async function judgeStanding(token: LiveAccessToken, deps: Deps): Promise<TokenStanding> {
  const [client, standing] = await Promise.all([
    deps.findClient(token.clientId),
    findStanding(token, deps),
  ]);
  if (client === undefined || standing === undefined) return ENDED;
  if (standing === 'none') {
    const isNamed = await isStillNamed(token, client, deps);
    return isNamed ? { kind: 'stands', client, grant: undefined, claims: {} } : ENDED;
  }
  const { grant } = standing;
  const clients = await clientsBehind(grant, client, deps);
  if (clients === undefined) return ENDED;
  const endUser = await admitToAll(clients, grant, deps);
  return endUser.kind === 'refused'
    ? endUser
    : { kind: 'stands', client, grant, claims: endUser.claims };
}

/** The same for who presents it: throws `invalid_token` for one that does not stand. */
export async function requireStanding(token: LiveAccessToken, deps: Deps): Promise<Stands> {
  const standing = await judgeStanding(token, deps);
  if (standing.kind === 'stands') return standing;
  throw invalidToken(standing.kind === 'refused' ? { reason: standing.reason } : {});
}

/** The client that somebody signed in to, and the one that has the token; undefined: the first is gone. */
export async function clientsBehind(
  grant: Grant,
  client: Client,
  { findClient }: Pick<Deps, 'findClient'>,
): Promise<readonly [Client, ...Client[]] | undefined> {
  if (isOwn(grant, client.clientId)) return [client];
  const first = await findClient(grant.clientId);
  return first && [first, client];
}

/** Whom one client no longer lets in must not come back through another one. */
export async function admitToAll(
  [first, ...others]: readonly [Client, ...Client[]],
  { subject, snapshot }: Grant,
  deps: Pick<Deps, 'userinfo' | 'findClient'>,
): Promise<EndUser> {
  let endUser = await findEndUser(subject, snapshot, first, deps);
  const further = others.filter(({ clientId }) => clientId !== first.clientId);
  for (const client of further) {
    if (endUser.kind === 'refused') return endUser;
    endUser = await findEndUser(subject, snapshot, client, deps);
  }
  return endUser;
}

/**
 * Ends the token, and the whole authorization it was issued under (RFC 7009 §2.1) where that is the
 * client's own: who only exchanged a token signs nobody out. Answers what was ended, if anything was.
 */
export async function revokeAccessToken(
  {
    authorizationId,
    jti,
    clientId,
    expiresAt,
  }: Omit<Named, 'issuedAt'> & Pick<LiveAccessToken, 'expiresAt'>,
  { store, now }: Pick<Deps, 'store' | 'now'>,
): Promise<string | undefined> {
  if (authorizationId !== undefined) {
    const found = await store.find(authorizationId, now());
    if (found === undefined) return undefined;
    if (isOwn(found.grant, clientId)) {
      await store.revoke(authorizationId);
      return authorizationId;
    }
  }
  await store.once(REVOKED, jti, Math.max(1, expiresAt - now()));
  return jti;
}
