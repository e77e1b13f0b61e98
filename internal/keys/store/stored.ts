// Reads and changes the keys of a store. Every change is made of what is there at that moment, and put
// there only if that is still there then: of several writers each builds on the one before it, and one
// that was asleep changes nothing.

import { randomUUID } from 'node:crypto';
import type { KeyShelf } from '../../store/shelf.ts';
import type { KeyEvent, ReportKeyEvent } from '../events.ts';
import { KEY_KINDS, type KeyKind } from '../filename.ts';
import { generateKeyFile } from '../generate.ts';
import { KeyConfigError } from '../key-config-error.ts';
import { type ReadKey, readKey } from '../read-key.ts';
import type { Dated, Scheduled } from '../rotation.ts';
import { type Content, EMPTY, removeFrom, scheduleOfContent } from './content.ts';
import { type KeySecrets, type Opened, openContent, sealContent } from './content-seal.ts';

export type StoredTerms = {
  readonly shelf: KeyShelf;
  /** The issuer identifier: the keys of one issuer open for no other. */
  readonly issuer: string;
  readonly secrets: KeySecrets;
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds the longest-lived token lives. */
  readonly tokenLifetime: number;
  readonly report: ReportKeyEvent;
};

export type Stored = Opened & {
  /** Undefined where nothing is. */
  readonly version: string | undefined;
};

/** `same` when it has the version that is known; throws `KeyConfigError` for what does not open. */
export async function readStored(
  { shelf, secrets, issuer }: StoredTerms,
  known?: string,
): Promise<Stored | 'same'> {
  const found = await shelf.read(known);
  if (found === 'same') return found;
  if (found === undefined) return { content: EMPTY, isCurrent: true, version: undefined };
  if (found === 'foreign')
    throw new KeyConfigError('the store holds something else in the place of the keys');
  return { ...openContent(found.text, secrets, issuer), version: found.version };
}

/** Undefined when somebody else was first; then nothing has changed. */
export async function putStored(
  { shelf, secrets, issuer }: StoredTerms,
  expected: string | undefined,
  content: Content,
): Promise<Stored | undefined> {
  const [secret] = secrets;
  if (secret === undefined) throw new KeyConfigError('keys.secret_file: is needed');
  const version = await shelf.replace(expected, sealContent(content, secret, issuer));
  return version === undefined ? undefined : { content, isCurrent: true, version };
}

/** What comes of a content, and what to say of it once it is there; undefined: it may stay as it is. */
export type Change = (
  content: Content,
) => Promise<{ readonly content: Content; readonly events: readonly KeyEvent[] } | undefined>;

/** Whoever writes at the same moment is done before the third time. */
const ATTEMPTS = 10;

export async function changeStored(terms: StoredTerms, change: Change): Promise<Stored> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await readStored(terms);
    if (found === 'same') continue;
    const changed = await change(found.content);
    if (changed === undefined) return found;
    const put = await putStored(terms, found.version, changed.content);
    if (put === undefined) continue;
    for (const event of changed.events) terms.report(event);
    return put;
  }
  throw new Error('the keys in the store change all the time');
}

/** Adds a first key of each kind that is missing. */
export const fillWith =
  (kinds: readonly KeyKind[], now: number): Change =>
  async (content) => {
    const missing = kinds.filter((wanted) => !content.keys.some(({ kind }) => kind === wanted));
    return missing.length === 0 ? undefined : addKeys(content, missing, now);
  };

/** Adds one more key, whatever is there already. */
export const addOne =
  (kind: KeyKind, activeFrom: number): Change =>
  (content) =>
    addKeys(content, [kind], activeFrom);

async function addKeys(content: Content, kinds: readonly KeyKind[], activeFrom: number) {
  const made = await Promise.all(kinds.map((kind) => makeKey(content, kind, activeFrom)));
  return {
    content: { ...content, keys: [...content.keys, ...made] },
    events: made.map(toCreated),
  };
}

