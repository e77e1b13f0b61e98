// A service of the operator's that is asked before tokens are made, and may refuse them or add claims:
// how Asteroid is extended without being changed. Knows nothing of how it is asked.

import type { Claims } from '../protocol/claims.ts';

/** Who is about to get tokens for what. */
export type HookQuestion = {
  readonly clientId: string;
  readonly grantType: string;
  /** The real one, also where the client is told another (OIDC Core §8). */
  readonly subject: string;
  readonly scope: readonly string[];
  /** Whom they are for: the resources, or the audience of an exchange; empty: as for any of the client's. */
  readonly resource: readonly string[];
  /** Whoever acts for the subject; undefined: nobody does. */
  readonly actor?: string | undefined;
  readonly authorizationId: string | undefined;
  /** As logs and audit events name the token request. */
  readonly requestId: string;
  /** What is known of the End-User; undefined where a client acts for itself. */
  readonly claims: Claims | undefined;
};

export type HookAnswer =
  | {
      readonly kind: 'allowed';
      /** Never a reserved claim. */
      readonly idTokenClaims: Claims;
      readonly accessTokenClaims: Claims;
    }
  | { readonly kind: 'refused' };

/**
 * Throws `Unavailable` when it cannot tell, unless the operator wants tokens to be made then all the
 * same. Asking changes nothing: the same question may come twice.
 */
export type TokenHook = (question: HookQuestion) => Promise<HookAnswer>;
