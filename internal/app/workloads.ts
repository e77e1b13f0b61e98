// From the words of asteroid.yaml to the platforms that vouch for clients.

import type { Config } from '../config/config.ts';
import type { WorkloadFiles } from '../loader/workload-files.ts';
import { anyAddress } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { KeySource } from '../protocol/key-source.ts';
import { createCluster, type PlatformDeps } from '../workloads/cluster.ts';
import { createTrustDomain } from '../workloads/trust-domain.ts';
import type { Workloads } from '../workloads/workloads.ts';
import { readCredential } from './backends.ts';
import { type Terms, watchOutbound } from './parts.ts';

/** @param files those of the moment: keys and certificates that changed count from the next request on. */
export function createConfiguredWorkloads(
  { issuer, kubernetes, spiffe }: Config,
  files: () => WorkloadFiles,
  terms: Terms,
): Workloads {
  const { log, now } = terms;
  const read = (file: string) => () => files().get(file) ?? '';
  const depsOf = (ca: string | undefined, token: string | undefined): PlatformDeps => ({
    now,
    outbound: withToken(
      watchOutbound(
        terms,
        'workloads',
        createOutbound(anyAddress, ca === undefined ? {} : { ca: read(ca) }),
      ),
      token,
    ),
    onProblem: (problem) => log.error({ error: problem }, 'keys of before go on counting'),
  });
  const keysOf = (uri: string | undefined, file: string | undefined): KeySource =>
    uri === undefined
      ? { kind: 'text', text: read(file ?? '') }
      : { kind: 'uri', uri, writtenBy: 'operator' };
  return {
    clusters: new Map(
      kubernetes.map((cluster) => [
        cluster.issuer,
        createCluster(
          {
            audience: cluster.audience ?? issuer,
            maxLifetime: cluster.max_lifetime,
            keys: keysOf(cluster.jwks_uri, cluster.jwks_file),
            reviewUrl: cluster.token_review?.url,
          },
          depsOf(cluster.ca_file, cluster.token_file),
        ),
      ]),
    ),
    trustDomains: new Map(
      spiffe.map((domain) => [
        domain.trust_domain,
        createTrustDomain(
          {
            audience: domain.audience ?? issuer,
            maxLifetime: domain.max_lifetime,
            keys: keysOf(domain.bundle_uri, domain.bundle_file),
          },
          depsOf(domain.ca_file, undefined),
        ),
      ]),
    ),
  };
}

/** Read for each question: a cluster replaces the token of a pod every hour. */
const withToken = (outbound: Outbound, file: string | undefined): Outbound =>
  file === undefined
    ? outbound
    : async (request) => {
        const authorization = `Bearer ${await readCredential(file)}`;
        return outbound({ ...request, headers: { ...request.headers, authorization } });
      };
