// Logout tokens (Back-Channel Logout 1.0 §2.4): this session has ended, told to one client.

import type { Client } from '../../protocol/client.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import { subjectFor } from '../subject.ts';
import type { EndedSession } from './end.ts';

/** Long enough to arrive, too short to be collected. */
const LOGOUT_TOKEN_TTL = 2 * MINUTE;

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Fresh with every call. It has no nonce, so that it can never pass for an ID Token (§2.4). */
export function mintLogoutToken(
  client: Client,
  { sid, subject }: EndedSession,
  deps: Pick<Deps, 'keys' | 'issuer' | 'now' | 'random' | 'pairwiseSalt'>,
): Promise<string> {
  const { keys, issuer, now, random } = deps;
  const iat = now();
  return keys.sign(client.idTokenSignedResponseAlg, 'logout+jwt', {
    iss: issuer,
    sub: subjectFor(client, subject, deps),
    aud: client.clientId,
    iat,
    exp: iat + LOGOUT_TOKEN_TTL,
    jti: random(ID_BYTES),
    sid,
    events: { [EVENT]: {} },
  });
}
