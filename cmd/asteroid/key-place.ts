// Where `asteroid keys` looks after keys: a directory, or the store that replicas share.

import type { KeyEvent } from '../../internal/keys/events.ts';
import { readKeyDirectory } from '../../internal/keys/file/directory.ts';
import {
  addKey,
  makeKeyDirectory,
  rotateDirectory,
  scheduleOf,
} from '../../internal/keys/file/write.ts';
import { KEY_KINDS, type KeyKind, toKeyFileName } from '../../internal/keys/filename.ts';
import type { Dated, Scheduled } from '../../internal/keys/rotation.ts';
import { scheduleOfContent } from '../../internal/keys/store/content.ts';
import {
  addOne,
  changeStored,
  readStored,
  removeOne,
  rotateBy,
  type StoredTerms,
} from '../../internal/keys/store/stored.ts';

type ListedKey = {
  readonly kind: KeyKind;
  readonly scheduled: Scheduled<Dated>;
  /** Where keys are files. */
  readonly file?: string;
};

/** Every verb throws `KeyConfigError` when what is there is no set of sound keys. */
export type KeyPlace = {
  /** For people. */
  readonly name: string;
  readonly hasFiles: boolean;
  list(): Promise<readonly ListedKey[]>;
  add(kind: KeyKind, activeFrom: number): Promise<void>;
  /** `@param decideActivation` says when a next key shall begin to sign, or that none is due. */
  rotate(decideActivation: (keys: readonly Dated[]) => number | undefined): Promise<void>;
  /** Undefined where files can be removed without us. */
  readonly remove?: (kid: string) => Promise<void>;
  close(): Promise<void>;
};

export type PlaceTerms = {
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds the longest-lived token lives. */
  readonly tokenLifetime: number;
  readonly report: (event: KeyEvent) => void;
};

export const createDirectoryPlace = (dir: string, terms: PlaceTerms): KeyPlace => ({
  name: dir,
  hasFiles: true,
  async list() {
    const keys = await readKeyDirectory(dir, () => {});
    return KEY_KINDS.flatMap((kind) =>
      scheduleOf(keys, kind, terms).map((scheduled) => {
        const { activeFrom } = scheduled.key;
        return { kind, scheduled, file: toKeyFileName({ kind, activeFrom }) };
      }),
    );
  },
  async add(kind, activeFrom) {
    await makeKeyDirectory(dir);
    await addKey(dir, kind, activeFrom, terms);
  },
  rotate: (decideActivation) => rotateDirectory(dir, terms, decideActivation),
  close: async () => {},
});

/** `@param stored` whose shelf is closed with the place. */
export const createStorePlace = (stored: StoredTerms): KeyPlace => ({
  name: 'the store',
  hasFiles: false,
  async list() {
    const found = await readStored(stored);
    if (found === 'same') return [];
    return KEY_KINDS.flatMap((kind) =>
      scheduleOfContent(found.content, kind, stored).map((scheduled) => ({ kind, scheduled })),
    );
  },
  async add(kind, activeFrom) {
    await changeStored(stored, addOne(kind, activeFrom));
  },
  async rotate(decideActivation) {
    await changeStored(stored, rotateBy(decideActivation, stored));
  },
  async remove(kid) {
    await changeStored(stored, removeOne(kid, stored.now));
  },
  close: () => stored.shelf.close(),
});
