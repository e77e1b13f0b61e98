// What signs, and what is published of it. The domain asks for an algorithm and never sees a key.

import type { JsonValue } from '../protocol/claims.ts';
import type { SigningAlg } from '../protocol/names.ts';

export type JwtClaims = { readonly [name: string]: JsonValue | undefined };

/** A public JWK (RFC 7517 §4) with `kid`, `use` and `alg`; private members never appear. */
export type PublicJwk = { readonly kid: string; readonly [member: string]: string };

/** A JWT that one of our keys signed; what its claims mean is the caller's to check. */
export type VerifiedJwt = { readonly typ: string; readonly claims: JwtClaims };

/** What a signing key is for at the moment. Times are seconds since 1970. */
type KeyStatus = {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly activeFrom: number;
  readonly state: 'next' | 'signing' | 'published' | 'retired' | 'expired';
  /** When that ends by itself; undefined while no later key replaces it. */
  readonly until: number | undefined;
};

export type KeyStates = {
  /** Of every signing key whose signatures still count. */
  states(): readonly KeyStatus[];
};

export type KeyRing = {
  /** There is a key for this algorithm; throws `Unavailable` where none is and none can be made. */
  prepare(alg: SigningAlg): Promise<void>;
  /** A compact JWS by the key that signs now; members that are undefined are left out. */
  sign(alg: SigningAlg, typ: string, claims: JwtClaims): Promise<string>;
  /**
   * Undefined unless one of our keys, current or retired, signed exactly this text; throws `Unavailable`
   * where no key is loaded, as the others do.
   */
  verify(token: string): Promise<VerifiedJwt | undefined>;
  /** Current, next and not yet retired keys, for /jwks.json; the same array until they change. */
  publicKeys(): readonly PublicJwk[];
  /** Authenticated encryption under a shared key of our own that is never published. */
  seal(purpose: string, text: string): string;
  /** Undefined unless `seal` made it for this purpose. */
  unseal(purpose: string, sealed: string): string | undefined;
};
