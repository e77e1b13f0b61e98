import { OAuthError } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest, ProtocolResponse } from '../endpoint.ts';

/** Puts a refusal on record before it goes out. @param clientId whose entry it is about. */
export async function audited(
  { requestId }: ProtocolRequest,
  clientId: string | undefined,
  { audit }: Pick<Deps, 'audit'>,
  answer: () => Promise<ProtocolResponse>,
): Promise<ProtocolResponse> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof OAuthError) {
      const { code, reason } = error;
      audit({ type: 'registration.refused', clientId, error: code, reason, requestId });
    }
    throw error;
  }
}
