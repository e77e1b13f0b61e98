// From the words of asteroid.yaml to what the domain decides by.

import type { Config } from '../config/config.ts';
import { toDetailsTypes } from '../config/sections/authorization-details.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import { toScopeTable } from '../config/sections/scopes.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { ChoosableUser, Policy } from '../oidc/policy.ts';
import { rememberLast } from '../oidc/remember-last.ts';
import type { Client, Lifetimes } from '../protocol/client.ts';
import type { ResolvedUpstream } from './upstream-options.ts';

/** @param chooser who can be chosen, where no proxy says who it is. */
export const toPolicy = (
  { authorization_details_types: detailsTypes, check, dpop, lifetimes, policy, scopes }: Config,
  { loginUrl, logoutUrl, reauthenticateUrl }: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
): Policy => ({
  lifetimes: toLifetimes(lifetimes) as Lifetimes,
  scopes: toScopeTable(scopes),
  requireState: policy.require_state,
  // Said of every client is said of the issuer, and so in discovery (FAPI 2.0 Security Profile §5.3.2.2).
  requirePushedAuthorizationRequests:
    policy.require_pushed_authorization_requests || policy.profile === 'fapi2',
  requireSignedRequestObject: policy.require_signed_request_object,
  requestObjectSigningAlgs: [],
  pushedRequestLifetime: lifetimes.pushed_request,
  authorizationDetailsTypes: toDetailsTypes(detailsTypes),
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

/** The policy with what it says of the clients of the moment; the same object until they change. */
export const rememberPolicy = (policy: Policy) =>
  rememberLast(
    (clients: ReadonlyMap<string, Client>): Policy => ({
      ...policy,
      requestObjectSigningAlgs: [
        ...new Set([...clients.values()].flatMap((client) => client.requestObjectSigningAlg ?? [])),
      ],
    }),
  );

/** One issuer, whatever way leads to it. */
export const toBases = ({ issuer, endpoints }: Config): EndpointBases => ({
  browser: endpoints?.browser_base ?? issuer,
  back: endpoints?.backchannel_base ?? issuer,
});
