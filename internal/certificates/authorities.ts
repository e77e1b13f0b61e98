// Whether a CA that the operator named for clients vouches for a certificate, where no TLS of ours has
// decided that. One step only: the file has the CA that signs clients' certificates, an intermediate
// one included. Names that a CA may not speak for, and revocation, are not looked at here.

import { X509Certificate } from 'node:crypto';
import { readValidity } from './certificate.ts';

/** Seconds since 1970 between which the CA vouches; undefined where none does. */
export type Vouch = (
  certificate: X509Certificate,
) => { readonly notBefore: number; readonly notAfter: number } | undefined;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Throws when the text holds no certificate, or one that is no CA. @param pem one or more. */
export function createVouch(pem: string): Vouch {
  const authorities = splitPem(pem).map((text) => new X509Certificate(text));
  if (authorities.length === 0) throw new Error('has no certificate in it');
  if (authorities.some(({ ca }) => !ca)) throw new Error('has a certificate in it that is no CA');
  return (certificate) => {
    // RFC 5280 §4.2.1.12: one for servers alone was not given to a client.
    const { keyUsage: uses } = certificate;
    if (uses !== undefined && !uses.includes(CLIENT_AUTH)) return undefined;
    const issuer = authorities.find(
      (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
    );
    return issuer && readValidity(issuer);
  };
}

const splitPem = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
