// Access tokens that are of use with one certificate only (RFC 8705 §3): a token that leaks from a log,
// a resource server or a client's cache is of use to nobody who cannot also show the certificate.

import type { Client } from '../protocol/client.ts';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import type { Confirmation } from '../protocol/confirmation.ts';
import { invalidRequest, invalidToken } from '../protocol/errors.ts';
import type { Deps } from './deps.ts';
import type { ProtocolRequest } from './endpoint.ts';

/** Why a certificate does not count at this moment; undefined when it does. */
export function findCertificateProblem(
  certificate: ClientCertificate | undefined,
  now: number,
): 'certificate_missing' | 'certificate_expired' | undefined {
  if (certificate === undefined) return 'certificate_missing';
  const { notBefore, notAfter } = certificate;
  return notBefore <= now && now <= notAfter ? undefined : 'certificate_expired';
}

/**
 * What the tokens of a client that asked for it are bound to. Without a certificate it gets none at all
 * (RFC 8705 §3.4 leaves that open): a token for anybody is what it registered not to want.
 */
export function proveCertificate(
  { certificate }: ProtocolRequest,
  client: Client,
  { now }: Pick<Deps, 'now'>,
): Confirmation | undefined {
  if (!client.certificateBoundAccessTokens) return undefined;
  const reason = findCertificateProblem(certificate, now());
  if (certificate !== undefined && reason === undefined) {
    return { 'x5t#S256': certificate.thumbprint };
  }
  throw invalidRequest({
    description: 'this client has to show its certificate',
    reason: reason ?? 'certificate_missing',
  });
}

/** Throws `invalid_token` unless the request shows the certificate that the token is bound to (§3). */
export function checkCertificate(
  confirmation: Confirmation | undefined,
  { certificate }: ProtocolRequest,
): void {
  if (confirmation === undefined || !('x5t#S256' in confirmation)) return;
  if (certificate?.thumbprint !== confirmation['x5t#S256']) {
    throw invalidToken({ reason: 'certificate_mismatch' });
  }
}
