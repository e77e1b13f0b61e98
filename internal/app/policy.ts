// From the words of asteroid.yaml to what the domain decides by.

import type { Config } from '../config/config.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import { toClientCertificates } from '../config/sections/mtls.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { ChoosableUser, Policy } from '../oidc/policy.ts';
import type { Lifetimes } from '../protocol/client.ts';
import type { ResolvedUpstream } from './upstream-options.ts';

/** @param chooser who can be chosen, where no proxy says who it is. */
export const toPolicy = (
  config: Config,
  { loginUrl, logoutUrl, reauthenticateUrl }: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
): Policy => ({
  clientCertificates: toClientCertificates(config),
  lifetimes: toLifetimes(config.lifetimes) as Lifetimes,
  requireState: config.policy.require_state,
  metadataMaxAge: config.policy.metadata_max_age,
  loginUrl,
  logoutUrl,
  reauthenticateUrl,
  acrValuesSupported: config.policy.acr_values_supported,
  sessionLifetime: config.lifetimes.session,
  revokesOfflineAccess: config.policy.revoke_offline_access_on_sign_out,
  serviceDocumentation: config.policy.service_documentation,
  chooser,
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
