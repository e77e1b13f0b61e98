// A cluster and a trust domain whose keys a test has, as the configuration would make them.

import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Client } from '../../internal/protocol/client.ts';
import type { KeySource } from '../../internal/protocol/key-source.ts';
import {
  type ClusterOptions,
  createCluster,
  type PlatformDeps,
} from '../../internal/workloads/cluster.ts';
import {
  createTrustDomain,
  type TrustDomainOptions,
} from '../../internal/workloads/trust-domain.ts';
import type { Workloads } from '../../internal/workloads/workloads.ts';
import { JWT_BEARER, JWT_SPIFFE } from './assertions.ts';
import { makeClient } from './clients.ts';
import { createTestClock } from './clock.ts';
import { ISSUER } from './issuer.ts';
import { START } from './keys.ts';
import { type Credentials, withForm } from './requests.ts';
import { type Signer, setOf } from './signer.ts';

export const CLUSTER = 'https://kubernetes.default.svc.cluster.local';
export const SUBJECT = 'system:serviceaccount:shop:checkout';
export const DOMAIN = 'example.org';
export const SPIFFE_ID = 'spiffe://example.org/shop/checkout';

/** What SPIRE publishes: keys for tokens, marked as SPIFFE does. */
export const bundleOf = (...signers: readonly Signer[]): string =>
  JSON.stringify({
    spiffe_sequence: 1,
    keys: signers.map(({ jwk: { alg: _, ...jwk } }) => ({ ...jwk, use: 'jwt-svid' })),
  });

const inline = (text: string): KeySource => ({ kind: 'inline', text });

type Wanted = {
  readonly cluster?: Partial<ClusterOptions>;
  readonly domain?: Partial<TrustDomainOptions>;
  readonly deps?: Partial<PlatformDeps>;
};

/** Both platforms sign with this key, unless said otherwise. */
export function createTestWorkloads(signer: Signer, wanted: Wanted = {}): Workloads {
  const deps: PlatformDeps = {
    now: createTestClock(),
    outbound: createOutbound(anyAddress),
    onProblem: () => undefined,
    ...wanted.deps,
  };
  const terms = { audience: ISSUER, maxLifetime: 3600 };
  const cluster = { ...terms, keys: inline(setOf(signer)), reviewUrl: undefined };
  const domain = { ...terms, keys: inline(bundleOf(signer)) };
  return {
    clusters: new Map([[CLUSTER, createCluster({ ...cluster, ...wanted.cluster }, deps)]]),
    trustDomains: new Map([[DOMAIN, createTrustDomain({ ...domain, ...wanted.domain }, deps)]]),
  };
}

const SERVICE = { grantTypes: ['client_credentials'], secrets: [] };

export const podClient = (clientId: string, different: Partial<Client> = {}): Client =>
  makeClient(clientId, {
    ...SERVICE,
    tokenEndpointAuthMethod: 'kubernetes_service_account',
    serviceAccount: { issuer: CLUSTER, subject: SUBJECT },
    ...different,
  });

export const svidClient = (clientId: string, different: Partial<Client> = {}): Client =>
  makeClient(clientId, {
    ...SERVICE,
    tokenEndpointAuthMethod: 'spiffe_jwt',
    spiffeId: SPIFFE_ID,
    ...different,
  });

/** As the kubelet projects it: an audience in a list, and no jti that counts. */
export const podClaims = (different: object = {}) => ({
  iss: CLUSTER,
  sub: SUBJECT,
  aud: [ISSUER],
  iat: START,
  nbf: START,
  exp: START + 3600,
  'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'checkout' } },
  ...different,
});

/** As SPIRE makes it. */
export const svidClaims = (different: object = {}) => ({
  sub: SPIFFE_ID,
  aud: [ISSUER],
  iat: START,
  exp: START + 300,
  ...different,
});

export const asPod = (client_assertion: string, client_id = 'pod'): Credentials =>
  withForm({ client_id, client_assertion_type: JWT_BEARER, client_assertion });

export const asSvid = (client_assertion: string, client_id = 'svid'): Credentials =>
  withForm({ client_id, client_assertion_type: JWT_SPIFFE, client_assertion });
