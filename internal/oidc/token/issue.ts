// The only place that mints: what a grant proved becomes tokens, whatever the grant.

import type { JsonValue } from '../../protocol/claims.ts';
import type { Client } from '../../protocol/client.ts';
import { type Confirmation, tokenTypeOf } from '../../protocol/confirmation.ts';
import { printScope } from '../../protocol/scope.ts';
import type { Deps } from '../deps.ts';
import { printDetails } from '../details/authorization-details.ts';
import type { Authorization } from '../grants/grant.ts';
import { printRefreshToken } from '../handle.ts';
import { lifetimesOf } from '../policy.ts';
import { mintAccessToken } from './access-token.ts';
import { mintIdToken } from './id-token.ts';
import type { Prepared } from './prepare.ts';

/** A successful token response (RFC 6749 §5.1, OIDC Core §3.1.3.3); what is undefined is absent. */
export type TokenSet = {
  readonly access_token: string;
  readonly token_type: 'Bearer' | 'DPoP';
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string | undefined;
  /** What it is, where it was exchanged for another token (RFC 8693 §2.2.1). */
  readonly issued_token_type: string | undefined;
  /** RFC 9396 §7. */
  readonly authorization_details: readonly JsonValue[] | undefined;
  readonly id_token: string | undefined;
  readonly refresh_token: string | undefined;
};

export type IssueTerms = {
  readonly now: number;
  readonly confirmation: Confirmation | undefined;
  readonly prepared: Prepared;
};

export async function issueTokens(
  authorization: Authorization,
  client: Client,
  { now, confirmation, prepared }: IssueTerms,
  deps: Deps,
): Promise<TokenSet> {
  const lifetimes = lifetimesOf(deps.policy(), client);
  const { scope, endUser, refreshToken, derivation } = authorization;
  const expiresAt = Math.min(now + lifetimes.accessToken, derivation?.until ?? Infinity);
  const accessTerms = { now, expiresAt, confirmation, prepared };
  const accessToken = await mintAccessToken(authorization, client, accessTerms, deps);
  const idTerms = { now, expiresAt: now + lifetimes.idToken, accessToken, prepared };
  return {
    access_token: accessToken,
    token_type: tokenTypeOf(confirmation),
    expires_in: expiresAt - now,
    scope: printScope(scope),
    authorization_details: printDetails(authorization.authorizationDetails ?? []),
    issued_token_type: derivation?.issuedTokenType,
    id_token:
      endUser !== undefined && derivation === undefined && scope.includes('openid')
        ? await mintIdToken(authorization, endUser, client, idTerms, deps)
        : undefined,
    refresh_token: refreshToken && printRefreshToken(refreshToken),
  };
}
