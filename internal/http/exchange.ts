// One HTTP request and everything about it that is known before anybody decides anything.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import { findEntry, type PathEntry, type RouteTable } from './routes.ts';

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Made here: one that the client chose could name another request. */
  readonly requestId: string;
  /** Milliseconds of a clock that only counts. */
  readonly startedAt: number;
  /** The request target, byte for byte. */
  readonly target: string;
  /** What follows the first `?`; empty without one. */
  readonly query: string;
  readonly headers: HeaderFields['headers'];
  readonly repeatedHeaders: HeaderFields['repeatedHeaders'];
  /** What the table has for this path; undefined for a path it does not know. */
  readonly entry: PathEntry | undefined;
  /** The name that the path ends in, where the table has a place for one. */
  readonly segment: string | undefined;
};

/** Takes the request apart without decoding anything. */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  random: Random,
  table: RouteTable,
): Exchange {
  const target = request.url ?? '';
  const mark = target.indexOf('?');
  const { headers, repeatedHeaders } = readHeaders(request.rawHeaders);
  return {
    request,
    response,
    requestId: random(ID_BYTES),
    startedAt: performance.now(),
    target,
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    repeatedHeaders,
    ...findEntry(table, mark < 0 ? target : target.slice(0, mark)),
  };
}

type HeaderFields = {
  /** Lower-case names; a header that was sent twice is not among them. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly repeatedHeaders: readonly string[];
};

const NONE: readonly string[] = [];

/** Node joins some duplicates and drops others; from raw headers none goes unseen. */
export function readHeaders(raw: readonly string[]): HeaderFields {
  const headers: Record<string, string | undefined> = Object.create(null);
  let repeated: Set<string> | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    if (name in headers) {
      repeated ??= new Set();
      repeated.add(name);
    } else {
      headers[name] = raw[index + 1];
    }
  }
  if (repeated === undefined) return { headers, repeatedHeaders: NONE };
  for (const name of repeated) headers[name] = undefined;
  return { headers, repeatedHeaders: [...repeated] };
}
