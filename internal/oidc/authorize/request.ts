// Parameters → AuthorizationRequest, in two halves: who asks and where the answer goes, whose
// failure is a page, and everything else, whose failure may be sent to the client.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import { type Awaitable, after } from '../../protocol/awaitable.ts';
import type { ClaimRequest, ClaimsRequest } from '../../protocol/claims-request.ts';
import type { Client } from '../../protocol/client.ts';
import { isPublic } from '../../protocol/client.ts';
import {
  invalidRequest,
  registrationNotSupported,
  requestNotSupported,
  requestUriNotSupported,
  unauthorizedClient,
  unsupportedResponseType,
} from '../../protocol/errors.ts';
import { PROMPTS } from '../../protocol/names.ts';
import {
  checkNoRepeats,
  type Params,
  readParam,
  readRequiredParam,
} from '../../protocol/params.ts';
import { createMayAsk } from '../claims.ts';
import { parseClaimsParameter } from '../claims-parameter.ts';
import type { Deps } from '../deps.ts';
import { readAuthorizationDetails } from '../details/authorization-details.ts';
import { readDpopJkt } from '../dpop/jkt.ts';
import { readChallenge } from '../pkce.ts';
import type { Policy } from '../policy.ts';
import { readResources } from '../resource.ts';
import { grantableScope } from '../scopes.ts';
import { type ProvenRedirectUri, proveRedirectUri } from './redirect-uri.ts';
import { isResponseMode } from './response.ts';

export type ProvenClient = ProvenRedirectUri & { readonly client: Client };

export type AuthorizationRequest = ProvenClient & {
  readonly scope: readonly string[];
  readonly nonce: string | undefined;
  readonly state: string | undefined;
  readonly challenge: string | undefined;
  /** Thumbprint of the key that alone may redeem the code. */
  readonly jkt: string | undefined;
  readonly prompt: ReadonlySet<string>;
  /** Seconds since the last active authentication; the client's default when not sent. */
  readonly maxAge: number | undefined;
  readonly idTokenHint: string | undefined;
  readonly loginHint: string | undefined;
  /** The most wanted first (OIDC Core §3.1.2.1). */
  readonly acrValues: readonly string[];
  readonly claimsRequest: ClaimsRequest | undefined;
  readonly resource: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
};

/** Throws what has to be shown on a page: nothing here is proven enough to redirect to. */
export async function proveClient(
  params: Params,
  { findClient }: Pick<Deps, 'findClient'>,
): Promise<ProvenClient> {
  const client = await requireClient(params, { findClient });
  return requireRedirectUri(client, params);
}

/** Throws what has to be shown on a page. */
export const requireClient = (
  params: Params,
  { findClient }: Pick<Deps, 'findClient'>,
): Awaitable<Client> => after(findClient(readRequiredParam(params, 'client_id')), checkKnown);

function checkKnown(client: Client | undefined): Client {
  if (client !== undefined) return client;
  throw invalidRequest({ description: 'the client is not known here', reason: 'unknown_client' });
}

/** Throws `invalid_request` where nobody may be sent. */
export function requireRedirectUri(client: Client, params: Params): ProvenClient {
  const proven = proveRedirectUri(client, readParam(params, 'redirect_uri'));
  if (proven === undefined) {
    throw invalidRequest({
      description: 'the redirect_uri is missing or not one that is registered for this client',
      reason: 'redirect_uri_mismatch',
    });
  }
  return { client, ...proven };
}

/** Throws what may be sent to the client that `proven` names. */
export function readAuthorizationRequest(
  params: Params,
  proven: ProvenClient,
  policy: Policy,
): AuthorizationRequest {
  checkNoRepeats(params);
  checkUnsupported(params);
  checkResponseType(params, proven);
  const { client } = proven;
  const challenge = readChallenge(params, isPublic(client) || client.requirePkce);
  const state = readState(params, challenge, policy);
  return {
    challenge,
    jkt: readDpopJkt(params),
    scope: grantableScope(params, client, policy.scopes),
    nonce: readBounded(params, 'nonce', 1024),
    state,
    prompt: readPrompt(params),
    maxAge: readMaxAge(params) ?? client.defaultMaxAge,
    idTokenHint: readParam(params, 'id_token_hint'),
    loginHint: readBounded(params, 'login_hint', 1024),
    acrValues: readAcrValues(params),
    claimsRequest: readClaimsRequest(params, client, policy),
    resource: readResources(params, client),
    authorizationDetails: readAuthorizationDetails(params, client, policy),
    // Last: Node 20 takes most of a microsecond for every member that follows a spread.
    ...proven,
  };
}

