// What the page says that the browser is sent back to after a button was pressed. It travels in the address,
// which anybody could write: sealed, so that nobody is told that something was ended which was not.

import { toClientId } from '../../protocol/ids.ts';
import { type Params, readParam } from '../../protocol/params.ts';
import { MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import type { ReviewNotice } from '../endpoint.ts';
import type { Target } from './target.ts';

/** The parameter. */
export const DONE = 'done';

/** It has been read by then. */
const NOTICE_TTL = 5 * MINUTE;

const purposeOf = ({ issuer }: Pick<Deps, 'issuer'>): string => `reviewed ${issuer}`;

type Sealed = readonly [subject: string, at: number, kind: string, clientId: string | null];

export function sealNotice(subject: string, target: Target, deps: Deps): string {
  const clientId = target.kind === 'everything' ? null : target.clientId;
  const sealed: Sealed = [subject, deps.now(), target.kind, clientId];
  return deps.keys.seal(purposeOf(deps), JSON.stringify(sealed));
}

/** Undefined for what was not sealed here, or for somebody else, or long ago. */
export async function findNotice(
  params: Params,
  reader: string,
  deps: Deps,
): Promise<ReviewNotice | undefined> {
  const text = readParam(params, DONE);
  const json = text === undefined ? undefined : deps.keys.unseal(purposeOf(deps), text);
  if (json === undefined) return undefined;
  // Our own key authenticates that it is what `sealNotice` was given.
  const [subject, at, kind, clientId] = JSON.parse(json) as Sealed;
  if (subject !== reader || deps.now() - at >= NOTICE_TTL) return undefined;
  if (clientId === null) return { kind: 'everything' };
  const client = await deps.findClient(toClientId(clientId));
  const clientName = client?.clientName ?? clientId;
  return { kind: kind === 'application' ? kind : 'sign_in', clientName };
}
