// A list of texts that replicas append to and that forgets its oldest: where audit records are when they
// are in Redis. The store neither reads nor checks them.

export type StreamEntry = {
  /** Later entries have greater ones, in the store's own order. */
  readonly id: string;
  readonly text: string;
};

/** Every verb throws `Unavailable` when the store does not answer in time. */
export type EventStream = {
  /** In this order, all of them or none. */
  append(texts: readonly string[]): Promise<void>;
  /** At most so many that are older than `before`, the newest first; undefined: the newest of all. */
  readBack(before: string | undefined, count: number): Promise<readonly StreamEntry[]>;
  close(): Promise<void>;
};
