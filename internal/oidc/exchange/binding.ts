// A token that is bound to a key is of no use to whoever steals it, and must not become one that is by
// an exchange (RFC 9449 §1, RFC 8705 §3).

import type { Confirmation } from '../../protocol/confirmation.ts';
import { refuseToken } from './refuse.ts';

/**
 * Throws `invalid_request` unless the key of the token is the one that this request proves. With
 * `rebind` another will do, and none never does: what was bound stays bound.
 */
export function checkBinding(
  bound: Confirmation | undefined,
  proven: Confirmation | undefined,
  rebind: boolean,
): void {
  if (bound === undefined) return;
  if (proven === undefined || !(rebind || isSame(bound, proven))) {
    throw refuseToken('confirmation_mismatch');
  }
}

const isSame = (left: Confirmation, right: Confirmation): boolean =>
  'jkt' in left
    ? 'jkt' in right && left.jkt === right.jkt
    : 'x5t#S256' in right && left['x5t#S256'] === right['x5t#S256'];
