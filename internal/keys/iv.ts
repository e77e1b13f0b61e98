// Initialisation vectors of AES-GCM, fetched from the system many at a time: one by one, each costs as
// much as the encryption it is for.

import { randomFillSync } from 'node:crypto';

export const IV_BYTES = 12;

const POOL = Buffer.alloc(512 * IV_BYTES);
let used = POOL.length;

/** 96 random bits, never the same twice; to be used before the next one is asked for. */
export function freshIv(): Buffer {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += IV_BYTES;
  return POOL.subarray(used - IV_BYTES, used);
}
