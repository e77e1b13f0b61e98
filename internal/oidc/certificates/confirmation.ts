// Access tokens that are of use with one certificate only (RFC 8705 §3): a token that leaks from a log,
// a resource server or a client's cache is of use to nobody who cannot also show the certificate.

import type { Client } from '../../protocol/client.ts';
import type { Confirmation } from '../../protocol/confirmation.ts';
import { invalidRequest, invalidToken } from '../../protocol/errors.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import { requireCertificate } from './client-certificate.ts';

/**
 * What the tokens of a client that asked for it are bound to. Without a certificate it gets none at all
 * (RFC 8705 §3.4 leaves that open): a token for anybody is what it registered not to want.
 */
export function proveCertificate(
  request: ProtocolRequest,
  client: Client,
  deps: Pick<Deps, 'now'>,
): Confirmation | undefined {
  if (!client.certificateBoundAccessTokens) return undefined;
  const certificate = requireCertificate(request, deps, (options) =>
    invalidRequest({ ...options, description: 'this client has to show its certificate' }),
  );
  return { 'x5t#S256': certificate.thumbprint };
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
