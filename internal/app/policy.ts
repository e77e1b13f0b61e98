// From the words of asteroid.yaml to what the domain decides by.

import type { Config } from '../config/config.ts';
import { toDetailsTypes } from '../config/sections/authorization-details.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import { toClientCertificates } from '../config/sections/mtls.ts';
import { toScopeTable } from '../config/sections/scopes.ts';
import type { Snapshot } from '../loader/load.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { Policy } from '../oidc/policy.ts';
import { rememberLast } from '../oidc/remember-last.ts';
import type { TokenIssuer } from '../oidc/token-issuer.ts';
import type { Lifetimes } from '../protocol/client.ts';
import { ASYMMETRIC_ALGS } from '../protocol/names.ts';
import { toTokenIssuers } from './token-issuers.ts';
import type { ResolvedUpstream } from './upstream-options.ts';

/** What of it a reload changes. */
type Changing = Pick<Snapshot, 'clients' | 'tokenIssuerKeys'>;

/** One object until the clients are others, so that what is made of it is made once. */
export function createPolicy(
  config: Config,
  urls: ResolvedUpstream['urls'],
  snapshot: () => Changing,
): () => Policy {
  const issuers = toTokenIssuers(config.token_issuers, () => snapshot().tokenIssuerKeys);
  const policyFor = rememberLast((clients: Changing['clients']) =>
    toPolicy(config, urls, issuers, clients),
  );
  return () => policyFor(snapshot().clients);
}

const toPolicy = (
  config: Config,
  { loginUrl, logoutUrl, reauthenticateUrl }: ResolvedUpstream['urls'],
  tokenIssuers: readonly TokenIssuer[],
  clients: Changing['clients'],
): Policy => ({
  clientCertificates: toClientCertificates(config),
  grantTypesInUse: new Set([
    ...[...clients.values()].flatMap(({ grantTypes }) => grantTypes),
    ...(config.registration?.grant_types ?? []),
  ]),
  tokenIssuers,
  lifetimes: toLifetimes(config.lifetimes) as Lifetimes,
  scopes: toScopeTable(config.scopes),
  requireState: config.policy.require_state,
  metadataMaxAge: config.policy.metadata_max_age,
  // Said of every client is said of the issuer, and so in discovery (FAPI 2.0 Security Profile §5.3.2.2).
  requirePushedAuthorizationRequests:
    config.policy.require_pushed_authorization_requests || config.policy.profile === 'fapi2',
  requireSignedRequestObject: config.policy.require_signed_request_object,
  requestObjectSigningAlgs: [
    ...new Set([
      ...[...clients.values()].flatMap((client) => client.requestObjectSigningAlg ?? []),
      ...(config.registration === undefined ? [] : ASYMMETRIC_ALGS),
    ]),
  ],
  pushedRequestLifetime: config.lifetimes.pushed_request,
  authorizationDetailsTypes: toDetailsTypes(config.authorization_details_types),
  loginUrl,
  logoutUrl,
  reauthenticateUrl,
  acrValuesSupported: config.policy.acr_values_supported,
  sessionLifetime: config.lifetimes.session,
  revokesOfflineAccess: config.policy.revoke_offline_access_on_sign_out,
  serviceDocumentation: config.policy.service_documentation,
  check: config.check.enabled ? { original: config.check.original } : undefined,
  dpop: {
    requiresNonce: config.dpop.nonce === 'required',
    proofLifetime: config.dpop.proof_lifetime,
  },
});

/** One issuer, whatever way leads to it. */
export const toBases = ({ issuer, endpoints }: Config): EndpointBases => ({
  browser: endpoints?.browser_base ?? issuer,
  back: endpoints?.backchannel_base ?? issuer,
  mtls: endpoints?.mtls_base,
});
