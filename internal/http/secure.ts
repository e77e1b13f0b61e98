// What secures the connections of a listener, and what becomes of those that are open when that changes:
// a certificate of a CA that is no longer trusted proves nothing from that moment on, however long its
// connection has been there.

import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  type SecureContextOptions,
  TLSSocket,
  Server as TlsServer,
} from 'node:tls';
import { isDeepStrictEqual } from 'node:util';

/** Contents of a PEM file. */
type Pem = string | Buffer;

export type TlsOptions = {
  readonly key: Pem;
  readonly cert: Pem;
  /** Asks for client certificates and verifies them with this; who must have one is not decided here. */
  readonly clientCa?: Pem;
  /** Asks for them also without a CA, and takes any: then none is verified. */
  readonly asksForCertificates?: boolean;
};

const MIN_VERSION = 'TLSv1.2';

export const toContextOptions = ({ key, cert, clientCa }: TlsOptions): SecureContextOptions => ({
  key,
  cert,
  ...(clientCa === undefined ? {} : { ca: clientCa }),
  minVersion: MIN_VERSION,
});

const asks = ({ clientCa, asksForCertificates = clientCa !== undefined }: TlsOptions): boolean =>
  asksForCertificates;

/** Who shows a certificate that does not count is refused by whoever wants one, with an answer. */
export const toHandshakeOptions = (tls: TlsOptions) => ({
  requestCert: asks(tls),
  rejectUnauthorized: false as const,
});

/** Throws when they cannot be used. */
export function checkTls(tls: TlsOptions): void {
  try {
    createSecureContext(toContextOptions(tls));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : 'unknown';
    throw new Error(`the TLS key and certificate cannot be used: ${text}`, { cause });
  }
}

export type Renewal = {
  /** Open connections whose certificate counts no more. */
  readonly disowned: readonly Socket[];
  /** Open connections of which TLS has verified nothing, and might if they began anew. */
  readonly outlived: readonly Socket[];
};

/**
 * Handshakes from here on are by these. A session of before cannot be resumed, since its tickets were
 * sealed by the context that is gone.
 */
export function renewTls(
  server: Server,
  { before, next }: { readonly before: TlsOptions; readonly next: TlsOptions },
  open: Iterable<Socket>,
): Renewal {
  if (!(server instanceof TlsServer)) throw new Error('a listener without TLS has none to renew');
  server.setSecureContext(toContextOptions(next));
  // Read at each handshake; Node has no other way to say it of a server that is there already.
  Object.assign(server, toHandshakeOptions(next));
  if (isDeepStrictEqual(before.clientCa, next.clientCa) && asks(before) === asks(next))
    return NOTHING;
  const sockets = [...open].filter((socket) => socket instanceof TLSSocket);
  const disowned = sockets.filter(
    (socket) => socket.authorized && !isVouchedFor(socket, next.clientCa),
  );
  const unproven = sockets.filter((socket) => !socket.authorized);
  return { disowned, outlived: asks(next) ? [...disowned, ...unproven] : disowned };
}

const NOTHING: Renewal = { disowned: [], outlived: [] };

/** As long as any chain that is worth looking at. */
const MAX_LINKS = 8;

/**
 * Whether one of these vouches for a chain that another CA vouched for at the handshake, when all else about
 * it was verified. It may only take away.
 */
function isVouchedFor(socket: TLSSocket, ca: Pem | undefined): boolean {
  const authorities = (String(ca ?? '').match(BLOCK) ?? []).map(
    (block) => new X509Certificate(block),
  );
  let link = socket.getPeerX509Certificate();
  for (let count = 0; link !== undefined && count < MAX_LINKS; count += 1) {
    const current: X509Certificate = link;
    const isKnown = authorities.some(
      (authority) =>
        authority.fingerprint256 === current.fingerprint256 || isIssuedBy(current, authority),
    );
    if (isKnown) return true;
    const issuer: X509Certificate | undefined = current.issuerCertificate;
    if (issuer === undefined || !isIssuedBy(current, issuer)) return false;
    link = issuer;
  }
  return false;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
