// The `claims` request parameter (OIDC Core §5.5), as a type: `oidc/claims-parameter.ts` reads it.

import type { JsonValue } from './claims.ts';

export type ClaimRequest = {
  readonly essential?: boolean;
  readonly value?: JsonValue;
  readonly values?: readonly JsonValue[];
};

/** Claim name → how it is wanted, for each of the two places claims are returned. */
export type ClaimsRequest = {
  readonly idToken: ReadonlyArray<readonly [string, ClaimRequest]>;
  readonly userinfo: ReadonlyArray<readonly [string, ClaimRequest]>;
};
