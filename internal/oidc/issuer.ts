// The domain's whole public face: what the standards require, as functions from request to response.
// Relies on the interfaces in deps.ts; must not see Express, Redis, zod or the file system.

import { createAccountEndpoint } from './authorize/account-endpoint.ts';
import { createAuthorizeEndpoint, createConsentEndpoint } from './authorize/authorize.ts';
import { createPushEndpoint } from './authorize/push.ts';
import { createCheckEndpoint } from './check/check.ts';
import type { Deps } from './deps.ts';
import { createDeviceAuthorizationEndpoint } from './device/authorization.ts';
import { createDeviceEndpoint } from './device/page.ts';
import { createDiscoveryEndpoint } from './discovery.ts';
import type { Endpoint } from './endpoint.ts';
import { hasDevices } from './grants/table.ts';
import { createIntrospectEndpoint } from './introspection.ts';
import { createJwksEndpoint } from './jwks.ts';
import { createSignOutEndpoint } from './logout/confirm.ts';
import { createEndSessionEndpoint } from './logout/end-session.ts';
import { createSignedOutEndpoint } from './logout/signed-out.ts';
import { pageOnRecord } from './on-record.ts';
import { createRegisteredClientEndpoint } from './registration/manage.ts';
import { createRegisterEndpoint } from './registration/register.ts';
import { createReviewEndpoint } from './review/review.ts';
import { createRevokeEndpoint } from './revocation.ts';
import { createTokenEndpoint } from './token/token.ts';
import { createUserinfoEndpoint } from './userinfo.ts';

/** Every endpoint by name. */
export type Issuer = {
  readonly discovery: Endpoint;
  readonly jwks: Endpoint;
  readonly authorize: Endpoint;
  /** Takes authorization requests from clients themselves (RFC 9126). */
  readonly push: Endpoint;
  readonly consent: Endpoint;
  readonly account: Endpoint;
  /** Only where a page of ours stands in for the sign-in of a proxy. */
  readonly choose: Endpoint | undefined;
  /** Only while some client has the grant of devices, as is the next. */
  readonly deviceAuthorization: Endpoint | undefined;
  readonly device: Endpoint | undefined;
  readonly token: Endpoint;
  readonly userinfo: Endpoint;
  readonly introspect: Endpoint;
  readonly revoke: Endpoint;
  /** Only where the policy has it. */
  readonly check: Endpoint | undefined;
  /** Only where clients may register themselves. */
  readonly register: Endpoint | undefined;
  readonly registeredClient: Endpoint | undefined;
  readonly review: Endpoint;
  readonly endSession: Endpoint;
  readonly signOut: Endpoint;
  readonly signedOut: Endpoint;
};

/** @param choose the page that stands in for the sign-in of a proxy; absent: there is a proxy. */
export function createIssuer(deps: Deps, choose?: Endpoint): Issuer {
  const deviceAuthorization = createDeviceAuthorizationEndpoint(deps);
  const device = pageOnRecord('authorization.refused', createDeviceEndpoint(deps), deps);
  return {
    discovery: createDiscoveryEndpoint(deps),
    jwks: createJwksEndpoint(deps),
    authorize: pageOnRecord('authorization.refused', createAuthorizeEndpoint(deps), deps),
    push: createPushEndpoint(deps),
    consent: pageOnRecord('authorization.refused', createConsentEndpoint(deps), deps),
    account: pageOnRecord('authorization.refused', createAccountEndpoint(deps), deps),
    choose,
    // Asked for each request: a reload may bring the first client with the grant, or take the last.
    get deviceAuthorization() {
      return hasDevices(deps.policy()) ? deviceAuthorization : undefined;
    },
    get device() {
      return hasDevices(deps.policy()) ? device : undefined;
    },
    token: createTokenEndpoint(deps),
    userinfo: createUserinfoEndpoint(deps),
    introspect: createIntrospectEndpoint(deps),
    revoke: createRevokeEndpoint(deps),
    check: createCheckEndpoint(deps),
    register: createRegisterEndpoint(deps),
    registeredClient: createRegisteredClientEndpoint(deps),
    review: pageOnRecord('review.refused', createReviewEndpoint(deps), deps),
    endSession: pageOnRecord('sign_out.refused', createEndSessionEndpoint(deps), deps),
    signOut: pageOnRecord('sign_out.refused', createSignOutEndpoint(deps), deps),
    signedOut: createSignedOutEndpoint(deps),
  };
}
