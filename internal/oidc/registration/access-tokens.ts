// The two tokens of registration: one of the operator's that lets a client in (RFC 7591 §3), and one
// of the client's own by which it looks after its entry (RFC 7592 §1.2). Neither is an access token of
// the token endpoint, and none of those works here.

import { timingSafeEqual } from 'node:crypto';
import { isRegisteredId } from '../../protocol/client-description.ts';
import { invalidToken } from '../../protocol/errors.ts';
import { toClientId } from '../../protocol/ids.ts';
import { SECRET_BYTES } from '../../protocol/random.ts';
import type { ClientRecord } from '../../store/clients.ts';
import { withClaim } from '../claimed-client.ts';
import { matchesSecret } from '../clientauth/secrets.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { hashSecret } from '../handle.ts';
import type { Registration } from './registration.ts';

// As long as what operators make by hand, too.
const BEARER = /^bearer ([A-Za-z0-9._~+/-]{1,1024}=*)$/i;
const OWN_TOKEN = /^rat_[A-Za-z0-9_-]{43}$/;

const readBearer = ({ headers }: ProtocolRequest): string | undefined =>
  BEARER.exec(headers['authorization'] ?? '')?.[1];

/** Throws `invalid_token` unless one of the operator's tokens is shown, or none is asked for. */
export async function checkInitialAccess(
  request: ProtocolRequest,
  { initialAccessTokens }: Registration,
  deps: Pick<Deps, 'issuer'>,
): Promise<void> {
  if (initialAccessTokens === undefined) return;
  const presented = readBearer(request);
  if (presented === undefined) throw tokenMissing(deps);
  if (!(await matchesSecret(initialAccessTokens(), presented))) {
    throw tokenWrong('initial_access_token_wrong', deps);
  }
}

/** A token that lets one client look after its own entry, and what of it is kept. */
export function makeRegistrationToken({ random }: Pick<Deps, 'random'>) {
  const token = `rat_${random(SECRET_BYTES)}`;
  return { token, hash: hashSecret(token) };
}

/**
 * The entry that the path names, if the token is its own. A client that is gone, one that never was and
 * one of somebody else's are the same from outside (RFC 7592 §2.1).
 */
export async function findManaged(
  request: ProtocolRequest,
  deps: Pick<Deps, 'issuer' | 'store'>,
): Promise<{ readonly clientId: string; readonly record: ClientRecord }> {
  const { segment: clientId = '' } = request;
  const presented = readBearer(request);
  if (presented === undefined) throw tokenMissing(deps);
  const wrong = tokenWrong('registration_access_token_wrong', deps);
  if (!OWN_TOKEN.test(presented) || !isRegisteredId(clientId)) throw wrong;
  const record = await deps.store.findClient(toClientId(clientId));
  if (record === undefined) throw wrong;
  if (!isHashOf(presented, record.tokenHash)) throw withClaim(wrong, toClientId(clientId));
  return { clientId, record };
}

function isHashOf(token: string, known: string): boolean {
  const presented = Buffer.from(hashSecret(token));
  const expected = Buffer.from(known);
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

const tokenMissing = ({ issuer }: Pick<Deps, 'issuer'>) =>
  invalidToken({
    description: 'a bearer token is needed here',
    reason: 'registration_token_missing',
    headers: { 'WWW-Authenticate': `Bearer realm="${issuer}"` },
  });

/** The token that was right a moment ago is none once the entry is another (RFC 7592 §2.2). */
export const tokenWrong = (reason: string, { issuer }: Pick<Deps, 'issuer'>) =>
  invalidToken({
    reason,
    headers: { 'WWW-Authenticate': `Bearer realm="${issuer}", error="invalid_token"` },
  });
