// Assertions that a client signs itself, each for one request (OIDC Core §9, RFC 7523 §2.2).

import type { Client } from '../../protocol/client.ts';
import { ASSERTION_ALGS } from '../../protocol/client-assertion.ts';
import { invalidClient } from '../../protocol/errors.ts';
import { isJti, type Members, madeOf, type UnverifiedJwt } from '../../protocol/jwt.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../handle.ts';
import { endpointUrl } from '../paths.ts';
import { CLOCK_SKEW, checkClaims, checkType, wrongSignature, wrongSubject } from './assertion.ts';
import type { ClientAuthMethod } from './method.ts';

/** Seconds from now to the end of an assertion, at most. */
const MAX_LIFETIME = 300;
const TYPES = ['jwt', 'client-authentication+jwt'];

/** The claims, if this client signed them by one of these algorithms. */
type VerifySignature = (
  jwt: UnverifiedJwt,
  client: Client,
  algorithms: readonly string[],
  deps: Deps,
) => Promise<Members | undefined>;

export function createOwnAssertion(
  name: 'client_secret_jwt' | 'private_key_jwt',
  verifySignature: VerifySignature,
): ClientAuthMethod {
  const signingAlgs: readonly string[] = ASSERTION_ALGS[name];
  return {
    name,
    takes: 'assertion',
    signingAlgs,
    async verify(client, credentials, _request, deps) {
      if (credentials.kind !== 'assertion') return false;
      const { jwt } = credentials;
      checkType(jwt, TYPES);
      // The registration names the algorithm, never the assertion (RFC 8725 §3.1).
      const only = client.tokenEndpointAuthSigningAlg;
      const algorithms = signingAlgs.filter((alg) => only === undefined || alg === only);
      if (!algorithms.includes(jwt.alg)) throw invalidClient({ reason: 'client_assertion_alg' });
      const claims = await verifySignature(jwt, client, algorithms, deps);
      if (claims === undefined) throw wrongSignature();
      checkOwnClaims(claims, client, deps);
      await spend(claims, client, deps);
      return true;
    },
  };
}

function checkOwnClaims(claims: Members, client: Client, { issuer, bases, now }: Deps): void {
  const takesUrl = client.tokenEndpointAuthAudience === 'token_endpoint';
  // One for another issuer would be handed on by it (CVE-2025-27370), so the URL is no rule.
  const audience = takesUrl ? [issuer, endpointUrl(bases, 'token_endpoint')] : [issuer];
  const terms = { issuer: client.clientId, audience, maxLifetime: MAX_LIFETIME };
  checkClaims(claims, terms, now());
  if (claims['sub'] !== client.clientId) throw wrongSubject();
}

/**
 * By client and `jti`, never by the text: of one signature several texts verify. Last of all, so that
 * nobody but the client can use up an id of its.
 */
async function spend(claims: Members, client: Client, { store, now }: Deps): Promise<void> {
  const { jti, exp } = claims;
  if (!isJti(jti)) throw invalidClient({ reason: 'client_assertion_jti' });
  const rest = Math.ceil(Number(exp) - now()) + 2 * CLOCK_SKEW;
  const key = hashSecret(JSON.stringify([client.clientId, jti]));
  const isFirst = await store.once('client_assertion', key, rest, madeOf(claims, now()));
  if (!isFirst) throw invalidClient({ reason: 'client_assertion_replayed' });
}
