// What a store was told and may not know any more, or may not keep: for the operator, who can do something
// about it.

export type Loss =
  | { readonly kind: 'emptied' }
  /** A replica was promoted: codes of before are refused for so many seconds. */
  | { readonly kind: 'failover'; readonly refusedFor: number }
  /** Too few replicas have what was written: nothing is until they do. */
  | { readonly kind: 'lagging' }
  | { readonly kind: 'caught_up' };
