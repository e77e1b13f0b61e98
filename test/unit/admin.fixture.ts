// An operation of the operator at a time and with chance that a test decides.

import { createHash } from 'node:crypto';
import { type Admin, createAdmin } from '../../internal/admin/admin.ts';
import type { DeclaredName } from '../../internal/upstream/declared.ts';

export const DECLARED: readonly DeclaredName[] = [
  { kind: 'identity', attribute: 'subject', name: 'X-Authenticated-User' },
  { kind: 'identity', attribute: 'email', name: 'X-Authenticated-Email' },
  { kind: 'identity', attribute: 'groups', name: 'X-Authenticated-Groups' },
  { kind: 'secret', attribute: 'secret', name: 'X-Asteroid-Upstream-Secret' },
];

export type TestAdmin = Admin & {
  /** Seconds. */
  readonly advance: (by: number) => void;
};

/** Other bytes at each call, the same in each test. @param seed another issuer has another one. */
export function startAdmin(seed = 'seed'): TestAdmin {
  let at = 1_800_000_000;
  let made = 0;
  const random = (bytes: number): string => {
    made += 1;
    const digest = createHash('sha512').update(`${seed}-${made}`).digest();
    return digest.subarray(0, bytes).toString('base64url');
  };
  const admin = createAdmin({ now: () => at, random, declared: () => DECLARED });
  return {
    ...admin,
    advance: (by) => {
      at += by;
    },
  };
}
