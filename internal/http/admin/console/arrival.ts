// A request as it came, before anybody knows who sends it, and what it may not be whoever it is.

import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { AdminRefusal } from '../../../admin/refusal.ts';
import { checkFormHeaders, readForm } from '../../body.ts';
import { readHeaders } from '../../exchange.ts';
import { toNext } from './next.ts';
import { PREFIX } from './parts.ts';
import type { Given } from './visit.ts';

export type Arrival = {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly method: 'GET' | 'POST' | undefined;
  /** Below the prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReturnType<typeof readHeaders>['headers'];
  readonly isSecure: boolean;
  /** Address of the socket; empty on a Unix socket. */
  readonly peer: string;
};

export function openArrival(request: IncomingMessage, requestId: string): Arrival {
  const { url = '', method = '', socket } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  return {
    ...{ request, requestId },
    method: method === 'GET' || method === 'HEAD' ? 'GET' : method === 'POST' ? 'POST' : undefined,
    path: path.slice(PREFIX.length),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: readHeaders(request.rawHeaders).headers,
    isSecure: socket instanceof TLSSocket,
    peer: socket.remoteAddress ?? '',
  };
}

/**
 * Whether a form came from a page of this very host. Browsers say so with every form, and one that says nothing
 * is none.
 */
export function isOwnForm({ headers }: Pick<Arrival, 'headers'>): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined || host === undefined) return false;
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Its own address as a link from elsewhere may have it, which says nothing of what was done. */
export function toOwnTarget({ path, query }: Pick<Arrival, 'path' | 'query'>): string {
  const asked = new URLSearchParams(query);
  for (const name of ALWAYS) asked.delete(name);
  return toNext(asked.size === 0 ? `${PREFIX}${path}` : `${PREFIX}${path}?${asked}`);
}

/**
 * Whether a page of another site has the browser ask. It shows its certificate for any page, and its cookie for
 * none: so nothing is looked up for such a request, and whoever followed a link comes on from a page of ours.
 */
export function isFromElsewhere({ headers }: Pick<Arrival, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

const unexpected = (): AdminRefusal =>
  new AdminRefusal(
    'invalid_request',
    'The address or the form says something that this page does not know. A token never stands in an address: it would be in logs.',
  );

/** What every page may be told, beside its own: what was done before. */
const ALWAYS = ['done', 'count'] as const;

/** Throws for a name that is not one of these, or is there twice. */
export function readGiven(query: URLSearchParams, names: readonly string[]): Given {
  const known: ReadonlySet<string> = new Set([...names, ...ALWAYS]);
  const given: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!known.has(name) || Object.hasOwn(given, name)) throw unexpected();
    given[name] = value;
  }
  return given;
}

/** The fields of a form; throws for what is none. */
export async function readFields(
  { request, headers }: Arrival,
  names: readonly string[],
): Promise<Given> {
  checkFormHeaders({ request, headers });
  const params = await readForm({ request, headers });
  const given: Record<string, string> = {};
  for (const [name, values] of params) {
    if (!names.includes(name) || values.length !== 1) throw unexpected();
    given[name] = values[0] ?? '';
  }
  return given;
}
