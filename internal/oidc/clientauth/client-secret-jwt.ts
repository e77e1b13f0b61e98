import { createOwnAssertion } from './own-assertion.ts';
import { matchesMac } from './secrets.ts';

/** An assertion signed with the secret, which itself never travels (OIDC Core §9). */
export const clientSecretJwt = createOwnAssertion('client_secret_jwt', async (jwt, client) =>
  matchesMac(client.secrets, jwt) ? jwt.claims : undefined,
);
