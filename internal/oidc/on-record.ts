// What clients ask for while no End-User is there, `/par` and `/device_authorization`: each refusal is put
// on record, with the client as far as it had been proven.

import { OAuthError } from '../protocol/errors.ts';
import type { ClientId } from '../protocol/ids.ts';
import type { Deps } from './deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from './endpoint.ts';

/** How far a request got. */
export type Attempted = { clientId: ClientId | undefined };

/** @param ask says in `attempted` who asks, once that is proven. */
export const onRecord =
  (
    ask: (request: ProtocolRequest, attempted: Attempted, deps: Deps) => Promise<ProtocolResponse>,
    deps: Deps,
  ): Endpoint =>
  async (request) => {
    const attempted: Attempted = { clientId: undefined };
    try {
      return await ask(request, attempted, deps);
    } catch (error) {
      if (error instanceof OAuthError) {
        deps.audit({
          type: 'authorization.refused',
          clientId: attempted.clientId,
          subject: undefined,
          error: error.code,
          reason: error.reason,
          requestId: request.requestId,
        });
      }
      throw error;
    }
  };
