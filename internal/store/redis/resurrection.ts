// A code whose spending was lost with the primary that had seen it would come back to life on the one that
// was promoted. Whether it was spent nobody knows, so it is over: whoever is signing in signs in again.

import type { AuthorizationId } from '../../protocol/ids.ts';
import { parseCode } from './record.ts';
import { type Access, readText } from './run.ts';

/**
 * The moment by which a code is to be judged: its last, when it was granted before a failover. One that
 * was spent is a replay at any moment. A second round trip, for as long after one as such a code can live.
 */
export async function judgeAt(
  { redis, names, continuity }: Access,
  id: AuthorizationId,
  now: number,
): Promise<number> {
  if (!continuity.isRecent()) return now;
  const record = await readText(redis, names.authorization(id));
  const code = record === undefined ? undefined : parseCode(record);
  if (code === undefined || !continuity.mayBeLost({ at: code.grantedAt, now })) return now;
  return Math.max(now, code.expiresAt);
}
