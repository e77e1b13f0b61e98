// Whether the certificate that a request shows counts at this moment; whose it is, others decide.

import type { ClientCertificate } from '../../protocol/client-certificate.ts';
import type { OAuthError, OAuthErrorOptions } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';

type Doubt = 'certificate_missing' | 'certificate_expired';

/** Throws `refusal` where there is no certificate, or none that lives. */
export function requireCertificate(
  { certificate }: Pick<ProtocolRequest, 'certificate'>,
  { now }: Pick<Deps, 'now'>,
  refusal: (options: OAuthErrorOptions) => OAuthError,
): ClientCertificate {
  const refuse = (reason: Doubt) => refusal({ reason });
  if (certificate === undefined) throw refuse('certificate_missing');
  const { notBefore, notAfter } = certificate;
  // So that a time that could not be read is none.
  if (!(notBefore <= now() && now() <= notAfter)) throw refuse('certificate_expired');
  return certificate;
}
