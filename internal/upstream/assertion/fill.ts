// What the operator left out of an assertion, filled in from the preset and from what the standards
// call things. Says what cannot be filled in.

import type { AssertionClaims, AssertionOptions } from '../options.ts';

type Parts<Shape> = { readonly [Name in keyof Shape]?: Shape[Name] | undefined };

/** Parts of an assertion, as an operator or a preset names them. */
export type GivenAssertion = Parts<Omit<AssertionOptions, 'claims'>> & {
  readonly claims?: Parts<AssertionClaims> | undefined;
};

/**
 * Everything in an assertion is signed, so that a claim nobody mentioned is one its signer chose to
 * say. `email_verified` is not among them: whether the signer verifies addresses only people know.
 */
const CLAIMS: AssertionClaims = {
  subject: 'sub',
  email: 'email',
  preferredUsername: 'preferred_username',
  name: 'name',
  groups: 'groups',
};

/** The operator's word before the preset's; a sentence when no key could ever be found. */
export function fillAssertion(
  preset: GivenAssertion,
  given: GivenAssertion,
): AssertionOptions | string {
  const { claims, ...parts } = { ...preset, ...said(given) };
  if (parts.keys === undefined) return 'upstream.assertion: name jwks_uri, jwks_file or alb';
  return {
    ...parts,
    header: parts.header ?? '',
    algorithms: parts.algorithms ?? [],
    keys: parts.keys,
    claims: { ...CLAIMS, ...said(preset.claims ?? {}), ...said(claims ?? {}) },
  };
}

/** Without what was left out; `null` stays, and says that a claim is not read. */
const said = <Shape extends object>(given: Shape): SaidOf<Shape> =>
  Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as SaidOf<Shape>;

type SaidOf<Shape> = { readonly [Name in keyof Shape]?: Exclude<Shape[Name], undefined> };
