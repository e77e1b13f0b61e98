// What the chooser relies on, and what it knows of one visit.

import type { Waiting } from '../oidc/authorize/waiting.ts';
import type { ProtocolRequest } from '../oidc/endpoint.ts';
import type { Identity } from '../protocol/identity.ts';
import type { Clock } from '../protocol/time.ts';
import type { ChoiceCookie } from './choice.ts';
import type { CheckUser } from './entry.ts';
import type { KnownUser } from './list.ts';
import type { OwnAddresses, WayBack } from './way-back.ts';

export type ChooserDeps = {
  readonly cookie: ChoiceCookie;
  readonly own: OwnAddresses;
  /** Where this page is. */
  readonly page: string;
  readonly listUsers: () => Promise<readonly KnownUser[]>;
  readonly check: CheckUser;
  readonly waiting: Waiting;
  readonly now: Clock;
};

export type Visit = {
  readonly http: ProtocolRequest;
  /** Undefined: nothing waits for the choice. */
  readonly back: WayBack | undefined;
  /** Whom this browser has chosen before. */
  readonly current: Identity | undefined;
};

/** Says in the address that whoever is signed in has to sign in again. */
export const AGAIN = 'again';
/** Says in the address that whoever is signed in wants to be forgotten. */
export const SIGN_OUT = 'sign_out';

export const go = (location: string) => ({ kind: 'redirect', location }) as const;
