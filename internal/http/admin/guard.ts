// Who may ask the operator's listener for more than its health: programs of the operator, and no page
// that a browser of theirs happens to show.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { readHeaders } from '../exchange.ts';

/** Said by every request that changes something; no form and no `no-cors` fetch can say it. */
const ADMIN_HEADER = 'x-asteroid-admin';

/**
 * A page whose name was pointed at this address is of the same origin, and may send any header (DNS
 * rebinding): so only an address or `localhost` counts as a Host, for these have no name to point.
 */
export const operatorsOnly: RequestHandler = (request, response, next) => {
  const { headers } = readHeaders(request.rawHeaders);
  const refuse = (status: number, error: string): void => {
    response.status(status).json({ error });
  };
  if (!isNobodysName(headers['host'] ?? '')) refuse(421, 'host_foreign');
  else if (headers['origin'] !== undefined) refuse(403, 'cross_site');
  else if (request.method !== 'GET' && headers[ADMIN_HEADER] !== '1') refuse(403, 'admin_header');
  else next();
};

function isNobodysName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
