// The `id_token_hint` of both ends of a session (OIDC Core §3.1.2.1, RP-Initiated Logout 1.0 §4).

import {
  type ClientId,
  type SessionId,
  type Subject,
  toClientId,
  toSessionId,
  toSubject,
} from '../protocol/ids.ts';
import type { Deps } from './deps.ts';

export type IdTokenHint = {
  readonly clientId: ClientId;
  /** As that client knows them. */
  readonly subject: Subject;
  readonly sid: SessionId | undefined;
};

/** Undefined for everything but an ID Token of ours, expired or not. */
export async function openIdTokenHint(
  text: string,
  { keys, issuer }: Pick<Deps, 'keys' | 'issuer'>,
): Promise<IdTokenHint | undefined> {
  const token = await keys.verify(text);
  if (token?.typ !== 'JWT') return undefined;
  const { iss, sub, aud, azp, exp, sid } = token.claims;
  // A signed UserInfo response says all of the rest, but it never expires (RFC 8725 §3.12).
  if (iss !== issuer || typeof sub !== 'string' || typeof exp !== 'number') return undefined;
  // Issued to one client, whoever else may take it (OIDC Core §2).
  const clientId = Array.isArray(aud) ? azp : aud;
  if (typeof clientId !== 'string') return undefined;
  return {
    clientId: toClientId(clientId),
    subject: toSubject(sub),
    sid: typeof sid === 'string' ? toSessionId(sid) : undefined,
  };
}
