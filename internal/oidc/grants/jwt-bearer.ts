// jwt-bearer (RFC 7523 §2.1): the assertion of an issuer that the operator trusts takes the place of a
// sign-in. It is spent once, by the client it was made for.

import { invalidGrant, unauthorizedClient } from '../../protocol/errors.ts';
import { isJti, type Members, madeOf } from '../../protocol/jwt.ts';
import { JWT_BEARER } from '../../protocol/names.ts';
import { readRequiredParam } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { NOBODY_SIGNED_IN } from '../exchange/own-token.ts';
import { hashSecret } from '../handle.ts';
import { readResources } from '../resource.ts';
import { clientScope } from '../scopes.ts';
import { prepareTokens } from '../token/prepare.ts';
import { admitForeign, type ForeignToken, readForeignToken } from '../token-issuer.ts';
import type { Authorization, Grant, TokenRequest } from './grant.ts';

export const jwtBearer: Grant = {
  grantType: JWT_BEARER,
  allowsPublicClients: false,
  isOn: ({ grantTypesInUse }) => grantTypesInUse.has(JWT_BEARER),

  async authorize(request, deps): Promise<Authorization> {
    const { params, client } = request;
    // What may still fail comes before the assertion is spent, the token hook too.
    const scope = clientScope(params, client, deps.policy().scopes);
    const resource = readResources(params, client);
    const assertion = await readAssertion(request, deps);
    const { issuer, subject } = assertion;
    const authorization: Authorization = {
      authorizationId: undefined,
      subject,
      scope,
      resource,
      endUser: NOBODY_SIGNED_IN,
      refreshToken: undefined,
      derivation: {
        actor: undefined,
        subjectIssuer: issuer.issuer,
        audience: undefined,
        until: undefined,
        issuedTokenType: undefined,
      },
    };
    const prepared = await prepareTokens(authorization, request, deps);
    await spend(assertion, request, deps);
    return { ...authorization, prepared };
  },
};

/** Purpose under which the `jti` of an assertion is remembered as spent. */
const SPENT = 'assertion';

/** Throws `invalid_grant` (RFC 7521 §4.1.1) for everything that is not one for this client, now. */
async function readAssertion({ params, client }: TokenRequest, deps: Deps): Promise<ForeignToken> {
  if (client.jwtBearer === undefined) {
    throw unauthorizedClient({ reason: 'grant_type_not_registered' });
  }
  const text = readRequiredParam(params, 'assertion');
  const terms = { ...client.jwtBearer, isType };
  const assertion = await readForeignToken(text, terms, deps);
  if (typeof assertion === 'string') throw invalidGrant({ reason: assertion });
  const problem = findProblem(assertion.claims, client.clientId);
  if (problem !== undefined) throw invalidGrant({ reason: problem });
  const admitted = await admitForeign(assertion, client, deps);
  if (admitted.kind === 'refused') throw invalidGrant({ reason: admitted.reason });
  return assertion;
}

/** Throws `invalid_grant` for all callers but the first. */
async function spend(
  { issuer, claims, expiresAt }: ForeignToken,
  { now }: TokenRequest,
  { store }: Pick<Deps, 'store'>,
): Promise<void> {
  const key = hashSecret(JSON.stringify([issuer.issuer, claims['jti']]));
  const ttl = Math.ceil(expiresAt - now + issuer.clockSkew);
  const isFirst = await store.once(SPENT, key, ttl, madeOf(claims, now));
  if (!isFirst) throw invalidGrant({ reason: 'assertion_replayed' });
}

/** Nothing that is a token of another kind is an assertion (RFC 8725 §3.11). */
const isType = (typ: string | undefined): boolean => typ === undefined || typ === 'jwt';

type Doubt =
  | 'foreign_token_audience'
  | 'assertion_jti'
  | 'assertion_client_mismatch'
  | 'assertion_conditions';

/** What an assertion needs beyond what every token of that issuer does. */
function findProblem(
  { aud, jti, act, cnf, client_id, azp }: Members,
  clientId: string,
): Doubt | undefined {
  // Whoever is named beside us could hand it on to us.
  if (Array.isArray(aud) && aud.length > 1) return 'foreign_token_audience';
  if (!isJti(jti)) return 'assertion_jti';
  // Made for one client, it must not serve another that got hold of it.
  if ([client_id, azp].some((named) => named !== undefined && named !== clientId)) {
    return 'assertion_client_mismatch';
  }
  // Neither can be said by what is issued here.
  return act === undefined && cnf === undefined ? undefined : 'assertion_conditions';
}
