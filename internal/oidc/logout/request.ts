// What a client says when it sends the browser here to be signed out, and how much of it is proven
// (RP-Initiated Logout 1.0 §2). What is not proven never decides where the browser goes.

import type { Client } from '../../protocol/client.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/ids.ts';
import { checkNoRepeats, type Params, readParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { type IdTokenHint, openIdTokenHint } from '../id-token-hint.ts';
import { appendQuery } from '../query.ts';
import { subjectFor } from '../subject.ts';

/** Why the End-User is asked whether to sign out; words of docs/errors.md. */
export type Doubt =
  | 'id_token_hint_missing'
  | 'id_token_hint_invalid'
  | 'another_subject'
  | 'another_session'
  | 'client_mismatch'
  | 'unknown_client'
  | 'post_logout_redirect_uri_mismatch';

export type LogoutRequest = {
  readonly client: Client | undefined;
  readonly hint: IdTokenHint | undefined;
  /** The registered URI with `state`, as it will be written to `Location`; undefined: nowhere. */
  readonly goTo: string | undefined;
  /** Why not all of it is believed. */
  readonly flaw: Doubt | undefined;
};

const MAX_STATE = 4096;

/** Throws `invalid_request` only for what no client can have meant; a flaw is for a page to ask about. */
export async function readLogoutRequest(params: Params, deps: Deps): Promise<LogoutRequest> {
  checkNoRepeats(params);
  const state = readParam(params, 'state');
  if (state !== undefined && state.length > MAX_STATE) {
    throw invalidRequest({
      description: `state is longer than ${MAX_STATE} characters`,
      reason: 'parameter_too_long',
    });
  }
  const named = readParam(params, 'client_id');
  const hintText = readParam(params, 'id_token_hint');
  const token = hintText === undefined ? undefined : await openIdTokenHint(hintText, deps);
  if (hintText !== undefined && token === undefined) return flawed('id_token_hint_invalid');
  if (token !== undefined && named !== undefined && named !== token.clientId) {
    return flawed('client_mismatch');
  }
  const clientId = token?.clientId ?? named;
  const client = clientId === undefined ? undefined : await deps.findClient(clientId);
  if (clientId !== undefined && client === undefined) return flawed('unknown_client');
  return { client, hint: token, ...readTarget(params, client, state) };
}

const flawed = (flaw: Doubt): LogoutRequest => ({
  client: undefined,
  hint: undefined,
  goTo: undefined,
  flaw,
});

/** Whether the ID Token is about this End-User, by the name that its client knows them by. */
export const isHintOf = (
  { client, hint }: Pick<LogoutRequest, 'client' | 'hint'>,
  subject: Subject,
  deps: Pick<Deps, 'pairwiseSalt'>,
): boolean => client !== undefined && hint?.subject === subjectFor(client, subject, deps);

// Compared as strings, like redirect URIs: a query that was added is another address.
function readTarget(
  params: Params,
  client: Client | undefined,
  state: string | undefined,
): Pick<LogoutRequest, 'goTo' | 'flaw'> {
  const uri = readParam(params, 'post_logout_redirect_uri');
  if (uri === undefined) return { goTo: undefined, flaw: undefined };
  if (client?.postLogoutRedirectUris.includes(uri) !== true) {
    return { goTo: undefined, flaw: 'post_logout_redirect_uri_mismatch' };
  }
  const fields = state === undefined ? [] : [['state', state] as const];
  return { goTo: appendQuery(uri, fields), flaw: undefined };
}
