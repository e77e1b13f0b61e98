import type { Deps } from './deps.ts';
import type { Endpoint } from './endpoint.ts';

/** The public keys, next, current and retired (RFC 7517 §5). Throws when there is none yet. */
export const createJwksEndpoint =
  ({ keys, policy }: Deps): Endpoint =>
  async () => ({
    kind: 'json',
    status: 200,
    body: { keys: keys.publicKeys() },
    maxAge: policy().metadataMaxAge,
  });
