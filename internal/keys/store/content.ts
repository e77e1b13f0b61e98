// What a store holds of keys, opened: every key with what it is for, and which were removed on
// purpose. Decisions only: how two such contents become one, and what may be forgotten.

import { DAY } from '../../protocol/time.ts';
import { KEY_KINDS, type KeyKind } from '../filename.ts';
import { KeyConfigError } from '../key-config-error.ts';
import { type Dated, decideSchedule, type Scheduled, sortByActivation } from '../rotation.ts';

type StoredKey = {
  readonly kid: string;
  /** One that a later version of Asteroid made may be unknown here: it is kept, and left alone. */
  readonly kind: string;
  /** Seconds since 1970. */
  readonly activeFrom: number;
  /** What a key file would hold. */
  readonly text: string;
};

/** Kept for ever: a copy of the content from before must not bring the key back. */
type Removal = { readonly kid: string; readonly removedAt: number };

export type Content = {
  readonly keys: readonly StoredKey[];
  readonly removed: readonly Removal[];
};

export type ScheduleTerms = {
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds the longest-lived token lives. */
  readonly tokenLifetime: number;
};

export const EMPTY: Content = { keys: [], removed: [] };

export const isKnownKind = (kind: string): kind is KeyKind =>
  KEY_KINDS.some((known) => known === kind);

/** Every key of one kind and what it is for, in the order in which they sign. */
export function scheduleOfContent(
  { keys }: Content,
  kind: KeyKind,
  { now, tokenLifetime }: ScheduleTerms,
): readonly Scheduled<Dated>[] {
  const dated = keys
    .filter((key) => key.kind === kind)
    .map(({ kid, activeFrom }) => ({ id: kid, activeFrom }));
  return decideSchedule(sortByActivation(dated), now, undefined, tokenLifetime);
}

/** A key this close to its end is not worth bringing back: another clock may have ended it. */
const MARGIN = DAY;

/**
 * What is known here and what is in the store, as one. A store that lost keys, by being emptied, by a
 * failover or by an older content put in its place, gets them back; what was removed on purpose
 * comes back from nowhere. The very object `stored` when there is nothing to add to it.
 */
export function mergeContents(known: Content, stored: Content, terms: ScheduleTerms): Content {
  const later = { ...terms, now: terms.now + MARGIN };
  const over = new Set(
    KEY_KINDS.flatMap((kind) => scheduleOfContent(known, kind, later))
      .filter(({ state }) => state === 'expired')
      .map(({ key }) => key.id),
  );
  const lost = known.keys.filter((key) => !has(stored.keys, key) && !over.has(key.kid));
  const removed = known.removed.filter((one) => !has(stored.removed, one));
  const all = [...stored.removed, ...removed];
  const keys = [...stored.keys, ...lost].filter((key) => !has(all, key));
  const isSame =
    removed.length === 0 && keys.length === stored.keys.length && !hasOther(keys, stored);
  return isSame ? stored : { keys, removed: all };
}

const has = (list: readonly { readonly kid: string }[], { kid }: { readonly kid: string }) =>
  list.some((one) => one.kid === kid);

const hasOther = (keys: readonly StoredKey[], { keys: stored }: Content): boolean =>
  keys.some((key, index) => key !== stored[index]);

/** Without this key, for ever. Throws `KeyConfigError` for the last one of a kind. */
export function removeFrom({ keys, removed }: Content, kid: string, now: number): Content {
  const leaving = keys.find((key) => key.kid === kid);
  if (leaving === undefined) throw new KeyConfigError(`no key of the store has the kid ${kid}`);
  const left = keys.filter((key) => key !== leaving);
  if (!left.some(({ kind }) => kind === leaving.kind))
    throw new KeyConfigError(
      `${kid} is the last ${leaving.kind} key; make another one first, with \`asteroid keys generate\``,
    );
  return { keys: left, removed: [...removed, { kid, removedAt: now }] };
}

export const printContent = (content: Content): string => JSON.stringify(content);

/** Undefined unless `printContent` made it. */
export function parseContent(text: string): Content | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isContent(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isContent = (value: unknown): value is Content =>
  isRecord(value) &&
  Array.isArray(value['keys']) &&
  value['keys'].every(isStoredKey) &&
  Array.isArray(value['removed']) &&
  value['removed'].every(isRemoval);

const isStoredKey = (value: unknown): value is StoredKey =>
  isRecord(value) &&
  typeof value['kid'] === 'string' &&
  typeof value['kind'] === 'string' &&
  Number.isSafeInteger(value['activeFrom']) &&
  typeof value['text'] === 'string';

const isRemoval = (value: unknown): value is Removal =>
  isRecord(value) && typeof value['kid'] === 'string' && Number.isSafeInteger(value['removedAt']);
