// What a reload changes: said for the record, and refused where it looks like an accident.

import type { ReportKeyEvent } from './events.ts';
import type { KeyKind } from './filename.ts';
import { KeyConfigError } from './key-config-error.ts';
import type { KeySet } from './ring.ts';

/**
 * Throws when a kind of key is gone altogether: that is a volume lost or half copied, and the loaded
 * keys sign on. A key that another one replaces may go at any time, e.g. because it leaked.
 */
export function checkNothingLost(dir: string, before: KeySet, after: KeySet): void {
  const kinds = (keys: KeySet) => new Set(entriesOf(keys).map(({ kind }) => kind));
  for (const kind of kinds(before))
    if (!kinds(after).has(kind)) throw new KeyConfigError(`${dir}: holds no ${kind} key any more`);
}

/** `@param cachedUntil` when copies of the JWKS made before this moment are all renewed. */
export function reportChanges(
  before: KeySet,
  after: KeySet,
  cachedUntil: number,
  report: ReportKeyEvent,
): void {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const isIn = (list: readonly Entry[], { kid }: Entry) => list.some((one) => one.kid === kid);
  for (const entry of now.filter((one) => !isIn(old, one))) {
    const isFirst = !old.some(({ kind }) => kind === entry.kind);
    report({ type: 'key.added', ...entry, early: !isFirst && entry.activeFrom < cachedUntil });
  }
  for (const { kind, kid } of old.filter((one) => !isIn(now, one)))
    report({ type: 'key.removed', kind, kid });
}

type Entry = { readonly kind: KeyKind; readonly kid: string; readonly activeFrom: number };

const entriesOf = ({ signing, sealing }: KeySet): readonly Entry[] => [
  ...signing.map(({ id, alg, activeFrom }) => ({ kind: alg, kid: id, activeFrom })),
  ...sealing.map(({ id, activeFrom }) => ({ kind: 'seal' as const, kid: id, activeFrom })),
];
