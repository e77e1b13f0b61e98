// A refusal that is sent to the client: on record first.

import type { Client } from '../../protocol/client.ts';
import { OAuthError, Unavailable } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { markRecorded } from '../on-record.ts';
import { respondError } from './respond.ts';
import type { ResponseTarget } from './response.ts';

export type Refused = {
  readonly target: ResponseTarget;
  readonly subject: Subject | undefined;
  readonly http: Pick<ProtocolRequest, 'requestId'>;
};

/** Throws what is no refusal. */
export async function refuse(
  error: unknown,
  { target, subject, http }: Refused,
  deps: Deps,
): Promise<ProtocolResponse> {
  const refusal = toRefusal(error);
  if (error instanceof Unavailable) deps.onUnavailable?.(error, http.requestId);
  deps.audit({
    type: 'authorization.refused',
    clientId: target.client.clientId,
    subject,
    error: refusal.code,
    reason: refusal.reason,
    requestId: http.requestId,
  });
  if (isBait(target.client, subject, refusal)) {
    markRecorded(refusal);
    throw refusal;
  }
  return respondError(target, refusal, deps);
}

/** What only a silent request is told, or a person who was asked here. */
const NO_BAIT: ReadonlySet<string> = new Set([
  'login_required',
  'interaction_required',
  'access_denied',
]);

/**
 * Whoever registered a client could make links to us that end at a site of theirs (RFC 9700 §4.11.2):
 * by a request that is wrong, nobody is sent there before somebody is signed in.
 */
const isBait = (
  { registered }: Client,
  subject: Subject | undefined,
  { code }: OAuthError,
): boolean => registered && subject === undefined && !NO_BAIT.has(code);

// A store that is down must not look like a refusal; a bug must not look like anything but a bug.
function toRefusal(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (!(error instanceof Unavailable)) throw error;
  return new OAuthError('temporarily_unavailable', 'please try again in a moment', {
    reason: `${error.dependency}_unavailable`,
    cause: error,
  });
}
