// Is one detail a part of another one? What it means is for resource servers to say; that a shorter list
// allows no more than a longer one is all that can be said here (RFC 9396 §6.1).

import type { AuthorizationDetail } from '../protocol/authorization-details.ts';
import type { JsonValue } from '../protocol/claims.ts';
import { isSame } from './json-text.ts';

/** The same members, each the same, or of a list some. One that is left out could mean anything. */
export function isWithin(part: AuthorizationDetail, whole: AuthorizationDetail): boolean {
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
  wanted.every((entry) => granted.includes(entry));
