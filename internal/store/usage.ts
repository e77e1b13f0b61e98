// How full a store is whose limits are those of its own process.

/** The part of `store.memory.max_…` that is in use. */
export type Usage = {
  readonly budget: 'entries' | 'pending' | 'clients';
  readonly used: number;
  readonly most: number;
};
