// Which scopes a client gets: what it asks for, less what it may not have.

import type { Client } from '../protocol/client.ts';
import { invalidScope } from '../protocol/errors.ts';
import { ISSUER_SCOPES } from '../protocol/names.ts';
import { type Params, readParam } from '../protocol/params.ts';
import { isSubset, parseScope } from '../protocol/scope.ts';

/** What the client may ask for at all. */
export const allowedScope = (client: Client): readonly string[] => client.scope ?? ISSUER_SCOPES;

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
 * out, as OIDC Core §3.1.2.1 wants it, and the answer says what was granted. Throws
 * `invalid_scope` when nothing is left.
 */
export function grantableScope(params: Params, client: Client): readonly string[] {
  const allowed = allowedScope(client);
  const refreshable = client.grantTypes.includes('refresh_token');
  const scope = (readScope(params) ?? []).filter(
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

/** For a client that acts for itself: no End-User, so no scope that is about one. */
export function clientScope(params: Params, client: Client): readonly string[] {
  const allowed = allowedScope(client).filter((name) => !ISSUER_SCOPES.includes(name));
  const wanted = readScope(params);
  if (wanted === undefined) return allowed;
  if (!isSubset(wanted, allowed)) throw invalidScope({ reason: 'scope_not_allowed' });
  return wanted;
}
