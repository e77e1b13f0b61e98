import type { PublicJwk } from '../keys/keys.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Deps } from './deps.ts';
import type { Endpoint } from './endpoint.ts';
import { rememberLast } from './remember-last.ts';

/** The public keys, next, current and retired (RFC 7517 §5). */
export const createJwksEndpoint = ({ keys, policy }: Deps): Endpoint => {
  const toDocument = rememberLast((published: readonly PublicJwk[]) => {
    // Relying parties would keep an empty set, and refuse every token until it expires.
    if (published.length === 0) throw new Unavailable('keys', 'publicKeys');
    return { keys: published };
  });
  return async () => ({
    kind: 'json',
    status: 200,
    body: toDocument(keys.publicKeys()),
    maxAge: policy().metadataMaxAge,
  });
};
