import type { Endpoint } from './endpoint.ts';

/** Every endpoint by name: the folder's whole public face. */
export type Issuer = {
  readonly discovery: Endpoint;
  readonly jwks: Endpoint;
  readonly authorize: Endpoint;
  readonly consent: Endpoint;
  /** Only where the policy has a chooser. */
  readonly choose: Endpoint | undefined;
  readonly token: Endpoint;
  readonly userinfo: Endpoint;
  readonly introspect: Endpoint;
  readonly revoke: Endpoint;
};
