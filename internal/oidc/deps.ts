// What the domain needs from outside, each as the narrowest interface. Values that a reload changes
// are functions, values that it cannot are constants.

import type { Audit } from '../audit/events.ts';
import type { TokenHook } from '../hook/hook.ts';
import type { ForeignKeys } from '../jwks/jwks.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { Outbox } from '../outbound/outbox.ts';
import type { Awaitable } from '../protocol/awaitable.ts';
import type { Client } from '../protocol/client.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Random } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import type { Store } from '../store/store.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { Workloads } from '../workloads/workloads.ts';
import type { EndpointBases } from './paths.ts';
import type { Policy } from './policy.ts';
import type { Registration } from './registration/registration.ts';

export type Deps = {
  /** The issuer identifier, byte for byte as configured; never derived from a request. */
  readonly issuer: string;
  /** What the URLs of its endpoints begin with, for browsers and for programs. */
  readonly bases: EndpointBases;
  /** Keys pairwise subjects; undefined: no client is told any. */
  readonly pairwiseSalt: Uint8Array | undefined;
  readonly store: Store;
  readonly keys: KeyRing;
  /** Keys of clients, and of issuers whose tokens are taken. */
  readonly foreignKeys: ForeignKeys;
  /** Platforms that vouch for the programs which run on them. */
  readonly workloads: Workloads;
  readonly userinfo: Userinfo;
  /** Asked before tokens are made; undefined: nobody is. */
  readonly tokenHook: TokenHook | undefined;
  /** Clients may register themselves; undefined: none may, and none that did is known. */
  readonly registration: Registration | undefined;
  readonly audit: Audit;
  /** Told what did not answer where a client is sent a refusal all the same: nobody else learns why. */
  readonly onUnavailable?: ((problem: Unavailable, requestId: string) => void) | undefined;
  readonly outbox: Outbox;
  readonly now: Clock;
  readonly random: Random;
  /** Rejects with `Unavailable` where only the store could tell, and does not. */
  readonly findClient: (clientId: string) => Awaitable<Client | undefined>;
  readonly policy: () => Policy;
};
