import { createPublicKey, hash } from 'node:crypto';
import type { ClientCertificate } from '../../protocol/client-certificate.ts';
import { invalidClient } from '../../protocol/errors.ts';
import type { Members } from '../../protocol/jwt.ts';
import { requireCertificate } from '../certificates/client-certificate.ts';
import type { ClientAuthMethod } from './method.ts';

/** One of the certificates that the client itself registered; no CA is asked (RFC 8705 §2.2). */
export const selfSignedTlsClientAuth: ClientAuthMethod = {
  name: 'self_signed_tls_client_auth',
  takes: 'identifier',
  isOn: (_, { clientCertificates }) => clientCertificates !== 'none',
  verify: async ({ keys }, _credentials, request, deps) => {
    const certificate = requireCertificate(request, deps, invalidClient);
    const isRegistered =
      keys !== undefined &&
      (await deps.foreignKeys.has(keys, (key) => isCertificateOf(key, certificate)));
    if (!isRegistered) throw invalidClient({ reason: 'certificate_mismatch' });
    return true;
  },
};

/** The certificate in `x5c` and no other one of that key; without it, any certificate of the key. */
function isCertificateOf(key: Members, certificate: ClientCertificate): boolean {
  if (key['x5c'] === undefined) return keyThumbprint(key) === certificate.keyThumbprint;
  const [first] = Array.isArray(key['x5c']) ? key['x5c'] : [];
  return (
    typeof first === 'string' &&
    hash('sha256', Buffer.from(first, 'base64'), 'base64url') === certificate.thumbprint
  );
}

function keyThumbprint(key: Members): string | undefined {
  try {
    const spki = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' });
    return hash('sha256', spki, 'base64url');
  } catch {
    return undefined;
  }
}
