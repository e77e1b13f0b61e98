// The only place that mints: what a grant proved becomes tokens, whatever the grant.

import type { Client } from '../../protocol/client.ts';
import { type Confirmation, tokenTypeOf } from '../../protocol/confirmation.ts';
import { printScope } from '../../protocol/scope.ts';
import type { Deps } from '../deps.ts';
import type { Authorization } from '../grants/grant.ts';
import { printRefreshToken } from '../handle.ts';
import { lifetimesOf } from '../policy.ts';
import { mintAccessToken } from './access-token.ts';
import { mintIdToken } from './id-token.ts';

/** A successful token response (RFC 6749 §5.1, OIDC Core §3.1.3.3). */
export type TokenSet = {
  readonly access_token: string;
  readonly token_type: 'Bearer' | 'DPoP';
  /** Seconds. */
  readonly expires_in: number;
  /** Absent where there is none. */
  readonly scope: string | undefined;
  readonly id_token?: string;
  readonly refresh_token?: string;
};

export type IssueTerms = {
  readonly now: number;
  readonly confirmation: Confirmation | undefined;
};

export async function issueTokens(
  authorization: Authorization,
  client: Client,
  { now, confirmation }: IssueTerms,
  deps: Deps,
): Promise<TokenSet> {
  const lifetimes = lifetimesOf(deps.policy(), client);
  const { scope, endUser, refreshToken } = authorization;
  const accessTerms = { now, expiresAt: now + lifetimes.accessToken, confirmation };
  const accessToken = await mintAccessToken(authorization, client, accessTerms, deps);
  const idTerms = { now, expiresAt: now + lifetimes.idToken, accessToken };
  return {
    access_token: accessToken,
    token_type: tokenTypeOf(confirmation),
    expires_in: lifetimes.accessToken,
    scope: printScope(scope),
    ...(endUser !== undefined && scope.includes('openid')
      ? { id_token: await mintIdToken(authorization, endUser, client, idTerms, deps) }
      : {}),
    ...(refreshToken === undefined ? {} : { refresh_token: printRefreshToken(refreshToken) }),
  };
}
