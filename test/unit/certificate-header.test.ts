import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type CertificateHeaderOptions,
  createCertificateHeader,
} from '../../internal/certificates/header.ts';
import { createSelfSigned } from '../support/certificates.ts';

const { cert } = createSelfSigned();
const value = `:${new X509Certificate(cert).raw.toString('base64')}:`;
const peer = { address: '10.0.0.5', unixSocket: false, certificate: undefined };

const read = (verification: CertificateHeaderOptions['verification']) => {
  const header = createCertificateHeader({
    header: 'Client-Cert',
    format: 'rfc9440',
    trust: { peers: ['10.0.0.5/32'] },
    verification,
  });
  const reading = header({ rawHeaders: ['Client-Cert', value], peer });
  if (reading.kind !== 'read') throw new Error(reading.kind);
  return reading.certificate;
};

describe('who vouches for a certificate in a header (CA-13)', () => {
  it('is nobody where nobody verifies', () => {
    expect(read(undefined).isVerified).toBe(false);
    expect(read('proxy').isVerified).toBe(true);
    expect(read(() => undefined).isVerified).toBe(false);
  });

  it('vouches for no longer than the CA lives, and no earlier', () => {
    const own = read(undefined);
    const within = { notBefore: own.notBefore + 60, notAfter: own.notAfter - 60 };
    const around = { notBefore: own.notBefore - 60, notAfter: own.notAfter + 60 };

    expect(read(() => within)).toEqual({ ...own, isVerified: true, ...within });
    expect(read(() => around)).toEqual({ ...own, isVerified: true });
  });
});
