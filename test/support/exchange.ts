// Clients that bring tokens instead of a sign-in, two valid ones of each kind, and two issuers whose
// tokens they bring: a cluster that names workloads, and a partner whose subjects are ours.

import type { TokenIssuer } from '../../internal/oidc/token-issuer.ts';
import type { Client } from '../../internal/protocol/client.ts';
import type { TokenExchangeTerms } from '../../internal/protocol/client-grants.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { makeClient } from './clients.ts';
import { createTestIssuer, type Different, ISSUER, type TestIssuer } from './issuer.ts';
import type { Answer, Query } from './requests.ts';
import {
  createSigner,
  type KeyService,
  type Signer,
  setOf,
  startKeyService,
  text,
} from './signer.ts';

export const CLUSTER = 'https://kubernetes.default.svc';
export const PARTNER = 'https://partner.example';
export const ORDERS = 'https://orders.example';
const WORKLOAD = 'system:serviceaccount:payments:worker';

const URN = 'urn:ietf:params:oauth:token-type:';
export const ACCESS_TOKEN = `${URN}access_token`;
export const ID_TOKEN = `${URN}id_token`;
export const JWT = `${URN}jwt`;

const TERMS: TokenExchangeTerms = {
  issuers: ['self'],
  subjectTokenTypes: ['access_token', 'id_token'],
  clients: [],
  audiences: [ORDERS, 'billing'],
  scope: ['orders:read', 'orders:list', 'email', 'offline_access'],
  actorIssuers: [],
  impersonation: false,
  rebind: false,
};

export const exchanger = (
  clientId: string,
  terms: Partial<TokenExchangeTerms>,
  different: Partial<Client> = {},
): Client =>
  makeClient(clientId, {
    grantTypes: [TOKEN_EXCHANGE, 'client_credentials'],
    redirectUris: [],
    scope: [],
    tokenExchange: { ...TERMS, ...terms },
    ...different,
  });

const shop = (clientId: string): Client =>
  makeClient(clientId, {
    scope: ['openid', 'email', 'offline_access', 'orders:read', 'orders:write', 'orders:list'],
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    resources: ['https://gateway.example', 'https://gateway2.example'],
  });

const bearer = (clientId: string, issuers: readonly string[]): Client =>
  makeClient(clientId, {
    grantTypes: [JWT_BEARER],
    redirectUris: [],
    scope: ['api:read', 'api:write', 'email'],
    resources: [ORDERS],
    jwtBearer: { issuers },
  });

const workload = { subjectTokenTypes: ['jwt'], audiences: [ORDERS] } as const;

const CLIENTS: readonly Client[] = [
  shop('shop'),
  shop('shop2'),
  exchanger('gateway', { clients: ['shop'] }, { serves: ['https://gateway.example'] }),
  exchanger('gateway2', { clients: ['shop2'] }, { serves: ['https://gateway2.example'] }),
  exchanger('worker', { ...workload, issuers: ['cluster'] }),
  exchanger('worker2', { ...workload, issuers: ['partner'] }),
  bearer('batch', ['cluster', 'partner']),
  bearer('batch2', ['cluster', 'partner']),
  bearer('batch3', ['partner']),
];

type Foreign = {
  readonly signer: Signer;
  readonly service: KeyService;
  /** The token of an honest workload, or of alice, with what a test wants different. */
  sign(claims?: object, header?: object): Promise<string>;
};

export type Exchange = TestIssuer & {
  readonly cluster: Foreign;
  readonly partner: Foreign;
  /** An access token of alice's by this shop, for itself. */
  accessToken(query?: Query): Promise<string>;
  exchange(form: Query, caller?: string): Promise<Answer>;
  bear(assertion: string, caller?: string, form?: Query): Promise<Answer>;
};

export type DifferentExchange = Different & {
  readonly issuers?: { readonly [Name in 'cluster' | 'partner']?: Partial<TokenIssuer> };
};

let signers: Promise<readonly [Signer, Signer]> | undefined;

/** Made once for a test file: an RSA key takes its time. */
function getSigners(): Promise<readonly [Signer, Signer]> {
  signers ??= Promise.all([createSigner('cluster-1', 'RS256'), createSigner('partner-1')]);
  return signers;
}

/** Keys come over real HTTP. */
export async function createExchange(different: DifferentExchange = {}): Promise<Exchange> {
  const pair = await getSigners();
  const [cluster, partner] = await Promise.all(
    pair.map((signer) => startKeyService(text(setOf(signer)))),
  );
  if (cluster === undefined || partner === undefined) throw new Error('no key service');
  const tokenIssuers: readonly TokenIssuer[] = [
    {
      ...trust('cluster', CLUSTER, cluster, 'RS256'),
      subjects: {
        claim: 'sub',
        match: /^(?:system:serviceaccount:payments:[a-z0-9-]+)$/u,
        as: { kind: 'prefixed', prefix: 'k8s:' },
        mustExist: false,
      },
      ...different.issuers?.cluster,
    },
    {
      ...trust('partner', PARTNER, partner, 'ES256'),
      subjects: { claim: 'sub', match: undefined, as: { kind: 'same' }, mustExist: true },
      ...different.issuers?.partner,
    },
  ];
  const test = createTestIssuer({
    ...different,
    clients: [...CLIENTS, ...(different.clients ?? [])],
    policy: { tokenIssuers, ...different.policy },
  });
  const claimsOf = (iss: string, sub: string) => {
    const now = test.clock();
    return { iss, sub, aud: ISSUER, iat: now, exp: now + 600, jti: crypto.randomUUID() };
  };
  const foreign = (signer: Signer, service: KeyService, iss: string, sub: string): Foreign => ({
    signer,
    service,
    sign: (claims = {}, header = {}) => signer.sign({ ...claimsOf(iss, sub), ...claims }, header),
  });
  return {
    ...test,
    cluster: foreign(pair[0], cluster, CLUSTER, WORKLOAD),
    partner: foreign(pair[1], partner, PARTNER, 'alice'),
    accessToken: async (query = {}) =>
      (
        await test.signIn({
          client_id: 'shop',
          scope: 'openid email orders:read orders:write',
          ...query,
        })
      ).access_token,
    exchange: (form, caller = 'gateway') =>
      test.token(
        {
          grant_type: TOKEN_EXCHANGE,
          subject_token_type: ACCESS_TOKEN,
          audience: ORDERS,
          ...form,
        },
        caller,
      ),
    bear: (assertion, caller = 'batch', form = {}) =>
      test.token({ grant_type: JWT_BEARER, assertion, ...form }, caller),
  };
}

const trust = (name: string, issuer: string, service: KeyService, alg: string) => ({
  name,
  issuer,
  keys: { kind: 'uri', uri: service.uri, writtenBy: 'operator' } as const,
  algorithms: [alg],
  audience: undefined,
  maxLifetime: 3600,
  clockSkew: 30,
  require: new Map<string, string | number | boolean>(),
});
