// Forward-auth for resource servers that cannot verify tokens themselves: the proxy in front of one
// asks about the token of each request, and hands on who it is about. Tells nothing but what the
// token says, and only to who has the token; which scope and audience it needs is the proxy's to ask.

import {
  insufficientScope,
  invalidRequest,
  invalidToken,
  OAuthError,
} from '../../protocol/errors.ts';
import {
  checkNoRepeats,
  type Params,
  readParam,
  readRequiredParam,
} from '../../protocol/params.ts';
import { isSubset, parseScope, printScope } from '../../protocol/scope.ts';
import { challenge, schemeOf } from '../bearer.ts';
import type { Deps } from '../deps.ts';
import { withNextNonce } from '../dpop/nonce.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import type { CheckPolicy } from '../policy.ts';
import { findPresentedToken, recordTokenRefusal } from '../presented-token.ts';
import type { LiveAccessToken } from '../token/access-token.ts';
import { requireStanding } from '../token/standing.ts';
import { readOriginalRequest } from './original-request.ts';

/** Undefined where the policy has none. */
export function createCheckEndpoint(deps: Deps): Endpoint | undefined {
  const { check } = deps.policy();
  return check && ((request) => answer(request, check, deps));
}

async function answer(
  request: ProtocolRequest,
  policy: CheckPolicy,
  deps: Deps,
): Promise<ProtocolResponse> {
  // A mistake of the operator's is no refusal of the token: proxies let nobody in at a 400.
  const needed = readNeeded(request.params);
  const takesProofs = policy.original !== undefined;
  let token: LiveAccessToken | undefined;
  try {
    token = await findToken(request, policy, deps);
    if (token === undefined) return challenge(deps.issuer, undefined, { takesProofs });
    await checkToken(token, needed, deps);
    const good = { kind: 'json', status: 200, body: {}, headers: describe(token) } as const;
    return withNextNonce(good, token.confirmation, deps);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    recordTokenRefusal('check.refused', error, token, request, deps);
    const scheme = takesProofs ? schemeOf(request) : 'Bearer';
    const scope = printScope(needed.scope) ?? '';
    const refusal = challenge(deps.issuer, error, { scheme, needed: scope, takesProofs });
    // A proxy passes 401 and 403 on; from anything else nginx makes a 500 of its own.
    return refusal.status === 403 ? refusal : { ...refusal, status: 401 };
  }
}

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

/**
 * In the header alone: the parameters are the proxy's. Proofs are for the request it asks about, and a
 * certificate is that of its client: no listener on which it could be the proxy's own has this endpoint.
 */
async function findToken(
  request: ProtocolRequest,
  policy: CheckPolicy,
  deps: Deps,
): Promise<LiveAccessToken | undefined> {
  const original = readOriginalRequest(request, policy);
  if (original === undefined && schemeOf(request) === 'DPoP') throw invalidToken();
  const presented = { ...request, method: 'GET', params: new Map() };
  return findPresentedToken(presented, original ?? NO_USE, deps);
}

/** No proof is for it. */
const NO_USE = { method: '', urls: [] };

/** Throws `invalid_token` for whatever introspection would call inactive, else `insufficient_scope`. */
async function checkToken(token: LiveAccessToken, needed: Needed, deps: Deps): Promise<void> {
  if (!token.audience.includes(needed.audience)) throw invalidToken();
  await requireStanding(token, deps);
  if (!isSubset(needed.scope, token.scope)) throw insufficientScope();
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
