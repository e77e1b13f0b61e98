import { createOwnAssertion } from './own-assertion.ts';

/** An assertion signed with a key that only the client has (OIDC Core §9). */
export const privateKeyJwt = createOwnAssertion(
  'private_key_jwt',
  async (jwt, { keys }, algorithms, { foreignKeys }) =>
    keys === undefined ? undefined : foreignKeys.verify(jwt, keys, algorithms),
);
