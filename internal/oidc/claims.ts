// Which claims are released: those of the granted scopes, and those asked for one by one.

import { type Claims, type JsonValue, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { ClaimRequest } from '../protocol/claims-request.ts';
import type { Client } from '../protocol/client.ts';
import type { ScopeTable } from '../protocol/scope-table.ts';
import { isSame } from './json-text.ts';
import { allowedScope } from './scopes.ts';
import { claimsOf, shapeClaims } from './shaping.ts';

/** For each claim asked for by name, the first scope of `among` that releases it. */
export const scopesReleasing = (
  requested: ReadonlyArray<readonly [string, ClaimRequest]>,
  among: readonly string[],
  client: Client,
  scopes: ScopeTable,
): readonly string[] =>
  requested.flatMap(([claim]) => {
    const plain = withoutLanguage(claim);
    return among.find((name) => claimsOf([name], client, scopes).includes(plain)) ?? [];
  });

/** Whether a client may ask for a claim by name: it could have asked for a scope that releases it. */
export function createMayAsk(client: Client, scopes: ScopeTable): (claim: string) => boolean {
  const released = new Set(claimsOf(allowedScope(client, scopes), client, scopes));
  return (claim) => released.has(withoutLanguage(claim));
}

/**
 * The part of `known` that a scope or a single request releases to the client, in the form it is told;
 * nothing without a value. What was requested by name counts while the client may ask for it.
 */
export function releaseClaims(
  known: Claims,
  client: Client,
  scope: readonly string[],
  requested: ReadonlyArray<readonly [string, ClaimRequest]>,
  scopes: ScopeTable,
): Claims {
  const shaped = shapeClaims(known, client);
  const released = pick(shaped, claimsOf(scope, client, scopes));
  if (requested.length === 0) return released;
  const mayAsk = createMayAsk(client, scopes);
  const stillAsked = requested.filter(([claim]) => mayAsk(claim));
  return { ...released, ...pick(shaped, askedFor(shaped, stillAsked)) };
}

function pick(known: Claims, names: readonly string[]): Claims {
  const picked: Record<string, JsonValue> = {};
  for (const name of names) {
    // The names that would replace a prototype are reserved, too.
    if (!Object.hasOwn(known, name) || RESERVED_CLAIMS.has(name)) continue;
    const value = known[name];
    if (hasValue(value)) picked[name] = value;
  }
  return picked;
}

/** A claim of which another value is wanted than the known one is not what was asked for (§5.5.1). */
const askedFor = (
  known: Claims,
  requested: ReadonlyArray<readonly [string, ClaimRequest]>,
): readonly string[] =>
  requested
    .filter(([claim, request]) => {
      const wanted = wantedValues(request);
      const value = Object.hasOwn(known, claim) ? known[claim] : undefined;
      return wanted.length === 0 || wanted.some((one) => isSame(one, value ?? null));
    })
    .map(([claim]) => claim);

const wantedValues = ({ value, values }: ClaimRequest): readonly JsonValue[] =>
  values ?? (value === undefined ? [] : [value]);

/** The claim that `name#de` is one of the languages of (OIDC Core §5.2). */
const withoutLanguage = (claim: string): string => claim.replace(/#[A-Za-z0-9-]{1,35}$/, '');

/** OIDC Core §5.3.2: a claim without a value is left out, never null or empty. */
function hasValue(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Whether what is known satisfies a request for a particular value (OIDC Core §5.5.1). */
export function satisfies(known: string | undefined, request: ClaimRequest): boolean {
  const wanted = wantedValues(request);
  return wanted.length === 0 || (known !== undefined && wanted.includes(known));
}
