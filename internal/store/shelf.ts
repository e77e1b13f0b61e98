// One text that replicas share and change one at a time: where keys live when they live in the store.
// The store neither reads nor checks it, and what it holds is sealed before it gets here.

type Shelved = {
  /** A hash of the text: nobody who writes another text can pretend that nothing changed. */
  readonly version: string;
  readonly text: string;
};

/** Every verb throws `Unavailable` when the store does not answer in time. */
export type KeyShelf = {
  /**
   * What is there: undefined is nothing, `same` is the version that is known already, `foreign` is
   * something that was not written here.
   */
  read(known: string | undefined): Promise<Shelved | 'same' | 'foreign' | undefined>;

  /**
   * The version of `text`, which is there: in place of the version `expected`, or of nothing where that
   * is undefined. Undefined when something else was there. The same asked again is answered the same.
   */
  replace(expected: string | undefined, text: string): Promise<string | undefined>;

  /**
   * Whether nobody else changes it for so many seconds, as far as all of them ask. What a holder does
   * after that is for `replace` to refuse.
   */
  lease(holder: string, seconds: number): Promise<boolean>;

  /** Ends that lease, and never another's. */
  release(holder: string): Promise<void>;

  close(): Promise<void>;
};
