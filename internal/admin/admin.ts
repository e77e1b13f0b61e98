// What an operator may do with an issuer that runs: operations as functions, no HTTP. Whoever may call
// them was asked before. They show how a deployment treats requests; none can issue, spend or read
// anything that belongs to an End-User.

import type { Random } from '../protocol/random.ts';
import { SECRET_BYTES } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import { createIdentityLog, type IdentityLog } from './identity-log.ts';
import { createRecorder, type Recorder } from './recorder.ts';

export type Admin = {
  readonly recorder: Recorder;
  readonly identityLog: IdentityLog;
};

export type AdminOptions = {
  readonly now: Clock;
  readonly random: Random;
  /** Every header that the upstream's configuration names at the moment. */
  readonly declared: () => readonly DeclaredName[];
  /** Shared by the processes of one issuer, which then tell equal values alike; absent: one of its own. */
  readonly identityKey?: string | undefined;
};

export const createAdmin = ({
  now,
  random,
  declared,
  identityKey = random(SECRET_BYTES),
}: AdminOptions): Admin => ({
  recorder: createRecorder({ now, random, declared }),
  identityLog: createIdentityLog({ now, key: identityKey, declared }),
});
