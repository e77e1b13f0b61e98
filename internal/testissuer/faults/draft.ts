// A JWT that is about to be signed, and what faults may want different about it. Only values: `forge.ts`
// makes the token.

import type { JwtClaims } from '../../keys/keys.ts';
import type { SigningAlg } from '../../protocol/names.ts';

/** What it is for: of two JWTs of one type one may be an ID Token. */
export type JwtKind =
  | 'id_token'
  | 'access_token'
  | 'logout_token'
  /** An authorization response (JARM). */
  | 'authorization';

export type Draft = {
  readonly alg: SigningAlg;
  readonly typ: string;
  readonly claims: JwtClaims;
  /** `own`: of the key that signs. */
  readonly kid: { readonly kind: 'own' } | { readonly kind: 'missing' } | OtherKid;
  readonly signature: Signature;
};

type OtherKid = { readonly kind: 'other'; readonly kid: string };

export type Signature =
  /** By the key that signs. */
  | 'own'
  | 'corrupt'
  /** `alg: none`. */
  | 'none'
  /** HS256 under the public key, which anybody knows. */
  | 'hmac'
  /** By a key that is not published. */
  | 'unpublished';

export const honest = (alg: SigningAlg, typ: string, claims: JwtClaims): Draft => ({
  alg,
  typ,
  claims,
  kid: { kind: 'own' },
  signature: 'own',
});

export type Alteration = (draft: Draft) => Draft;

const withClaims =
  (change: (claims: JwtClaims) => JwtClaims): Alteration =>
  (draft) => ({ ...draft, claims: change(draft.claims) });

/** Members that are undefined are left out of the token. */
export const setting = (members: JwtClaims): Alteration =>
  withClaims((claims) => ({ ...claims, ...members }));

export const without = (...names: readonly string[]): Alteration =>
  setting(Object.fromEntries(names.map((name) => [name, undefined])));

/** All moments that are there, so many seconds later. */
export const shifted =
  (seconds: number, ...names: readonly string[]): Alteration =>
  (draft) =>
    setting(
      Object.fromEntries(
        names.flatMap((name) => {
          const moment = draft.claims[name];
          return typeof moment === 'number' ? [[name, moment + seconds]] : [];
        }),
      ),
    )(draft);

export const signedBy =
  (signature: Signature): Alteration =>
  (draft) => ({ ...draft, signature });
