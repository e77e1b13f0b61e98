// What is left of clients that deleted themselves: authorizations and consents that nobody can use any more, since
// no client of theirs is known. To find them is to look at everything there is, which whoever may register could
// ask for again and again: so it is done behind the answer, one client after another, and seldom.

import type { ClientId } from '../../protocol/ids.ts';
import type { Deps } from '../deps.ts';
import type { EndAll } from '../operate/authorizations.ts';

/** Clients that wait for it; of further ones everything ends at its own time. */
const MAX_WAITING = 100;

/** How much longer a process rests than it looked: it spends a tenth of its time on this at most. */
const REST = 9;

/** Ends, in a while, all that was granted to one. */
export type Clear = (clientId: ClientId, requestId: string) => void;

/** Never throws: what fails ends at its own time, and nobody can use it before. */
export function createClear(deps: Deps): Clear {
  const waiting: { readonly clientId: ClientId; readonly requestId: string }[] = [];
  let isAtIt = false;
  async function next(): Promise<void> {
    const one = waiting.shift();
    isAtIt = one !== undefined;
    if (one === undefined) return;
    const { clientId, requestId } = one;
    const since = performance.now();
    const all = { clientId, subject: undefined, isThorough: false };
    await end(all, requestId, deps).catch(() => {});
    setTimeout(() => void next(), (performance.now() - since) * REST).unref();
  }
  return (clientId, requestId) => {
    if (waiting.length >= MAX_WAITING) return;
    waiting.push({ clientId, requestId });
    if (!isAtIt) void next();
  };
}

/** Loaded with the first that is to end. */
async function end(all: EndAll, requestId: string, deps: Deps): Promise<void> {
  const { endAuthorizations } = await import('../operate/authorizations.ts');
  await endAuthorizations(all, { reason: 'client_deleted', requestId }, deps);
}
