import type { SigningAlg } from './names.ts';

/** How a client makes its authorization requests, and how it is answered. */
export type ClientRequests = {
  /** It pushes every authorization request first (RFC 9126 §6). */
  readonly requirePushedAuthorizationRequests: boolean;
  /** The only algorithm of its request objects; undefined: it may not use any (RFC 9101 §10.5). */
  readonly requestObjectSigningAlg: string | undefined;
  readonly requireSignedRequestObject: boolean;
  /** Of the responses that it wants as a JWT (JARM §3). */
  readonly authorizationSignedResponseAlg: SigningAlg;
  /** What it may ask for in `authorization_details` (RFC 9396 §10). */
  readonly authorizationDetailsTypes: readonly string[];
};

/** Registered for objects that nobody signed (OIDC Core §6.1): they prove nothing. */
export const UNSIGNED = 'none';
