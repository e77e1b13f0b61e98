// Whether a changed clients.yaml is to be believed. A file that is just being written, or that a
// full disk cut off, is often valid YAML with fewer clients, or with a client that lost its last
// lines: `allow` is one of them.

import { isDeepStrictEqual } from 'node:util';
import type { ClientSet } from './clients.ts';

export type ReloadDecision =
  | 'accept'
  /** A sentence for the log; the old set stays in force. */
  | { readonly refuse: string };

const CONFIRM = 'confirm it by clients_count: N as the last line of the file';

/** A reload that looks like damage is refused, unless the file itself says how much it holds. */
export function decideReload(previous: ClientSet, next: ClientSet): ReloadDecision {
  // It is the last line, and the loader has compared it with what there is.
  if (next.declaredCount !== undefined) return 'accept';
  if (previous.declaredCount !== undefined) {
    return { refuse: 'clients_count is gone from the end of the file: it seems to be cut off' };
  }
  if (isCutOff(previous, next)) {
    return { refuse: `the file is only the beginning of the one before; ${CONFIRM}` };
  }
  const gone = [...previous.clients.keys()].filter((id) => !next.clients.has(id)).length;
  if (gone * 2 <= previous.clients.size) return 'accept';
  return { refuse: `${gone} of ${previous.clients.size} clients would be gone; ${CONFIRM}` };
}

/** Losing a comment at the end loses nothing. */
function isCutOff(previous: ClientSet, next: ClientSet): boolean {
  const whole = previous.text();
  const rest = next.text().trimEnd();
  if (!whole.startsWith(rest) || whole.trimEnd() === rest) return false;
  return !isDeepStrictEqual([...previous.clients], [...next.clients]);
}
