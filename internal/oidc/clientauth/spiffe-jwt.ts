import { ASSERTION_ALGS } from '../../protocol/client-assertion.ts';
import { trustDomainOf } from '../../protocol/spiffe-id.ts';
import {
  checkClaims,
  checkType,
  unwrapAudience,
  wrongSignature,
  wrongSubject,
} from './assertion.ts';
import type { ClientAuthMethod } from './method.ts';

const signingAlgs = ASSERTION_ALGS.spiffe_jwt;

/**
 * A JWT-SVID (SPIFFE client authentication): like a service-account token it is shown again until it
 * ends, which is soon.
 */
export const spiffeJwt: ClientAuthMethod = {
  name: 'spiffe_jwt',
  takes: 'svid',
  signingAlgs,
  isOn: ({ workloads }) => workloads.trustDomains.size > 0,
  async verify({ spiffeId }, credentials, _request, { workloads, now }) {
    if (credentials.kind !== 'svid' || spiffeId === undefined) return false;
    // By the registered id, not the presented one: a federated domain must not sign for this one.
    const issuer = trustDomainOf(spiffeId) ?? '';
    const domain = workloads.trustDomains.get(issuer);
    if (domain === undefined) return false;
    const { jwt } = credentials;
    checkType(jwt, ['jwt', 'jose']);
    const claims = await domain.verify(jwt, signingAlgs);
    if (claims === undefined) throw wrongSignature();
    const { audience, maxLifetime } = domain;
    // Whoever signs is named by the subject; `iss` may be anything (JWT-SVID §3).
    const named = { ...unwrapAudience(claims), iss: issuer };
    checkClaims(named, { issuer, audience: [audience], maxLifetime }, now());
    if (claims['sub'] !== spiffeId) throw wrongSubject();
    return true;
  },
};
