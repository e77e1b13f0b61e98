import type { ClientCertificate } from '../../protocol/client-certificate.ts';
import { invalidClient } from '../../protocol/errors.ts';
import { findCertificateProblem } from '../certificate-confirmation.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';

/** Throws `invalid_client` where there is no certificate, or none that lives. */
export function requireCertificate(
  { certificate }: ProtocolRequest,
  { now }: Pick<Deps, 'now'>,
): ClientCertificate {
  const reason = findCertificateProblem(certificate, now());
  if (certificate !== undefined && reason === undefined) return certificate;
  throw invalidClient({ reason: reason ?? 'certificate_missing' });
}
