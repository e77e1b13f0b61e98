import type { ClientCertificate } from '../../protocol/client-certificate.ts';
import type { CertificateName } from '../../protocol/client-tls.ts';
import { invalidClient } from '../../protocol/errors.ts';
import { requireCertificate } from '../certificates/client-certificate.ts';
import type { ClientAuthMethod } from './method.ts';

/** A certificate that a CA for clients issued to the one name registered (RFC 8705 §2.1). */
export const tlsClientAuth: ClientAuthMethod = {
  name: 'tls_client_auth',
  takes: 'identifier',
  isOn: (_, { clientCertificates }) => clientCertificates === 'verified',
  verify: async (client, _credentials, request, deps) => {
    const certificate = requireCertificate(request, deps, invalidClient);
    // Anybody can write any name into a certificate that they sign themselves.
    if (!certificate.isVerified) throw invalidClient({ reason: 'certificate_unverified' });
    if (!isNamed(certificate, client.certificateName)) {
      throw invalidClient({ reason: 'certificate_mismatch' });
    }
    return true;
  },
};

/** Exact: a wildcard in a certificate matches only itself. */
function isNamed(
  { subjectDn, sans }: ClientCertificate,
  registered: CertificateName | undefined,
): boolean {
  if (registered === undefined) return false;
  const { type, value } = registered;
  return type === 'subject_dn' ? subjectDn === value : sans[type].includes(value);
}
