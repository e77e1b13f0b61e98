// How the hook can tell that we ask, and that it is now: an HMAC over time and text.

import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'asteroid-signature';

/**
 * `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`. With the time inside, a question that
 * somebody overheard is no question later.
 */
export function signQuestion(body: string, secret: Uint8Array, now: number): string {
  const mac = createHmac('sha256', secret).update(`${now}.${body}`).digest('hex');
  return `t=${now},v1=${mac}`;
}
