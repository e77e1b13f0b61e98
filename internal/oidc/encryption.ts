// What one client is told so that nobody on the way can read it: signed first, then encrypted for it.

import type { Encrypter } from '../jwks/jwks.ts';
import type { Client } from '../protocol/client.ts';
import type { Encryption } from '../protocol/client-tokens.ts';
import { invalidRequest } from '../protocol/errors.ts';
import type { Deps } from './deps.ts';

/**
 * Undefined where it is not to be encrypted. Throws `Unavailable` when the client's keys cannot be had,
 * and `invalid_request` when none of them fits: it is never told in the clear instead.
 */
export async function findEncrypter(
  { keys }: Pick<Client, 'keys'>,
  encryption: Encryption | undefined,
  { foreignKeys }: Pick<Deps, 'foreignKeys'>,
): Promise<Encrypter | undefined> {
  if (encryption === undefined) return undefined;
  const found = keys && (await foreignKeys.encrypter(keys, encryption));
  if (found === undefined) {
    throw invalidRequest({
      description: 'the client has no key that this could be encrypted with',
      reason: 'client_key_missing',
    });
  }
  return found;
}
