// Random bytes, fetched from the system in one piece for many secrets: one by one they cost as much
// as a signature.

import { randomFillSync } from 'node:crypto';
import type { Random } from '../protocol/random.ts';

const POOL_BYTES = 8192;

/** No byte is ever handed out twice, and none stays in the pool once it was. */
export function createRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return (bytes) => {
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const text = pool.toString('base64url', used, used + bytes);
    pool.fill(0, used, used + bytes);
    used += bytes;
    return text;
  };
}
