// What a token is exchanged for (RFC 8693 §2.1): whom the new one is for, and what it may do there.
// Never more than the operator allows this client, whatever the presented token may (CVE-2022-1245).

import type { Client } from '../../protocol/client.ts';
import type { TokenExchangeTerms } from '../../protocol/client-grants.ts';
import { invalidScope, invalidTarget } from '../../protocol/errors.ts';
import { type Params, readParams } from '../../protocol/params.ts';
import { isSubset } from '../../protocol/scope.ts';
import type { ScopeTable } from '../../protocol/scope-table.ts';
import { readScope, withoutOthers } from '../scopes.ts';

/** Throws `invalid_target` for one that is not allowed, and where there is a choice and none was made. */
export function readAudience(
  params: Params,
  { audiences }: Pick<TokenExchangeTerms, 'audiences'>,
): readonly string[] {
  const named = [...readParams(params, 'audience'), ...readParams(params, 'resource')];
  if (named.length === 0 && audiences.length > 1) {
    throw invalidTarget({
      description: 'the request has to name an audience or a resource',
      reason: 'audience_missing',
    });
  }
  if (!isSubset(named, audiences)) throw invalidTarget({ reason: 'audience_not_allowed' });
  return named.length === 0 ? audiences : [...new Set(named)];
}

/** Who only holds a token signs nobody in again, and has nobody's word for later. */
const NEVER: readonly string[] = ['offline_access'];

/**
 * What is asked for; else all that may be had. Throws `invalid_scope` for more.
 *
 * @param held what the presented token may do; undefined: it says nothing of ours.
 */
export function decideScope(
  params: Params,
  held: readonly string[] | undefined,
  { client, terms }: { readonly client: Client; readonly terms: Pick<TokenExchangeTerms, 'scope'> },
  scopes: ScopeTable,
): readonly string[] {
  const most = withoutOthers(terms.scope, client, scopes).filter(
    (name) => (held?.includes(name) ?? true) && !NEVER.includes(name),
  );
  const wanted = readScope(params);
  if (wanted === undefined) return most;
  if (!isSubset(wanted, most)) throw invalidScope({ reason: 'scope_not_allowed' });
  return wanted;
}
