// Which `acr` a client wants, and how much (OIDC Core §5.5.1.1, RFC 9470 §4): as a wish in
// `acr_values` or in a claim that is not essential, as a demand in an essential claim.

import type { ClaimRequest, ClaimsRequest } from '../../protocol/claims-request.ts';
import { satisfies } from '../claims.ts';
import type { AuthorizationRequest } from './request.ts';

type Wanting = Pick<AuthorizationRequest, 'claimsRequest' | 'acrValues'>;

export const findRequest = (
  claims: ClaimsRequest | undefined,
  name: string,
): ClaimRequest | undefined => claims?.idToken.find(([claim]) => claim === name)?.[1];

/** The most wanted first. Where a claim names values it is the more exact of the two. */
export function wantedAcrValues({ claimsRequest, acrValues }: Wanting): readonly string[] {
  const { value, values = value === undefined ? [] : [value] } =
    findRequest(claimsRequest, 'acr') ?? {};
  const named = values.filter((wanted) => typeof wanted === 'string');
  return named.length > 0 ? named : acrValues;
}

export function isAcrDemandUnmet({ claimsRequest }: Wanting, acr: string | undefined): boolean {
  const wanted = findRequest(claimsRequest, 'acr');
  return wanted?.essential === true && (acr === undefined || !satisfies(acr, wanted));
}

export function isAcrWishUnmet(request: Wanting, acr: string | undefined): boolean {
  const wanted = wantedAcrValues(request);
  return wanted.length > 0 && (acr === undefined || !wanted.includes(acr));
}
