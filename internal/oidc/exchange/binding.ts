// A token that is bound to a key is of no use to whoever steals it, and must not become one that is by
// an exchange (RFC 9449 §1, RFC 8705 §3).

import { type Confirmation, isSameKey } from '../../protocol/confirmation.ts';
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
  const isKept = proven !== undefined && (rebind || isSameKey(bound, proven));
  if (!isKept) {
    throw refuseToken('confirmation_mismatch');
  }
}
