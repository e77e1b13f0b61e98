import type { Policy } from '../policy.ts';
import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { deviceCode } from './device-code.ts';
import type { Grant } from './grant.ts';
import { jwtBearer } from './jwt-bearer.ts';
import { refreshToken } from './refresh-token.ts';
import { tokenExchange } from './token-exchange.ts';

/** Adding a grant: write its file beside this one and its entry here. Discovery follows. */
export const GRANTS: readonly Grant[] = [
  authorizationCode,
  refreshToken,
  clientCredentials,
  deviceCode,
  tokenExchange,
  jwtBearer,
];

/** Those that are on: what the token endpoint answers and what discovery advertises are the same. */
export const grantsOf = (policy: Policy): readonly Grant[] =>
  GRANTS.filter((grant) => isOn(grant, policy));

/** Undefined for a grant that is off, as for one that nobody has heard of. */
export const findGrant = (grantType: string, policy: Policy): Grant | undefined =>
  GRANTS.find((grant) => grant.grantType === grantType && isOn(grant, policy));

/** Whether devices may ask: the endpoint and the page of theirs are there, or not, with the grant. */
export const hasDevices = (policy: Policy): boolean => isOn(deviceCode, policy);

const isOn = (grant: Grant, policy: Policy): boolean => grant.isOn?.(policy) ?? true;
