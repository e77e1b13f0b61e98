// An End-User as a signed assertion, as the consumer of a preset wants it: header, algorithm, claims,
// issuer, audience and the place of the keys are those of the preset.

import type { JsonValue } from '../protocol/claims.ts';
import { fillAssertion, type GivenAssertion } from '../upstream/assertion/fill.ts';
import type { AssertionClaims } from '../upstream/options.ts';
import { listClaims } from '../upstream/options.ts';
import type { Preset } from '../upstream/presets/preset.ts';
import { attributeOf, type SignedIn, statementsOf } from './end-user.ts';
import type { Signing } from './product.ts';
import type { Signer, SignerAlg } from './signer.ts';

export type SignedSource = Extract<Preset['source'], { kind: 'assertion' }>;

/** What only the operator of a product knows, where they say it. */
export type Told = {
  readonly issuer?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  /** ARN of a load balancer of AWS. */
  readonly signer?: string | undefined;
};

export type SignedTerms = {
  readonly header: string;
  readonly scheme: 'raw' | 'bearer';
  readonly alg: SignerAlg;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly claims: AssertionClaims;
  readonly required: { readonly [claim: string]: JsonValue };
  /** Where the keys are, as a path of the producer. */
  readonly keysPath: string;
  /** Of a load balancer of AWS, which is told by its ARN instead of by an audience. */
  readonly alb?: { readonly signer: string };
};

/** Beneath it is what products have at other hosts. */
export const ELSEWHERE = '/.asteroid';

/** @param origin as people call the producer. */
export function resolveSigned(
  { source, example }: { readonly source: SignedSource; readonly example: Preset['example'] },
  signing: Signing,
  told: Told,
  origin: string,
): SignedTerms {
  const placeholders = membersOf(example.assertion);
  const issuer = told.issuer ?? source.assertion.issuer ?? signing.issuer(origin);
  const derived = source.derive?.({ ...source.assertion, issuer }) ?? {};
  const alb = membersOf(placeholders['alb']);
  const filled = fillAssertion(
    { ...derived, keys: { kind: 'file', text: () => '' }, ...source.assertion },
    {},
  );
  if (typeof filled === 'string') throw new Error(filled);
  return {
    header: filled.header,
    scheme: filled.scheme ?? 'raw',
    alg: toSignerAlg(filled.algorithms[0]),
    issuer,
    audience: told.audience ??
      derived.audience ??
      textsOf(placeholders['audience']) ?? [String(alb['client'])],
    claims: filled.claims,
    required: filled.require ?? {},
    keysPath: findKeysPath(source, derived, placeholders),
    ...(placeholders['alb'] === undefined
      ? {}
      : { alb: { signer: told.signer ?? String(alb['signer']) } }),
  };
}

/** Below the producer where the product has them below the app, and else where nothing of the app is. */
function findKeysPath(
  { assertion }: SignedSource,
  derived: GivenAssertion,
  placeholders: { readonly [name: string]: JsonValue },
): string {
  if (derived.keys?.kind === 'uri') return new URL(derived.keys.uri).pathname;
  if (assertion.keys?.kind === 'uri') return ELSEWHERE + new URL(assertion.keys.uri).pathname;
  const uri = placeholders['jwks_uri'];
  return ELSEWHERE + (typeof uri === 'string' ? new URL(uri).pathname : '/alb/');
}

const toSignerAlg = (alg: string | undefined): SignerAlg => {
  if (alg !== 'ES256' && alg !== 'RS256') throw new Error(`nothing here signs with ${alg}`);
  return alg;
};

const membersOf = (value: JsonValue | undefined): { readonly [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};

const textsOf = (value: JsonValue | undefined): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;

/** The token alone, without a scheme. */
export function makeAssertion(
  who: SignedIn,
  terms: SignedTerms,
  signing: Signing,
  signer: Signer,
  now: number,
): string {
  const { issuer, audience, alb } = terms;
  const exp = now + signing.lifetime;
  const claims = {
    ...(signing.saysAll === true ? statementsOf(who) : {}),
    ...claimsOf(who, terms, signing),
    ...signing.claims?.(who, { issuer, audience, now }),
    iss: issuer,
  };
  if (alb !== undefined) {
    const header = { iss: issuer, client: audience[0], signer: alb.signer, exp };
    return signer.sign(header, { ...claims, exp }, true);
  }
  const aud = signing.audience === 'list' || audience.length > 1 ? audience : audience[0];
  return signer.sign({}, { ...claims, aud, iat: now, exp }, false);
}

function claimsOf(
  who: SignedIn,
  { claims, required }: SignedTerms,
  { subjectPrefix = '' }: Signing,
): { readonly [claim: string]: JsonValue } {
  const said = listClaims(claims).flatMap(({ attribute, claim }) => {
    const value = attributeOf(who, attribute);
    if (value === undefined) return [];
    return [[claim, attribute === 'subject' ? `${subjectPrefix}${value}` : value] as const];
  });
  return { ...required, ...Object.fromEntries(said) };
}
