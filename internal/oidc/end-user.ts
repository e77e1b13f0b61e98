// Does the End-User still exist, and may they use this client? Asked at authorize, at redemption,
// at refresh and at userinfo, so that deleting somebody really stops issuance.

import { lowerAscii } from '../protocol/ascii.ts';
import { type Awaitable, after } from '../protocol/awaitable.ts';
import type { Claims } from '../protocol/claims.ts';
import type { Client } from '../protocol/client.ts';
import type { Subject } from '../protocol/ids.ts';
import { DEVICE_CODE, JWT_BEARER } from '../protocol/names.ts';
import type { Deps } from './deps.ts';

export type EndUser =
  | { readonly kind: 'admitted'; readonly claims: Claims }
  | {
      readonly kind: 'refused';
      readonly reason: 'subject_unknown' | 'subject_not_allowed' | 'subject_is_a_client';
    };

/** Rejects with `Unavailable` when a backend cannot tell. */
export const findEndUser = (
  subject: Subject,
  snapshot: Claims,
  client: Client,
  { userinfo, findClient }: Pick<Deps, 'userinfo' | 'findClient'>,
): Awaitable<EndUser> =>
  after(findClient(subject), (namesake) =>
    isAboutItself(namesake)
      ? IS_A_CLIENT
      : after(userinfo.find(subject, snapshot), (claims) => admit(subject, claims, client)),
  );

const IS_A_CLIENT: EndUser = { kind: 'refused', reason: 'subject_is_a_client' };

function admit(subject: Subject, claims: Claims | undefined, client: Client): EndUser {
  if (claims === undefined) return { kind: 'refused', reason: 'subject_unknown' };
  if (!isAllowed(client, subject, claims))
    return { kind: 'refused', reason: 'subject_not_allowed' };
  return { kind: 'admitted', claims };
}

/**
 * A client acting for itself has its client_id as `sub` (RFC 9068 §5), and one acting for somebody has it
 * in `act`: no End-User may share it.
 */
const isAboutItself = (namesake: Client | undefined): boolean =>
  namesake?.grantTypes.some((grantType) => !ABOUT_END_USERS.has(grantType)) ?? false;

/** Grants that name nobody but an End-User in a token; by any other one it may be the client itself. */
const ABOUT_END_USERS: ReadonlySet<string> = new Set([
  'authorization_code',
  'refresh_token',
  DEVICE_CODE,
  JWT_BEARER,
]);

/**
 * The client's `allow` rules: one match is enough. They look at what is known, never at what this client
 * is told instead.
 */
function isAllowed({ allow }: Client, subject: Subject, claims: Claims): boolean {
  if (allow === undefined) return true;
  if (allow.subjects.includes(subject)) return true;
  const groups = claims['groups'];
  if (Array.isArray(groups) && groups.some((group) => allow.groups.includes(group))) return true;
  return allow.emailDomains.length > 0 && hasEmailAt(allow.emailDomains, claims);
}

/** An address that nobody verified is what its owner says it is. */
function hasEmailAt(domains: readonly string[], claims: Claims): boolean {
  const { email, email_verified: isVerified } = claims;
  if (typeof email !== 'string' || isVerified !== true) return false;
  // `a@corp.example@evil.example` and `"a@evil.example"@corp.example` are read in two ways.
  const [local = '', domain = '', ...more] = email.split('@');
  if (local === '' || domain === '' || more.length > 0) return false;
  return domains.some((allowed) => lowerAscii(allowed) === lowerAscii(domain));
}
