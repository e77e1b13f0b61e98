// What one replica holds of the keys in the store. Both are brought to the same: it takes what others
// put there, and gives back what the store lost, so that a token never stops verifying because the
// store was emptied while somebody still has its key.

import { type Content, EMPTY, isKnownKind, mergeContents } from './content.ts';
import type { KeySecrets } from './content-seal.ts';
import { KeyConfigError } from './key-config-error.ts';
import { type ReadKey, readKey, toKeySet } from './read-key.ts';
import type { KeySet } from './ring.ts';
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
    if (merged === EMPTY && !isLeftEmpty()) return 'waiting';
    emptySince = undefined;
    // Also when it cannot be written: all of it was in the store once.
    if (merged !== EMPTY) take(merged, merged === found.content ? found.version : undefined);
    const filled = await fillWith(['ES256', 'seal'], now)(merged);
    // A secret that is to go may be the one it is sealed with. Looked at once for each set of
    // secrets, because replicas in the middle of a rotation disagree on which comes first.
    const isStale = !found.isCurrent && !isSame(openedWith, now.secrets);
    if (filled === undefined && merged === found.content && !isStale) {
      openedWith = now.secrets;
      return 'done';
    }
    const put = await putStored(now, found.version, filled?.content ?? merged);
    if (put === undefined) return 'outrun';
    for (const event of filled?.events ?? []) now.report(event);
    const kids = lostOf(merged, found.content);
    if (kids.length > 0) now.report({ type: 'keys.restored', kids });
    take(put.content, put.version);
    openedWith = now.secrets;
    return 'done';
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

const lostOf = ({ keys }: Content, found: Content): readonly string[] =>
  keys.filter(({ kid }) => !found.keys.some((key) => key.kid === kid)).map(({ kid }) => kid);

const isSame = (a: KeySecrets, b: KeySecrets): boolean =>
  a === b ||
  (a.length === b.length && a.every((secret, index) => Buffer.compare(secret, b[index] ?? EMPTY_SECRET) === 0));

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
