// The catalogue: every way in which a test issuer can be told to misbehave, by name. A name says what is
// wrong, of which part, and how: `id_token.iss.wrong`.

import type { FaultName } from '../api.ts';
import { ACCESS_TOKEN_FAULTS } from './access-token.ts';
import { AUTHORIZATION_FAULTS } from './authorization-response.ts';
import { CLOCK_FAULTS } from './clock.ts';
import { DISCOVERY_FAULTS, JWKS_FAULTS } from './documents.ts';
import { type FaultEntry, prefixed } from './entry.ts';
import { ID_TOKEN_FAULTS } from './id-token.ts';
import { FLOW_FAULTS } from './laxness.ts';
import { LOGOUT_TOKEN_FAULTS } from './logout-token.ts';
import {
  DEVICE_FAULTS,
  INTROSPECT_FAULTS,
  PUSH_FAULTS,
  REVOKE_FAULTS,
  USERINFO_FAULTS,
} from './resources.ts';
import { TOKEN_FAULTS } from './token-response.ts';

const ALL = {
  ...prefixed('authorization', AUTHORIZATION_FAULTS),
  ...prefixed('id_token', ID_TOKEN_FAULTS),
  ...prefixed('access_token', ACCESS_TOKEN_FAULTS),
  ...prefixed('logout_token', LOGOUT_TOKEN_FAULTS),
  ...prefixed('clock', CLOCK_FAULTS),
  ...FLOW_FAULTS,
  ...prefixed('discovery', DISCOVERY_FAULTS),
  ...prefixed('jwks', JWKS_FAULTS),
  ...prefixed('push', PUSH_FAULTS),
  ...prefixed('token', TOKEN_FAULTS),
  ...prefixed('userinfo', USERINFO_FAULTS),
  ...prefixed('introspect', INTROSPECT_FAULTS),
  ...prefixed('revoke', REVOKE_FAULTS),
  ...prefixed('deviceAuthorization', DEVICE_FAULTS),
};

/** The compiler compares it with the published type: a name that only one of them has is an error here. */
export const FAULTS: { readonly [Name in FaultName]: FaultEntry } & (Exclude<
  keyof typeof ALL,
  FaultName
> extends never
  ? unknown
  : never) = ALL;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);
