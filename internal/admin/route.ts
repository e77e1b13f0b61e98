// One operation as whoever carries it over HTTP knows it: values in, values out. Who makes the answers
// and who carries them know nothing else of each other.

import type { JsonValue } from '../protocol/claims.ts';

export type RouteMethod = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** What one request said, before anybody looked at it. */
export type RouteRequest = {
  /** By the names in the path, decoded. */
  readonly names: { readonly [name: string]: string };
  /** In the order in which they were sent; a name may be there twice. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Whatever JSON it was; undefined without a body. */
  readonly body: unknown;
  /** The entity tag of `If-Match`, with its quotes. */
  readonly ifMatch: string | undefined;
};

export type RouteAnswer = {
  readonly status: number;
  /** Undefined where there is nothing to say. */
  readonly body?: JsonValue;
  /** With its quotes (RFC 9110 §8.8.3). */
  readonly etag?: string | undefined;
};

export type Route<Request = RouteRequest> = {
  readonly method: RouteMethod;
  /** From the first slash; `{name}` is one segment, whatever it is. */
  readonly path: string;
  readonly takesBody: boolean;
  /** Throws `AdminRefusal` before anything is read that could be long. */
  readonly admit?: (request: Omit<Request, 'body'>) => void;
  /** Throws `AdminRefusal` for what the caller can put right. */
  readonly answer: (request: Request) => Promise<RouteAnswer>;
};
