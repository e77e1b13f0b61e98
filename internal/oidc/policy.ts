// What the operator decided for the whole issuer, and how a client's own word overrides it.

import type { Client, Lifetimes } from '../protocol/client.ts';
import type { DetailsType } from '../protocol/details-types.ts';
import type { ScopeTable } from '../protocol/scope-table.ts';
import type { TokenIssuer } from './token-issuer.ts';

export type Policy = {
  /** What arrives of certificates of clients: none, any, or also such as a CA vouches for. */
  readonly clientCertificates: 'none' | 'any' | 'verified';
  /** Grant types that some client of the operator's is registered for. */
  readonly grantTypesInUse: ReadonlySet<string>;
  /** Others whose tokens are taken, from clients that may bring them; no two have one `iss`. */
  readonly tokenIssuers: readonly TokenIssuer[];
  readonly lifetimes: Lifetimes;
  /** The standard scopes and the operator's own. */
  readonly scopes: ScopeTable;
  /** `unless_pkce`: a request without PKCE must carry `state`. `always`: every request. */
  readonly requireState: 'unless_pkce' | 'always';
  /** Every client pushes its authorization requests first (RFC 9126 §5). */
  readonly requirePushedAuthorizationRequests: boolean;
  /** Every client signs its authorization requests (RFC 9101 §10.5). */
  readonly requireSignedRequestObject: boolean;
  /** What some client signs its request objects with; empty: none may use any. */
  readonly requestObjectSigningAlgs: readonly string[];
  /** Seconds within which a pushed request has to be taken up. */
  readonly pushedRequestLifetime: number;
  /** What may be asked for in `authorization_details`, by type (RFC 9396 §2). */
  readonly authorizationDetailsTypes: ReadonlyMap<string, DetailsType>;
  /** Seconds the discovery document and the JWKS may be cached. */
  readonly metadataMaxAge: number;
  /** Where to send an End-User nobody vouches for; `${url}` is the return address. */
  readonly loginUrl: string | undefined;
  /** Where the upstream authenticates anew; besides `${url}`: max_age, acr_values, login_hint. */
  readonly reauthenticateUrl: string | undefined;
  /** Where the upstream ends its own session; `${post_logout_redirect_uri}` is the way back. */
  readonly logoutUrl: string | undefined;
  /** What the upstream may state as `acr`, when asked to; empty when the operator does not say. */
  readonly acrValuesSupported: readonly string[];
  /** Seconds that the session of a browser lives, from the last sign-in in it. */
  readonly sessionLifetime: number;
  /** A sign-out also ends what was granted with `offline_access`. */
  readonly revokesOfflineAccess: boolean;
  readonly serviceDocumentation: string | undefined;
  /** What `/check` goes by; undefined: there is none. */
  readonly check: CheckPolicy | undefined;
  readonly dpop: DpopPolicy;
};

export type CheckPolicy = {
  /** The headers that say which request is meant; undefined: the proxy sends none. */
  readonly original: 'x-original' | 'x-forwarded' | undefined;
};

/** What is asked of proofs (RFC 9449). */
export type DpopPolicy = {
  /** They have to contain a nonce of ours (§8). */
  readonly requiresNonce: boolean;
  /** Seconds from their `iat` within which they count, where they need no nonce. */
  readonly proofLifetime: number;
};

export const lifetimesOf = (policy: Policy, client: Client): Lifetimes => ({
  ...policy.lifetimes,
  ...client.lifetimes,
});
