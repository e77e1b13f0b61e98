// From the words of asteroid.yaml to what the domain decides by.

import type { Config } from '../config/config.ts';
import { toLifetimes } from '../config/sections/lifetimes.ts';
import type { Snapshot } from '../loader/load.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import type { ChoosableUser, Policy } from '../oidc/policy.ts';
import { rememberLast } from '../oidc/remember-last.ts';
import type { Lifetimes } from '../protocol/client.ts';
import type { ResolvedUpstream } from './upstream-options.ts';

type Clients = Snapshot['clients'];

/**
 * One object until the clients are others, so that what is made of it is made once.
 *
 * @param chooser who can be chosen, where no proxy says who it is.
 */
export function createPolicy(
  config: Config,
  urls: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
  clients: () => Clients,
): () => Policy {
  const policyFor = rememberLast((current: Clients) => toPolicy(config, urls, chooser, current));
  return () => policyFor(clients());
}

const toPolicy = (
  { lifetimes, policy }: Config,
  { loginUrl, logoutUrl, reauthenticateUrl }: ResolvedUpstream['urls'],
  chooser: (() => Promise<readonly ChoosableUser[]>) | undefined,
  clients: Clients,
): Policy => ({
  grantTypesInUse: new Set([...clients.values()].flatMap(({ grantTypes }) => grantTypes)),
  lifetimes: toLifetimes(lifetimes) as Lifetimes,
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
});

/** One issuer, whatever way leads to it. */
export const toBases = ({ issuer, endpoints }: Config): EndpointBases => ({
  browser: endpoints?.browser_base ?? issuer,
  back: endpoints?.backchannel_base ?? issuer,
});
