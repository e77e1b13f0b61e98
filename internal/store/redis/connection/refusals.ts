// What Redis refuses while it answers (out of memory, a command that the user may not run, a disk that is full):
// for the operator, who would otherwise read of an outage while Redis looks well.

import { isReply, reasonOf } from './errors.ts';

/** So often each kind is told again while it goes on. */
const AGAIN_MS = 60_000;

/** Called with whatever a question failed with; each kind, the first word of a refusal, is told once a minute. */
export function createRefusals(
  tell: ((reason: string) => void) | undefined,
  now: () => number = () => performance.now(),
): (error: unknown) => void {
  const toldAt = new Map<string, number>();
  return (error) => {
    if (tell === undefined || !isReply(error)) return;
    const reason = reasonOf(error);
    const kind = reason.split(' ', 1)[0] ?? reason;
    const last = toldAt.get(kind);
    if (last !== undefined && now() - last < AGAIN_MS) return;
    toldAt.set(kind, now());
    tell(reason);
  };
}
