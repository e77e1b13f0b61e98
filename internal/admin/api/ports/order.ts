/** Who wants something changed, for the record. */
export type Order = { readonly actor: string; readonly requestId: string };

/** Which part of a list is asked for. */
export type Part = { readonly after: string | undefined; readonly limit: number };
