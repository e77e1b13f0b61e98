// Is one detail a part of another one? What it means is for resource servers to say; that a shorter list
// allows no more than a longer one is all that can be said here (RFC 9396 §6.1).

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import { isSame } from '../json-text.ts';

/** Each a part of another one: what was granted once is not had twice. */
export function areWithin(
  parts: readonly AuthorizationDetail[],
  wholes: readonly AuthorizationDetail[],
): boolean {
  const left = [...wholes];
  return parts.every((part) => {
    const index = left.findIndex((whole) => isWithin(part, whole));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** The same members, each the same, or of a list some. One that is left out could mean anything. */
function isWithin(part: AuthorizationDetail, whole: AuthorizationDetail): boolean {
  const names = Object.keys(whole);
  return (
    Object.keys(part).length === names.length &&
    names.every((name) => {
      const [wanted, granted] = [part[name], whole[name]];
      if (wanted === undefined || granted === undefined) return false;
      return isPartOfList(wanted, granted) || isSame(wanted, granted);
    })
  );
}

const isPartOfList = (wanted: JsonValue, granted: JsonValue): boolean =>
  Array.isArray(wanted) &&
  Array.isArray(granted) &&
  wanted.length > 0 &&
  new Set(wanted).size === wanted.length &&
  wanted.every((entry) => granted.includes(entry));
