// From the words of asteroid.yaml to what the domain decides by.

import type { Config } from '../config/config.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import { toScopeTable } from '../config/sections/scopes.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { ChoosableUser, Policy } from '../oidc/policy.ts';
import type { Lifetimes } from '../protocol/client.ts';
import type { ResolvedUpstream } from './upstream-options.ts';

/** @param chooser who can be chosen, where no proxy says who it is. */
export const toPolicy = (
  { check, dpop, lifetimes, policy, scopes }: Config,
  { loginUrl, logoutUrl, reauthenticateUrl }: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
): Policy => ({
  lifetimes: toLifetimes(lifetimes) as Lifetimes,
  scopes: toScopeTable(scopes),
  requireState: policy.require_state,
  metadataMaxAge: policy.metadata_max_age,
  loginUrl,
  logoutUrl,
  reauthenticateUrl,
  acrValuesSupported: policy.acr_values_supported,
  sessionLifetime: lifetimes.session,
  revokesOfflineAccess: policy.revoke_offline_access_on_sign_out,
  serviceDocumentation: policy.service_documentation,
  chooser,
  check: check.enabled ? { original: check.original } : undefined,
  dpop: { requiresNonce: dpop.nonce === 'required', proofLifetime: dpop.proof_lifetime },
});

/** One issuer, whatever way leads to it. */
export const toBases = ({ issuer, endpoints }: Config): EndpointBases => ({
  browser: endpoints?.browser_base ?? issuer,
  back: endpoints?.backchannel_base ?? issuer,
});
