// The certificate that a proxy saw and passes on in a header. Whoever may send that header may be any
// client, so it counts from a proven proxy only, and is refused from everybody else: a proxy that lets
// clients send it is to be noticed.

import { X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import type { TrustOptions } from '../upstream/options.ts';
import { createScan } from '../upstream/scan.ts';
import { createProof } from '../upstream/trust.ts';
import type { Peer, UpstreamRequest } from '../upstream/upstream.ts';
import type { Vouch } from './authorities.ts';
import { readCertificate } from './certificate.ts';
import { CERTIFICATE_FORMATS, type CertificateFormat } from './formats.ts';

export type CertificateHeaderOptions = {
  readonly header: string;
  readonly format: CertificateFormat;
  /** What has to pass; undefined: nobody may send it here. */
  readonly trust: TrustOptions | undefined;
  /** Who decides about chains: the proxy has, we do, or nobody. */
  readonly verification: 'proxy' | Vouch | undefined;
};

type HeaderReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'read'; readonly certificate: ClientCertificate }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 403;
      /** A lower_snake word of docs/errors.md. */
      readonly reason: string;
    };

export type CertificateHeader = (request: UpstreamRequest) => HeaderReading;

const ABSENT = { kind: 'absent' } as const;
/** Certificates that are kept read; a client sends the same one every time. */
const MAX_KEPT = 1000;

export function createCertificateHeader(options: CertificateHeaderOptions): CertificateHeader {
  const { header, trust } = options;
  const name = header.toLowerCase();
  const secretName = trust?.secret?.header ?? '';
  const scan = createScan([header, secretName].filter(Boolean), 'reject');
  const prove = trust && createProof(trust);
  const read = createRead(options);
  const judge = (peer: Peer, lines: readonly string[], secretLines: readonly string[]) => {
    if (prove === undefined || prove(peer, secretLines) !== undefined) return UNTRUSTED;
    return lines.length > 1 ? refuse('duplicate_header') : read(lines[0] ?? '');
  };
  return ({ rawHeaders, peer }) => {
    const { alias, hopByHop, lines } = scan(rawHeaders);
    if (alias !== undefined) return refuse('header_alias');
    if (hopByHop !== undefined) return refuse('hop_by_hop');
    const own = lines.get(name) ?? [];
    // Empty is what a proxy sends of a client without a certificate.
    if (own.length === 0 || (own.length === 1 && own[0] === '')) return ABSENT;
    return judge(peer, own, lines.get(secretName.toLowerCase()) ?? []);
  };
}

const refuse = (reason: string): HeaderReading => ({ kind: 'refused', status: 400, reason });
const UNTRUSTED = {
  kind: 'refused',
  status: 403,
  reason: 'certificate_header_untrusted',
} as const;

function createRead({ format, verification }: CertificateHeaderOptions) {
  const decode = CERTIFICATE_FORMATS[format];
  const kept = new Map<string, HeaderReading>();
  return (value: string): HeaderReading => {
    const known = kept.get(value);
    if (known !== undefined) return known;
    const der = decode(value);
    const certificate = der && parse(der, verification);
    if (certificate === undefined) return refuse('certificate_malformed');
    const reading = { kind: 'read', certificate } as const;
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(value, reading);
    return reading;
  };
}

type Verification = CertificateHeaderOptions['verification'];

function parse(der: Buffer, verification: Verification): ClientCertificate | undefined {
  try {
    const x509 = new X509Certificate(der);
    if (typeof verification !== 'function') return readCertificate(x509, verification === 'proxy');
    const vouched = verification(x509);
    const certificate = readCertificate(x509, vouched !== undefined);
    if (certificate === undefined || vouched === undefined) return certificate;
    // A chain lives no longer than its shortest-lived link, and what is kept read must not outlive it.
    return {
      ...certificate,
      notBefore: Math.max(certificate.notBefore, vouched.notBefore),
      notAfter: Math.min(certificate.notAfter, vouched.notAfter),
    };
  } catch {
    return undefined;
  }
}
