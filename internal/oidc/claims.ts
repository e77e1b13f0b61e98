// Which claims are released: those of the granted scopes, and those asked for one by one.

import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { ClaimRequest } from '../protocol/claims-request.ts';
import type { Client } from '../protocol/client.ts';
import type { ScopeTable } from '../protocol/scope-table.ts';
import { claimsOf, shapeClaims } from './shaping.ts';

/** For each claim asked for by name, the first scope of `among` that releases it. */
export const scopesReleasing = (
  requested: ReadonlyArray<readonly [string, ClaimRequest]>,
  among: readonly string[],
  client: Client,
  scopes: ScopeTable,
): readonly string[] =>
  requested.flatMap(
    ([claim]) => among.find((name) => claimsOf([name], client, scopes).includes(claim)) ?? [],
  );

/**
 * The part of `known` that a scope or a single request releases to the client, in the form it is told;
 * nothing without a value. What may be requested by name at all was settled when the authorization
 * request was read.
 */
export function releaseClaims(
  known: Claims,
  client: Client,
  scope: readonly string[],
  requested: ReadonlyArray<readonly [string, ClaimRequest]>,
  scopes: ScopeTable,
): Claims {
  const shaped = shapeClaims(known, client);
  const released = new Map<string, JsonValue>();
  for (const name of [...claimsOf(scope, client, scopes), ...requested.map(([claim]) => claim)]) {
    const value = Object.hasOwn(shaped, name) ? shaped[name] : undefined;
    if (hasValue(value) && !RESERVED_CLAIMS.has(name)) released.set(name, value);
  }
  return Object.fromEntries(released);
}

/** OIDC Core §5.3.2: a claim without a value is left out, never null or empty. */
function hasValue(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Whether what is known satisfies a request for a particular value (OIDC Core §5.5.1). */
export function satisfies(known: string | undefined, request: ClaimRequest): boolean {
  const wanted = request.values ?? (request.value === undefined ? [] : [request.value]);
  return wanted.length === 0 || (known !== undefined && wanted.includes(known));
}
