// How often user codes may be tried (RFC 8628 §5.1): a code is short, and whoever finds somebody's can
// have their device signed in as somebody else. Trying takes an End-User whom the upstream vouches for.

import type { AuthorizationId, Subject } from '../../protocol/ids.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../handle.ts';

/** As long as a user code lives at most. */
const WINDOW = 10 * MINUTE;

/** What one End-User may try in it, right or wrong. */
export const MAX_TRIES = 20;

/** How many of all End-Users may be wrong in it before nobody may try any more. */
export const MAX_MISSES = 1000;

const EVERYBODY = 'everybody';

type StoreOnly = Pick<Deps, 'store'>;

/** Counts before anything is looked up: of many tries at once none comes for free. */
export async function mayTry(subject: Subject, { store }: StoreOnly): Promise<boolean> {
  const [tries, isHalted] = await Promise.all([
    store.count('user_code_tries', subject, WINDOW),
    store.happened('user_codes_halted', EVERYBODY),
  ]);
  return tries <= MAX_TRIES && !isHalted;
}

export async function noteMiss({ store }: StoreOnly): Promise<void> {
  const misses = await store.count('user_code_misses', EVERYBODY, WINDOW);
  if (misses >= MAX_MISSES) await store.once('user_codes_halted', EVERYBODY, WINDOW);
}

/**
 * Whether this End-User is the first who was shown the request: then nobody else is shown it, and
 * nobody else can answer it (GHSA-cq3f-vc6p-68fh).
 */
export async function claim(
  id: AuthorizationId,
  subject: Subject,
  { store }: StoreOnly,
): Promise<boolean> {
  const own = hashSecret(JSON.stringify([id, subject]));
  const isMine = () => store.happened('device_claimed_by', own);
  if (await isMine()) return true;
  // Two windows of one browser at once: the one that is too late looks again.
  if (!(await store.once('device_claimed', id, WINDOW))) return isMine();
  await store.once('device_claimed_by', own, WINDOW);
  return true;
}
