// /device (RFC 8628 §3.3): the End-User types the code that their device shows, or follows a link with
// the code in it, and is asked whether to let that device in. A link proves nothing about who made it
// (§5.4), so that looking at the page decides nothing, and only its form does.

import { accessDenied } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { DEVICE_CODE } from '../../protocol/names.ts';
import { readParam } from '../../protocol/params.ts';
import { isPrefetch, prefetchPage } from '../authorize/authorize.ts';
import { cameBack, nobodyPage } from '../authorize/sign-in.ts';
import { LOGIN_ATTEMPT } from '../authorize/way-back.ts';
import type { Deps } from '../deps.ts';
import { readAuthorizationDetails } from '../details/authorization-details.ts';
import { describeDetails } from '../details/consent.ts';
import { findEndUser } from '../end-user.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { checkNavigation } from '../logout/end-session.ts';
import { pageUrl } from '../paths.ts';
import { appendQuery } from '../query.ts';
import { allowedScope } from '../scopes.ts';
import { fillTemplate } from '../template.ts';
import { answerDevice, sealHandle } from './answer.ts';
import { claim, mayTry, noteMiss } from './guesses.ts';
import { hashUserCode, printUserCode, readUserCode } from './user-code.ts';

/** GET and POST; a POST with a handle answers what was asked. */
export const createDeviceEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    if (isPrefetch(http)) return prefetchPage(http.requestId);
    checkNavigation(http);
    if (http.method === 'POST' && http.params.has('handle')) return answerDevice(http, deps);
    const typed = readParam(http.params, 'user_code');
    if (http.identity === undefined) return askToSignIn(typed, http, deps);
    return typed === undefined ? askForCode(200) : askToAllow(typed, http.identity, http, deps);
  };

const askForCode = (status: number, problem?: 'unknown' | 'too_many'): ProtocolResponse => ({
  kind: 'page',
  status,
  page: { kind: 'user_code', problem },
});

/** Only what is a code, or tags of languages, comes back with the End-User: the rest is anybody's text. */
function askToSignIn(
  typed: string | undefined,
  { params, requestId }: ProtocolRequest,
  { policy, bases, now }: Deps,
): ProtocolResponse {
  const { loginUrl } = policy();
  if (loginUrl === undefined || cameBack(params, now())) return nobodyPage(requestId);
  const code = typed === undefined ? undefined : readUserCode(typed);
  const uiLocales = readParam(params, 'ui_locales') ?? '';
  const url = appendQuery(pageUrl(bases, 'device'), [
    ...(code === undefined ? [] : [['user_code', printUserCode(code)] as const]),
    ...(TAGS.test(uiLocales) ? [['ui_locales', uiLocales] as const] : []),
    [LOGIN_ATTEMPT, String(now())],
  ]);
  return { kind: 'redirect', location: fillTemplate(loginUrl, { url }) };
}

const TAGS = /^[A-Za-z0-9-]{1,35}(?: [A-Za-z0-9-]{1,35}){0,9}$/;

/** The same answer to a code that never was, has expired, was answered or is another End-User's. */
async function askToAllow(
  typed: string,
  identity: Identity,
  { requestId, allowance }: ProtocolRequest,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { subject } = identity;
  const refuse = (reason: 'user_code_unknown' | 'user_code_tries') =>
    deps.audit({ type: 'user_code.refused', subject, reason, requestId });
  const [isAllowed] = await Promise.all([mayTry(subject, deps), allowance?.guess(subject)]);
  if (!isAllowed) {
    refuse('user_code_tries');
    return askForCode(429, 'too_many');
  }
  const code = readUserCode(typed);
  const found = code === undefined ? undefined : await findRequest(code, identity, deps);
  if (code === undefined || found === undefined) {
    await noteMiss(deps);
    refuse('user_code_unknown');
    return askForCode(400, 'unknown');
  }
  const { client, id, scope, resource, details } = found;
  const { scopes, authorizationDetailsTypes } = deps.policy();
  const { clientId, clientName = clientId } = client;
  return {
    kind: 'page',
    status: 200,
    page: {
      kind: 'device',
      clientName,
      subject,
      userCode: printUserCode(code),
      scope: scope.map((name) => ({ name, description: scopes.get(name)?.description })),
      details: describeDetails(details, authorizationDetailsTypes),
      handle: sealHandle({ id, clientId, subject, scope, resource, details }, deps),
    },
  };
}

/** What waits behind a code, for this End-User; throws `access_denied` where the client is not for them. */
async function findRequest(code: string, { subject, claims }: Identity, deps: Deps) {
  const found = await deps.store.findDevice(hashUserCode(code), deps.now());
  const client = found && (await deps.findClient(found.clientId));
  if (!found || !client?.grantTypes.includes(DEVICE_CODE)) return undefined;
  // A reload may have left the client less than it asked for.
  const allowed = allowedScope(client, deps.policy().scopes);
  const scope = (found.request.scope ?? []).filter((name) => allowed.includes(name));
  if (scope.length === 0) return undefined;
  const endUser = await findEndUser(subject, claims, client, deps);
  // Nobody has answered the device: somebody who may use it still can.
  if (endUser.kind === 'refused') throw accessDenied({ reason: endUser.reason });
  if (!(await claim(found.id, subject, deps))) return undefined;
  const asked = new Map(found.request.params.map(([name, value]) => [name, [value]]));
  return {
    client,
    id: found.id,
    scope,
    resource: found.request.params.flatMap(([name, value]) => (name === 'resource' ? value : [])),
    details: readAuthorizationDetails(asked, client, deps.policy()),
  };
}
