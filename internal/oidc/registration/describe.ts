// The client information response (RFC 7591 §3.2.1, RFC 7592 §3): everything as it counts, and secrets
// only in the answer that made them.

import type { Deps } from '../deps.ts';
import type { JsonResponse } from '../endpoint.ts';
import { endpointUrl } from '../paths.ts';
import type { RegisteredClient } from './record.ts';

/** What was made for this answer, and can never be told again. */
export type Shown = {
  readonly secret: string | undefined;
  readonly registrationToken: string | undefined;
};

export function describeClient(
  status: 200 | 201,
  clientId: string,
  client: RegisteredClient,
  { secret, registrationToken }: Shown,
  { bases }: Pick<Deps, 'bases'>,
): JsonResponse {
  const { metadata, statement, issuedAt, expiresAt } = client;
  return {
    kind: 'json',
    status,
    body: {
      client_id: clientId,
      client_id_issued_at: issuedAt,
      client_secret: secret,
      // Required wherever a secret is; 0: never (RFC 7591 §3.2.1).
      client_secret_expires_at: client.secret === undefined ? undefined : (expiresAt ?? 0),
      registration_access_token: registrationToken,
      registration_client_uri: `${endpointUrl(bases, 'registration_endpoint')}/${clientId}`,
      ...metadata,
      software_statement: statement?.text,
    },
  };
}
