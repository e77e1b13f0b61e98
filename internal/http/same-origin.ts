// Forms of our own pages. The handle in them is the proof that the page was shown; this keeps other
// sites from even trying.

import { crossSite } from './errors.ts';
import type { Exchange } from './exchange.ts';

/** Throws when the browser says that the form came from another site; older ones say nothing. */
export function checkSameOrigin(
  { headers }: Pick<Exchange, 'headers'>,
  origins: ReadonlySet<string>,
): void {
  const origin = headers['origin'];
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && !origins.has(origin)) throw crossSite();
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw crossSite();
}
