// What one run with a million authorizations is reduced to.

/** Milliseconds for turns of the event loop, microseconds for each request. */
export type Pauses = { readonly worst: number; readonly p999: number; readonly each: number };

/** Bytes. */
export type Room = { readonly rss: number; readonly used: number };

export type Figures = {
  readonly pauses: { readonly [phase: string]: Pauses };
  readonly rooms: { readonly [state: string]: Room };
  /** Microseconds of a token exchange. */
  readonly exchange: { readonly empty: number; readonly full: number };
};
