// Certificates as the domain is told of them, made of real ones.

import { X509Certificate } from 'node:crypto';
import { readCertificate } from '../../internal/certificates/certificate.ts';
import type { ClientCertificate } from '../../internal/protocol/client-certificate.ts';
import { type CertificateOptions, createSelfSigned } from './certificates.ts';

/** Read from this PEM; alive at every time, unless a test says otherwise. */
export function toClientCertificate(
  pem: string,
  different: Partial<ClientCertificate> = {},
): ClientCertificate {
  const certificate = readCertificate(new X509Certificate(pem), false);
  if (certificate === undefined) throw new Error('no certificate');
  return { ...certificate, notBefore: 0, notAfter: Number.MAX_SAFE_INTEGER, ...different };
}

/** As if a CA for clients had issued it. */
export const verified = (options: CertificateOptions): ClientCertificate =>
  toClientCertificate(createSelfSigned(options).cert, { isVerified: true });

/** Whoever holds it says who they are, and nobody else does. */
export const unverified = (options: CertificateOptions = {}): ClientCertificate =>
  toClientCertificate(createSelfSigned(options).cert);

/** A JWK Set with this certificate in it, in whole or as its key alone (RFC 8705 §2.2.2). */
export function toJwks(pem: string, { whole }: { readonly whole: boolean }): string {
  const { raw, publicKey } = new X509Certificate(pem);
  const key = publicKey.export({ format: 'jwk' });
  return JSON.stringify({ keys: [whole ? { ...key, x5c: [raw.toString('base64')] } : key] });
}
