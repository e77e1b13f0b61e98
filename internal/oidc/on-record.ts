// Refusals that no endpoint puts on record itself: once each, whoever else they meet on their way out.

import { OAuthError } from '../protocol/errors.ts';
import type { ClientId } from '../protocol/ids.ts';
import { claimedClient } from './claimed-client.ts';
import type { Deps } from './deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from './endpoint.ts';

/** How far a request got. */
export type Attempted = { clientId: ClientId | undefined };

/**
 * Of what clients ask for while no End-User is there, `/par` and `/device_authorization`.
 *
 * @param ask says in `attempted` who asks, once that is proven.
 */
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
          claimedClientId: claimedClient(error),
          subject: undefined,
          error: error.code,
          reason: error.reason,
          requestId: request.requestId,
        });
      }
      throw error;
    }
  };

/** Thrown on to the page that shows them. */
const recorded = new WeakSet<OAuthError>();

/** Says that a refusal is on record already. */
export const markRecorded = (error: OAuthError): void => void recorded.add(error);

/** Of what people's browsers ask for. */
export const pageOnRecord =
  (
    type: 'authorization.refused' | 'sign_out.refused' | 'review.refused',
    endpoint: Endpoint,
    { audit }: Pick<Deps, 'audit'>,
  ): Endpoint =>
  (request) =>
    endpoint(request).catch((error: unknown) => {
      if (error instanceof OAuthError && !recorded.has(error)) {
        const { requestId, identity } = request;
        const facts = { subject: identity?.subject, error: error.code, reason: error.reason };
        if (type === 'authorization.refused') {
          audit({ type, clientId: undefined, ...facts, requestId });
        } else audit({ type, ...facts, requestId });
      }
      throw error;
    });

/** Of what clients ask about tokens, and about themselves. */
export const clientOnRecord =
  (
    type: 'introspection.refused' | 'revocation.refused' | 'registration.refused',
    endpoint: (request: ProtocolRequest, attempted: Attempted) => Promise<ProtocolResponse>,
    { audit }: Pick<Deps, 'audit'>,
  ): Endpoint =>
  async (request) => {
    const attempted: Attempted = { clientId: undefined };
    try {
      return await endpoint(request, attempted);
    } catch (error) {
      if (error instanceof OAuthError) {
        const { clientId } = attempted;
        const claimedClientId = claimedClient(error);
        const { code, reason } = error;
        audit({
          ...{ type, clientId, claimedClientId, error: code, reason },
          requestId: request.requestId,
        });
      }
      throw error;
    }
  };
