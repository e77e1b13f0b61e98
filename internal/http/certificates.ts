// The certificate that the client of a request has proven to hold: by TLS of our own, or because a
// proven proxy says so. One listener knows one of the two ways, so that neither can speak for the other.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Audit } from '../audit/events.ts';
import { readCertificate } from '../certificates/certificate.ts';
import type { CertificateHeader } from '../certificates/header.ts';
import type { ClientCertificate } from '../protocol/client-certificate.ts';
import type { Peer } from '../upstream/upstream.ts';
import { certificateRefused } from './errors.ts';
import type { Exchange } from './exchange.ts';

/** What may arrive; each absent unless it is configured. */
export type CertificateSources = {
  /** What a proxy passes on, at every listener but that of certificates. */
  readonly header?: CertificateHeader | undefined;
  /** The same header where nobody may send it. */
  readonly strayHeader?: CertificateHeader | undefined;
  /** The listener of certificates has a CA for clients: then what TLS verified is verified. */
  readonly verifiesChains: boolean;
};

/** Throws when a certificate is claimed that does not count; undefined: there is none. */
export type FindCertificate = (exchange: Exchange) => ClientCertificate | undefined;

export type CertificateDeps = {
  readonly peerOf: (request: IncomingMessage) => Peer;
  /** The CA that vouched for what this connection showed is trusted no more. */
  readonly isDisowned: (socket: Socket) => boolean;
  readonly audit: Audit;
};

/** At every listener but that of certificates. Undefined where none can arrive. */
export const createHeaderCertificates = (
  { header }: CertificateSources,
  deps: CertificateDeps,
): FindCertificate | undefined => header && ((exchange) => readHeader(header, exchange, deps));

/** At the listener of certificates. */
export function createTlsCertificates(
  { verifiesChains, strayHeader }: CertificateSources,
  deps: CertificateDeps,
): FindCertificate {
  const known = new WeakMap<Socket, { readonly certificate: ClientCertificate | undefined }>();
  return (exchange) => {
    if (strayHeader !== undefined) readHeader(strayHeader, exchange, deps);
    const { socket } = exchange.request;
    const isVerified = verifiesChains && !deps.isDisowned(socket);
    const kept = known.get(socket) ?? { certificate: readSocket(socket, isVerified) };
    known.set(socket, kept);
    return kept.certificate;
  };
}

function readSocket(socket: Socket, verifiesChains: boolean): ClientCertificate | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined || !(socket instanceof TLSSocket)) return undefined;
  // Without a CA of ours, Node would ask those that the whole web trusts.
  return readCertificate(certificate, verifiesChains && socket.authorized);
}

function readHeader(
  header: CertificateHeader,
  { request, requestId }: Exchange,
  { peerOf, audit }: CertificateDeps,
): ClientCertificate | undefined {
  const peer = peerOf(request);
  const reading = header({ rawHeaders: request.rawHeaders, peer });
  switch (reading.kind) {
    case 'absent':
      return undefined;
    case 'read':
      return reading.certificate;
    case 'refused': {
      const { status, reason } = reading;
      audit({ type: 'certificate.refused', reason, peer: peer.address, requestId });
      throw certificateRefused(status, reason);
    }
    default:
      return reading satisfies never;
  }
}
