// The address that somebody comes back to when they have chosen: one of ours, or none. Whatever stands
// behind `rd` was written by whoever made the link.

import { invalidRequest } from '../protocol/errors.ts';
import { type Params, parseParams, readParam } from '../protocol/params.ts';

export type WayBack = {
  readonly address: string;
  /** Its parameters; empty for one that is no authorization request. */
  readonly params: Params;
  readonly isRequest: boolean;
};

export type OwnAddresses = {
  /** What every address of ours begins with for browsers, without a slash at its end. */
  readonly base: string;
  readonly authorize: string;
};

/** Undefined where nobody waits; throws on an address that is not ours. */
export function readWayBack(params: Params, own: OwnAddresses): WayBack | undefined {
  const address = readParam(params, 'rd');
  if (address === undefined) return undefined;
  // The slash ends the host: nothing behind it can make it another one.
  if (!address.startsWith(`${own.base}/`) || !/^[\x21-\x7e]+$/.test(address)) {
    throw invalidRequest({
      description: 'the way back leads somewhere else',
      reason: 'way_back_foreign',
    });
  }
  const isRequest = address.startsWith(`${own.authorize}?`);
  const query = isRequest ? address.slice(own.authorize.length + 1) : '';
  return { address, params: parseParams(query), isRequest };
}
