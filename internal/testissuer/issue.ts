// Straight to tokens: what a sign-in and a token request come to, by the same functions, without the
// browser and without the client proving who it is. Not a part of the issuer: no request gets here.

import { chooseSession } from '../oidc/authorize/enter-session.ts';
import { grantCode } from '../oidc/authorize/grant-code.ts';
import type { AuthorizationRequest } from '../oidc/authorize/request.ts';
import type { Deps } from '../oidc/deps.ts';
import type { ProtocolRequest } from '../oidc/endpoint.ts';
import { authorizationCode } from '../oidc/grants/authorization-code.ts';
import { clientCredentials } from '../oidc/grants/client-credentials.ts';
import type { Authorization, TokenRequest } from '../oidc/grants/grant.ts';
import { challengeOf } from '../oidc/pkce.ts';
import { lifetimesOf } from '../oidc/policy.ts';
import { readResources } from '../oidc/resource.ts';
import { issueTokens, type TokenSet } from '../oidc/token/issue.ts';
import { prepareTokens } from '../oidc/token/prepare.ts';
import type { Client } from '../protocol/client.ts';
import { OAuthError } from '../protocol/errors.ts';
import { toSubject } from '../protocol/ids.ts';
import type { Params } from '../protocol/params.ts';
import { ID_BYTES, SECRET_BYTES } from '../protocol/random.ts';
import type { IssueRequest, Tokens } from './api.ts';
import {
  checkClaims,
  checkRequest,
  findIssuingClient,
  findScope,
  requireUser,
} from './issue-checks.ts';
import { Misuse } from './misuse.ts';
import { readSeconds } from './seconds.ts';

/** Throws `Misuse` for what this client could not get from the endpoints either. */
export async function issue(request: IssueRequest, deps: Deps): Promise<Tokens> {
  checkRequest(request);
  const { as, claims = {} } = request;
  checkClaims(claims);
  const client = withLifetime(await findIssuingClient(request, deps), request.expiresIn);
  try {
    const asked = askFor(request, client, deps);
    const authorization =
      as === undefined
        ? await clientCredentials.authorize(asked, deps)
        : await signInAndRedeem(as, request, asked, deps);
    return withoutUndefined(await mint(authorization, claims, asked, deps));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new Misuse(`issue: ${error.description} (${error.reason})`);
  }
}

const withLifetime = (client: Client, expiresIn: IssueRequest['expiresIn']): Client => {
  if (expiresIn === undefined) return client;
  const life = readSeconds('issue: expiresIn', expiresIn);
  const lifetimes = { ...client.lifetimes, accessToken: life, idToken: life };
  return { ...client, lifetimes };
};

/** What the token endpoint knows of a request whose client has proven itself. */
function askFor({ as, scope, resource }: IssueRequest, client: Client, deps: Deps): TokenRequest {
  const { accessToken, idToken } = lifetimesOf(deps.policy(), client);
  const now = deps.now();
  return {
    grantType: as === undefined ? clientCredentials.grantType : authorizationCode.grantType,
    params: toParams({ scope, resource }),
    client,
    confirmation: undefined,
    attempt: deps.random(ID_BYTES),
    expiresAt: now + Math.max(accessToken, idToken),
    now,
  };
}

async function signInAndRedeem(
  as: string,
  { scope }: IssueRequest,
  asked: TokenRequest,
  deps: Deps,
): Promise<Authorization> {
  const { client, params } = asked;
  await requireUser(as, client, deps);
  const identity = { subject: toSubject(as), authTime: deps.now(), claims: {} };
  const verifier = deps.random(SECRET_BYTES);
  const request = {
    ...NOTHING_ELSE,
    client,
    redirectUri: client.redirectUris[0] ?? '',
    redirectUriSent: false,
    scope: findScope(scope, client, deps.policy()),
    resource: readResources(params, client),
    challenge: challengeOf(verifier),
  };
  const http = { ...NO_REQUEST, requestId: asked.attempt };
  const visit = { ...VISIT, http, params, identity };
  const entry = chooseSession(request, identity, http, deps);
  const { code } = await grantCode(request, identity, entry, visit, deps);
  const { resource } = request;
  const redemption = toParams({ resource, code, code_verifier: verifier });
  return authorizationCode.authorize({ ...asked, params: redemption }, deps);
}

const toParams = (given: {
  readonly [name: string]: string | readonly string[] | undefined;
}): Params =>
  new Map(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value.length === 0 ? [] : [[name, [value].flat()] as const],
    ),
  );

async function mint(
  authorization: Authorization,
  claims: NonNullable<IssueRequest['claims']>,
  asked: TokenRequest,
  deps: Deps,
): Promise<TokenSet> {
  const { client, grantType, attempt, now } = asked;
  await deps.keys.prepare(client.accessTokenSigningAlg);
  await deps.keys.prepare(client.idTokenSignedResponseAlg);
  const settled = authorization.prepared ?? (await prepareTokens(authorization, asked, deps));
  const prepared = {
    ...settled,
    idTokenClaims: { ...settled.idTokenClaims, ...claims },
    accessTokenClaims: { ...settled.accessTokenClaims, ...claims },
  };
  const terms = { now, confirmation: undefined, prepared };
  const tokens = await issueTokens(authorization, client, terms, deps);
  const { subject, authorizationId } = authorization;
  const { clientId } = client;
  const event = { grantType, clientId, subject, authorizationId, requestId: attempt };
  deps.audit({ type: 'token.issued', actor: undefined, ...event });
  return tokens;
}

const withoutUndefined = (tokens: TokenSet): Tokens => JSON.parse(JSON.stringify(tokens));

/** What an authorization request may say beside the rest, and this one does not. */
const NOTHING_ELSE = {
  nonce: undefined,
  state: undefined,
  jkt: undefined,
  prompt: new Set<string>(),
  maxAge: undefined,
  idTokenHint: undefined,
  loginHint: undefined,
  acrValues: [],
  claimsRequest: undefined,
  authorizationDetails: [],
} satisfies Partial<AuthorizationRequest>;

const VISIT = { fresh: true, agreed: undefined, pending: undefined, journey: undefined };

const NO_REQUEST: Omit<ProtocolRequest, 'requestId'> = {
  method: 'GET',
  params: new Map(),
  headers: {},
  repeatedHeaders: [],
  identity: undefined,
  session: undefined,
  certificate: undefined,
};
