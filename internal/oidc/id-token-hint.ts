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

/** Undefined for everything but an ID Token of ours for one client, expired or not. */
export async function openIdTokenHint(
  text: string,
  { keys, issuer }: Pick<Deps, 'keys' | 'issuer'>,
): Promise<IdTokenHint | undefined> {
  const token = await keys.verify(text);
  if (token?.typ !== 'JWT') return undefined;
  const { iss, sub, aud, sid } = token.claims;
  if (iss !== issuer || typeof sub !== 'string' || typeof aud !== 'string') return undefined;
  return {
    clientId: toClientId(aud),
    subject: toSubject(sub),
    sid: typeof sid === 'string' ? toSessionId(sid) : undefined,
  };
}
