// Forward-auth for resource servers that cannot verify tokens themselves: the proxy in front of one
// asks about the token of each request, and hands on who it is about. Tells nothing but what the
// token says, and only to who has the token; which scope and audience it needs is the proxy's to ask.

import type { Client } from '../protocol/client.ts';
import { insufficientScope, invalidRequest, invalidToken, OAuthError } from '../protocol/errors.ts';
import { checkNoRepeats, type Params, readParam, readRequiredParam } from '../protocol/params.ts';
import { isSubset, parseScope, printScope } from '../protocol/scope.ts';
import type { Grant } from '../store/store.ts';
import { challenge } from './bearer.ts';
import type { Deps } from './deps.ts';
import { findEndUser } from './end-user.ts';
import type { Endpoint, ProtocolRequest } from './endpoint.ts';
import { findPresentedToken } from './presented-token.ts';
import { findStanding, type LiveAccessToken } from './token/access-token.ts';

export const createCheckEndpoint =
  (deps: Deps): Endpoint =>
  async (request) => {
    // A mistake of the operator's is no refusal of the token: proxies let nobody in at a 400.
    const needed = readNeeded(request.params);
    try {
      const token = await findToken(request, deps);
      if (token === undefined) return challenge(deps.issuer, undefined);
      await checkToken(token, needed, deps);
      return { kind: 'json', status: 200, body: {}, headers: describe(token) };
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const answer = challenge(deps.issuer, error, printScope(needed.scope));
      // A proxy passes 401 and 403 on; from anything else nginx makes a 500 of its own.
      return answer.status === 403 ? answer : { ...answer, status: 401 };
    }
  };

type Needed = { readonly audience: string; readonly scope: readonly string[] };

/** Without an audience a token for any other resource server would do (RFC 9068 §4). */
function readNeeded(params: Params): Needed {
  checkNoRepeats(params);
  const audience = readRequiredParam(params, 'audience');
  const text = readParam(params, 'scope');
  const scope = text === undefined ? [] : parseScope(text);
  if (scope === undefined) throw invalidRequest({ reason: 'scope_malformed' });
  return { audience, scope };
}

/** In the header alone: the parameters are the proxy's. A bound token needs proof of its key. */
async function findToken(
  request: ProtocolRequest,
  deps: Deps,
): Promise<LiveAccessToken | undefined> {
  const presented = { ...request, method: 'GET', params: new Map() };
  const token = await findPresentedToken(presented, deps);
  if (token?.confirmation !== undefined) throw invalidToken();
  return token;
}

/** Throws `invalid_token` for whatever introspection would call inactive, else `insufficient_scope`. */
async function checkToken(token: LiveAccessToken, needed: Needed, deps: Deps): Promise<void> {
  if (!token.audience.includes(needed.audience)) throw invalidToken();
  const [client, standing] = await Promise.all([
    deps.findClient(token.clientId),
    findStanding(token, deps),
  ]);
  if (client === undefined || standing === undefined) throw invalidToken();
  if (standing !== 'none') await checkEndUser(standing.grant, client, deps);
  if (!isSubset(needed.scope, token.scope)) throw insufficientScope();
}

async function checkEndUser(
  { subject, snapshot }: Grant,
  client: Client,
  deps: Deps,
): Promise<void> {
  const endUser = await findEndUser(subject, snapshot, client, deps);
  if (endUser.kind === 'refused') throw invalidToken({ reason: endUser.reason });
}

/**
 * All of them always, if need be empty: some proxies replace what a client says of itself only by
 * what the answer has (CVE-2026-30851).
 */
const describe = ({ subject, clientId, scope, audience }: LiveAccessToken) => ({
  'X-Auth-Subject': encode(subject),
  'X-Auth-Client-Id': encode(clientId),
  'X-Auth-Scope': printScope(scope) ?? '',
  'X-Auth-Audience': audience.map(encode).join(' '),
});

/** Printable ASCII as it is, all else and `%` as `%XX` of its UTF-8: no two values become one. */
const encode = (value: string): string =>
  value.replace(/[^!-$&-~]+/g, (part) =>
    [...Buffer.from(part)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
