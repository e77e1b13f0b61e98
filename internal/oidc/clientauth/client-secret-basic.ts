import type { ClientAuthMethod } from './method.ts';
import { matchesSecret } from './secrets.ts';

/** The secret in the Authorization header (RFC 6749 §2.3.1). */
export const clientSecretBasic: ClientAuthMethod = {
  name: 'client_secret_basic',
  takes: 'basic',
  verify: (client, credentials) =>
    credentials.kind === 'basic' && matchesSecret(client.secrets, credentials.secret),
};
