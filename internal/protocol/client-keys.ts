import type { KeySource } from './key-source.ts';

/** Public keys of a client: what it signs is verified with them, what it is told encrypted for them. */
export type ClientKeys = {
  /** Undefined: it has registered none. */
  readonly keys: KeySource | undefined;
};
