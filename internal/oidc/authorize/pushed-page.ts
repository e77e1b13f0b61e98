// A page that asks about a pushed request. The request has a record already, and is answered once: the
// page's handle is that record's, sealed together with who is asked and what.

import type { PendingRequest } from '../../store/store.ts';
import type { Deps } from '../deps.ts';
import type { Handle } from '../handle.ts';

const PREFIX = 'pp_';
const PURPOSE = 'page of a pushed request';

/** What is put aside with it. */
type Facts = Pick<PendingRequest, 'subject' | 'scope' | 'journey' | 'parkedAt'>;

export type PushedPage = { readonly handle: Handle; readonly facts: Facts };

export const printPushedPage = (
  { id, hash }: Handle,
  facts: Facts,
  { keys }: Pick<Deps, 'keys'>,
): string => PREFIX + keys.seal(PURPOSE, JSON.stringify({ handle: { id, hash }, facts }));

/** Undefined for every text that was not printed here. */
export function openPushedPage(text: string, { keys }: Pick<Deps, 'keys'>): PushedPage | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const json = keys.unseal(PURPOSE, text.slice(PREFIX.length));
  // Sealed here: nobody else could have written it.
  return json === undefined ? undefined : (JSON.parse(json) as PushedPage);
}