// Ignoring a request object would answer a request that the client did not make (OIDC Core §6).
function checkUnsupported(params: Params): void {
  if (params.has('request')) throw requestNotSupported();
  if (params.has('request_uri')) throw requestUriNotSupported();
  if (params.has('registration')) throw registrationNotSupported();
}

function checkResponseType(params: Params, { client, redirectUri }: ProvenClient): void {
  if (readRequiredParam(params, 'response_type') !== 'code') throw unsupportedResponseType();
  if (!client.grantTypes.includes('authorization_code')) {
    throw unauthorizedClient({ reason: 'grant_type_not_registered' });
  }
  // An unusable mode is answered in the default one, but it is answered with an error.
  const mode = readParam(params, 'response_mode');
  if (mode !== undefined && !isResponseMode(mode, redirectUri)) {
    throw invalidRequest({
      description: 'this response_mode is not supported here',
      reason: 'response_mode_unknown',
    });
  }
}

// Without PKCE, `state` is all that keeps a stranger's code out of the End-User's session
// (RFC 9700 §4.7.1).
function readState(
  params: Params,
  challenge: string | undefined,
  policy: Policy,
): string | undefined {
  const state = readBounded(params, 'state', 4096);
  if (state === undefined && (policy.requireState === 'always' || challenge === undefined)) {
    throw invalidRequest({
      description: 'the parameter state is missing',
      reason: 'state_missing',
    });
  }
  return state;
}

const NO_PROMPT: ReadonlySet<string> = new Set();

function readPrompt(params: Params): ReadonlySet<string> {
  const text = readParam(params, 'prompt');
  if (text === undefined) return NO_PROMPT;
  const prompt = new Set(text.split(' '));
  const known = [...prompt].every((value) => PROMPTS.has(value));
  if (!known || (prompt.has('none') && prompt.size > 1)) {
    throw invalidRequest({
      description: 'the parameter prompt has an unknown or contradictory value',
      reason: 'prompt_malformed',
    });
  }
  return prompt;
}

function readMaxAge(params: Params): number | undefined {
  const text = readParam(params, 'max_age');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw invalidRequest({
      description: 'the parameter max_age has to be a number of seconds',
      reason: 'max_age_malformed',
    });
  }
  return Number(text);
}

const readAcrValues = (params: Params): readonly string[] =>
  readBounded(params, 'acr_values', 1024)
    ?.split(' ')
    .filter((value) => value !== '') ?? NO_VALUES;

const NO_VALUES: readonly string[] = [];

// Refused rather than cut: half a nonce protects half as well.
function readBounded(params: Params, name: string, max: number): string | undefined {
  const value = readParam(params, name);
  if (value !== undefined && value.length > max) {
    throw invalidRequest({
      description: `the parameter ${name} is too long`,
      reason: 'parameter_too_long',
    });
  }
  return value;
}

// `sub`, `auth_time` and `acr` say how somebody has to sign in; any other claim can be asked for
// by name only by a client that could have asked for its scope.
const ABOUT_SIGN_IN = ['sub', 'auth_time', 'acr'];

function readClaimsRequest(
  params: Params,
  client: Client,
  { scopes }: Policy,
): ClaimsRequest | undefined {
  const text = readParam(params, 'claims');
  if (text === undefined) return undefined;
  const { idToken, userinfo } = parseClaimsParameter(text);
  const mayAsk = createMayAsk(client, scopes);
  const counts = ([name]: readonly [string, ClaimRequest]): boolean =>
    mayAsk(name) || ABOUT_SIGN_IN.includes(name);
  return { idToken: idToken.filter(counts), userinfo: userinfo.filter(counts) };
}
