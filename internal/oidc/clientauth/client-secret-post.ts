import type { ClientAuthMethod } from './method.ts';
import { matchesSecret } from './secrets.ts';

/** The secret in the form (RFC 6749 §2.3.1). */
export const clientSecretPost: ClientAuthMethod = {
  name: 'client_secret_post',
  takes: 'post',
  verify: (client, credentials) =>
    credentials.kind === 'post' && matchesSecret(client.secrets, credentials.secret),
};
