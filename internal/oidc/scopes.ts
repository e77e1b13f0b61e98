// Which scopes a client gets: what it asks for, less what it may not have.

import type { Client } from '../protocol/client.ts';
import { invalidScope } from '../protocol/errors.ts';
import { type Params, readParam } from '../protocol/params.ts';
import { isSubset, parseScope } from '../protocol/scope.ts';
import { type ScopeTable, STANDARD_SCOPES } from '../protocol/scope-table.ts';

/**
 * What the client may ask for at all: what it lists, else every scope of the table; never what is
 * for other clients. A name that it lists and the table does not know is some resource server's.
 */
export const allowedScope = (client: Client, scopes: ScopeTable): readonly string[] =>
  withoutOthers(client.scope ?? [...scopes.keys()], client, scopes);

/** Less what is for other clients, whatever else lists it. */
export const withoutOthers = (
  scope: readonly string[],
  { clientId }: Client,
  scopes: ScopeTable,
): readonly string[] =>
  scope.filter((name) => scopes.get(name)?.clients?.includes(clientId) ?? true);

/** What was granted once, as far as the client may still ask for it. */
export const keepAllowed = (
  granted: readonly string[],
  client: Client,
  scopes: ScopeTable,
): readonly string[] => {
  const allowed = allowedScope(client, scopes);
  return granted.filter((name) => allowed.includes(name));
};

/** Throws `invalid_scope` when the text is not of the grammar. */
export function readScope(params: Params): readonly string[] | undefined {
  const text = readParam(params, 'scope');
  if (text === undefined) return undefined;
  const scope = parseScope(text);
  if (scope === undefined) throw invalidScope({ reason: 'scope_malformed' });
  return scope;
}

/**
 * The scope of an authorization request: unknown names and those the client may not have are left
 * out, as OIDC Core §3.1.2.1 wants it, and the answer says what was granted. Without any, the
 * defaults of the table (RFC 6749 §3.3). Throws `invalid_scope` when nothing is left.
 */
export function grantableScope(
  params: Params,
  client: Client,
  scopes: ScopeTable,
): readonly string[] {
  const allowed = allowedScope(client, scopes);
  const refreshable = client.grantTypes.includes('refresh_token');
  const wanted = readScope(params) ?? allowed.filter((name) => scopes.get(name)?.isDefault);
  const scope = wanted.filter(
    (name) => allowed.includes(name) && (name !== 'offline_access' || refreshable),
  );
  if (scope.length === 0) throw invalidScope({ reason: 'scope_empty' });
  return scope;
}

/** At refresh: the same or less (RFC 6749 §6); throws `invalid_scope` for more. */
export function narrowScope(params: Params, granted: readonly string[]): readonly string[] {
  const wanted = readScope(params);
  if (wanted === undefined) return granted;
  if (!isSubset(wanted, granted)) throw invalidScope({ reason: 'scope_not_granted' });
  return wanted;
}

/**
 * For a client that acts for itself: no End-User, so no standard scope, since those are about one.
 * Without any, all that it lists, which was written for it alone; or else the defaults.
 */
export function clientScope(params: Params, client: Client, scopes: ScopeTable): readonly string[] {
  const allowed = allowedScope(client, scopes).filter((name) => !STANDARD_SCOPES.has(name));
  const wanted = readScope(params);
  if (wanted === undefined) {
    return client.scope === undefined
      ? allowed.filter((name) => scopes.get(name)?.isDefault)
      : allowed;
  }
  if (!isSubset(wanted, allowed)) throw invalidScope({ reason: 'scope_not_allowed' });
  return wanted;
}
