// What one replica holds of the keys in the store. Both are brought to the same: it takes what others
// put there, and gives back what the store lost, so that a token never stops verifying because the
// store was emptied while somebody still has its key.

import { KeyConfigError } from '../key-config-error.ts';
import { type ReadKey, readKey, toKeySet } from '../read-key.ts';
import type { KeySet } from '../ring.ts';
import { type Content, EMPTY, isKnownKind, mergeContents } from './content.ts';
import type { KeySecrets } from './content-seal.ts';
import { fillWith, putStored, readStored, type Stored, type StoredTerms } from './stored.ts';

export type LocalCopy = {
  content(): Content;
  /**
   * `waiting` while an empty store is watched: a replica that still has keys would put them back first.
   * Throws `KeyConfigError` or `Unavailable`; then the copy is what it was.
   */
  sync(): Promise<'done' | 'waiting'>;
};

export type CopyTerms = {
  readonly terms: () => StoredTerms;
  /** Throws to keep the keys of before. */
  readonly adopt: (keys: KeySet) => void;
  /** Milliseconds for which an empty store is watched. */
  readonly patience: number;
};

/** A writer that loses this often in a row tries again with the next look. */
const ATTEMPTS = 5;

/** Without these nothing works; keys of other kinds are made when they are needed. */
const FIRST_KINDS = ['ES256', 'seal'] as const;

export function createLocalCopy({ terms, adopt, patience }: CopyTerms): LocalCopy {
  let content = EMPTY;
  let version: string | undefined;
  let openedWith: KeySecrets = [];
  let emptySince: number | undefined;
  const toKeys = createReader();

  function take(next: Content, at: string | undefined): void {
    if (next !== content) adopt(toKeys(next));
    content = next;
    version = at;
  }

  /** Whether nobody is there who would fill it: then its first keys are made here. */
  function isLeftEmpty(): boolean {
    emptySince ??= performance.now();
    return performance.now() - emptySince >= patience;
  }

  /** An outage says nothing about how long it has been empty. */
  async function read(now: StoredTerms): Promise<Stored | 'same'> {
    try {
      return await readStored(now, isSame(openedWith, now.secrets) ? version : undefined);
    } catch (error) {
      emptySince = undefined;
      throw error;
    }
  }

  async function syncOnce(now: StoredTerms): Promise<'done' | 'waiting' | 'outrun'> {
    const found = await read(now);
    if (found === 'same') return 'done';
    const merged = mergeContents(content, found.content, now);
    if (merged === EMPTY) return isLeftEmpty() ? write(now, found, merged) : 'waiting';
    emptySince = undefined;
    // Also when it cannot be written: all of it was in the store once.
    take(merged, merged === found.content ? found.version : undefined);
    // A secret that is to go may be the one it is sealed with. That is looked at once for each set of
    // secrets: replicas in the middle of a rotation disagree on which comes first.
    const isStale = !found.isCurrent && !isSame(openedWith, now.secrets);
    if (merged !== found.content || isStale || !isComplete(merged))
      return write(now, found, merged);
    openedWith = now.secrets;
    return 'done';
  }

  async function write(now: StoredTerms, found: Stored, merged: Content) {
    const filled = await fillWith(FIRST_KINDS, now.now)(merged);
    const put = await putStored(now, found.version, filled?.content ?? merged);
    if (put === undefined) return 'outrun' as const;
    for (const event of filled?.events ?? []) now.report(event);
    const kids = kidsLost(merged, found.content);
    if (kids.length > 0) now.report({ type: 'keys.restored', kids });
    emptySince = undefined;
    take(put.content, put.version);
    openedWith = now.secrets;
    return 'done' as const;
  }

  return {
    content: () => content,
    async sync() {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const outcome = await syncOnce(terms());
        if (outcome !== 'outrun') return outcome;
      }
      throw new Error('the keys in the store change all the time');
    },
  };
}

const isComplete = ({ keys }: Content): boolean =>
  FIRST_KINDS.every((wanted) => keys.some(({ kind }) => kind === wanted));

const kidsLost = ({ keys }: Content, found: Content): readonly string[] =>
  keys.filter(({ kid }) => !found.keys.some((key) => key.kid === kid)).map(({ kid }) => kid);

const isSame = (a: KeySecrets, b: KeySecrets): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((secret, index) => Buffer.compare(secret, b[index] ?? EMPTY_SECRET) === 0));

const EMPTY_SECRET = new Uint8Array();

/** Reading a key costs a signature with it, so what has been read is not read again. */
function createReader(): (content: Content) => KeySet {
  let known: ReadonlyMap<string, ReadKey> = new Map();
  return ({ keys }) => {
    const read = keys.flatMap(({ kid, kind, activeFrom, text }) => {
      if (!isKnownKind(kind)) return [];
      const name = `${kind} ${activeFrom} ${kid}`;
      const key = known.get(name) ?? readKey(kind, activeFrom, text);
      if (key.key.id !== kid)
        throw new KeyConfigError(`the store holds another key as ${kid} than that of this kid`);
      return [[name, key] as const];
    });
    known = new Map(read);
    return toKeySet(read.map(([, key]) => key));
  };
}
