// Who may ask the operator's listener for more than its health: programs of the operator, and no page
// that a browser of theirs happens to show.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { readHeaders } from '../exchange.ts';

/** Said by every request that changes something; no form and no `no-cors` fetch can say it. */
const ADMIN_HEADER = 'x-asteroid-admin';

type Fields = ReturnType<typeof readHeaders>;

/** A page cannot have sent it unasked: the browser would have had to ask first, and nobody says yes. */
export const hasAdminHeader = ({ headers }: Pick<Fields, 'headers'>): boolean =>
  headers[ADMIN_HEADER] === '1';

/** Why a request may come from a page; undefined where none can have sent it. */
export type Suspicion = {
  readonly status: number;
  readonly error: 'host_foreign' | 'cross_site';
};

/**
 * A page whose name was pointed at this address is of the same origin, and may send any header (DNS
 * rebinding): so only an address or `localhost` counts as a Host, for these have no name to point.
 *
 * @param ownNames further ones, for whoever asks for a secret as well.
 */
export function suspectPage(
  { headers, repeatedHeaders }: Fields,
  ownNames: readonly string[] = [],
): Suspicion | undefined {
  if (!isOwnHost(headers['host'], ownNames)) return { status: 421, error: 'host_foreign' };
  if (headers['origin'] !== undefined || repeatedHeaders.includes('origin')) {
    return { status: 403, error: 'cross_site' };
  }
  return undefined;
}

/** Whether nobody else can have pointed this name here. */
export const isOwnHost = (host = '', ownNames: readonly string[] = []): boolean =>
  isNobodysName(host) || ownNames.includes(nameOf(host));

/** For operations that ask for no secret. */
export const operatorsOnly: RequestHandler = (request, response, next) => {
  const fields = readHeaders(request.rawHeaders);
  const refuse = (status: number, error: string): void => {
    response.status(status).json({ error });
  };
  const suspicion = suspectPage(fields);
  if (suspicion !== undefined) refuse(suspicion.status, suspicion.error);
  else if (request.method !== 'GET' && !hasAdminHeader(fields)) refuse(403, 'admin_header');
  else next();
};

const nameOf = (host: string): string => host.replace(/:\d{1,5}$/, '').toLowerCase();

function isNobodysName(host: string): boolean {
  const name = nameOf(host);
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
