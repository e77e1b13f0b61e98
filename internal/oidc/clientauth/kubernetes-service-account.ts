import { ASSERTION_ALGS } from '../../protocol/client-assertion.ts';
import { invalidClient } from '../../protocol/errors.ts';
import {
  checkClaims,
  checkType,
  unwrapAudience,
  wrongSignature,
  wrongSubject,
} from './assertion.ts';
import type { ClientAuthMethod } from './method.ts';

const signingAlgs = ASSERTION_ALGS.kubernetes_service_account;

/**
 * The token that a cluster projects into a pod (RFC 7523 §2.2). It is the pod's until it ends, and is
 * shown as often as the pod likes: audience and end bound what a stolen one is good for, not a `jti`.
 */
export const kubernetesServiceAccount: ClientAuthMethod = {
  name: 'kubernetes_service_account',
  takes: 'assertion',
  signingAlgs,
  isOn: ({ workloads }) => workloads.clusters.size > 0,
  async verify({ serviceAccount }, credentials, _request, { workloads, now }) {
    if (credentials.kind !== 'assertion' || serviceAccount === undefined) return false;
    const { issuer, subject } = serviceAccount;
    // The cluster of the registration: two of them may well have a namespace and a name in common.
    const cluster = workloads.clusters.get(issuer);
    if (cluster === undefined) return false;
    const { jwt } = credentials;
    checkType(jwt, ['jwt']);
    const claims = await cluster.verify(jwt, signingAlgs);
    if (claims === undefined) throw wrongSignature();
    const { audience, maxLifetime } = cluster;
    checkClaims(unwrapAudience(claims), { issuer, audience: [audience], maxLifetime }, now());
    if (claims['sub'] !== subject) throw wrongSubject();
    // Last: a stranger must not be able to make us ask the cluster.
    if (cluster.review !== undefined && !(await cluster.review(jwt.compact, subject))) {
      throw invalidClient({ reason: 'client_assertion_not_reviewed' });
    }
    return true;
  },
};