/** Of keys of one kind no two begin to sign in the same second, as in a directory. */
async function makeKey({ keys }: Content, kind: KeyKind, wantedFrom: number) {
  let activeFrom = wantedFrom;
  while (keys.some((key) => key.kind === kind && key.activeFrom === activeFrom)) activeFrom += 1;
  const text = await generateKeyFile(kind);
  return { kid: kidOf(readKey(kind, activeFrom, text)), kind, activeFrom, text };
}

const kidOf = ({ key }: ReadKey): string => key.id;

const toCreated = ({ kind, kid, activeFrom }: Awaited<ReturnType<typeof makeKey>>): KeyEvent => ({
  type: 'key.created',
  kind,
  kid,
  activeFrom,
});

type DecideActivation = (keys: readonly Dated[], kind: KeyKind) => number | undefined;

/**
 * Adds the keys that are due and takes out those nobody needs any more, for every kind in use.
 * `@param decideActivation` says when the next key shall begin to sign, or that none is due.
 */
export const rotateBy =
  (decideActivation: DecideActivation, terms: Pick<StoredTerms, 'now' | 'tokenLifetime'>): Change =>
  async (content) => {
    const { due, expired } = findDue(content, decideActivation, terms);
    if (due.length === 0 && expired.length === 0) return undefined;
    const made = await Promise.all(
      due.map(({ kind, activeFrom }) => makeKey(content, kind, activeFrom)),
    );
    const keys = content.keys.filter(({ kid }) => !expired.includes(kid));
    return {
      content: { ...content, keys: [...keys, ...made] },
      events: [
        ...made.map(toCreated),
        ...expired.map((kid): KeyEvent => ({ type: 'key.deleted', kid })),
      ],
    };
  };

/** What a rotation would do at this moment. */
export function findDue(
  content: Content,
  decideActivation: DecideActivation,
  terms: Pick<StoredTerms, 'now' | 'tokenLifetime'>,
) {
  const kinds = KEY_KINDS.map((kind) => {
    const schedule = scheduleOfContent(content, kind, terms);
    const activeFrom =
      schedule.length === 0
        ? undefined
        : decideActivation(
            schedule.map(({ key }) => key),
            kind,
          );
    const expired = schedule.flatMap(({ key, state }) => (state === 'expired' ? [key.id] : []));
    return { kind, activeFrom, expired };
  });
  return {
    due: kinds.flatMap(({ kind, activeFrom }) =>
      activeFrom === undefined ? [] : [{ kind, activeFrom }],
    ),
    expired: kinds.flatMap(({ expired }) => expired),
  };
}

/** Takes out a key that leaked, for ever. */
export const removeOne =
  (kid: string, now: number): Change =>
  async (content) => ({ content: removeFrom(content, kid, now), events: [] });

/** Takes out a key if it may go. `@param decide` throws to keep it. */
export const retireIf =
  (
    kid: string,
    decide: (
      schedules: readonly {
        readonly kind: KeyKind;
        readonly schedule: readonly Scheduled<Dated>[];
      }[],
    ) => void,
    terms: Pick<StoredTerms, 'now' | 'tokenLifetime'>,
  ): Change =>
  async (content) => {
    decide(KEY_KINDS.map((kind) => ({ kind, schedule: scheduleOfContent(content, kind, terms) })));
    return { content: removeFrom(content, kid, terms.now), events: [{ type: 'key.deleted', kid }] };
  };

/** Seconds; an RSA key takes 100 to 300 ms, and a busy machine its time. */
const LEASE = 5;

/** Runs `work` unless another replica is at it: then undefined, and nothing is done. */
export async function underLease<Result>(
  shelf: KeyShelf,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const holder = randomUUID();
  if (!(await shelf.lease(holder, LEASE))) return undefined;
  try {
    return await work();
  } finally {
    // Nobody waits: if it is not ended, it ends by itself.
    shelf.release(holder).catch(() => {});
  }
}
