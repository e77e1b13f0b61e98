// X.509 certificates of clients (RFC 5280), as far as RFC 8705 has any use for them.

import { hash, type X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import { type Element, openElement, readElements, readOid, TAGS } from './der.ts';
import { readSans, readSubject } from './names.ts';

/** Undefined for a certificate that OpenSSL reads and we do not. */
export function readCertificate(
  certificate: X509Certificate,
  isVerified: boolean,
): ClientCertificate | undefined {
  try {
    const { raw, publicKey } = certificate;
    const key = publicKey.export({ type: 'spki', format: 'der' });
    return {
      thumbprint: hash('sha256', raw, 'base64url'),
      keyThumbprint: hash('sha256', key, 'base64url'),
      ...readNames(raw),
      isVerified,
      ...readValidity(certificate),
    };
  } catch {
    return undefined;
  }
}

/** Seconds since 1970. */
export const readValidity = ({ validFrom, validTo }: X509Certificate) => ({
  notBefore: Date.parse(validFrom) / 1000,
  notAfter: Date.parse(validTo) / 1000,
});

/** Of the fields of a TBSCertificate (RFC 5280 §4.1); the version before them may be left out. */
const SUBJECT = 4;
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const SUBJECT_ALT_NAME = '2.5.29.17';

function readNames(raw: Buffer): Pick<ClientCertificate, 'subjectDn' | 'sans'> {
  const certificate = openElement(readElements(raw), 0, TAGS.sequence);
  const fields = openElement(certificate, 0, TAGS.sequence);
  const first = fields[0]?.tag === VERSION_TAG ? 1 : 0;
  return {
    subjectDn: readSubject(openElement(fields, first + SUBJECT, TAGS.sequence)),
    sans: readSans(findExtension(fields, SUBJECT_ALT_NAME)),
  };
}

function findExtension(fields: readonly Element[], wanted: string): Buffer | undefined {
  const index = fields.findIndex(({ tag }) => tag === EXTENSIONS_TAG);
  if (index < 0) return undefined;
  const extensions = openElement(openElement(fields, index, EXTENSIONS_TAG), 0, TAGS.sequence);
  for (const [place] of extensions.entries()) {
    const [oid, ...rest] = openElement(extensions, place, TAGS.sequence);
    if (oid !== undefined && readOid(oid) === wanted) return rest.at(-1)?.content;
  }
  return undefined;
}
