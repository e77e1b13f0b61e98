// A refusal that is sent to the client: on record first.

import { OAuthError, Unavailable } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
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
  deps.audit({
    type: 'authorization.refused',
    clientId: target.client.clientId,
    subject,
    error: refusal.code,
    reason: refusal.reason,
    requestId: http.requestId,
  });
  return respondError(target, refusal, deps);
}

// A store that is down must not look like a refusal; a bug must not look like anything but a bug.
function toRefusal(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (!(error instanceof Unavailable)) throw error;
  return new OAuthError('temporarily_unavailable', 'please try again in a moment', {
    reason: `${error.dependency}_unavailable`,
    cause: error,
  });
}
