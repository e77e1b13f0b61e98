// Was it really our proxy? Every listed proof has to pass, and none of them is ever read from a
// header that names an address.

import { hash, timingSafeEqual } from 'node:crypto';
import type { TrustOptions } from './options.ts';
import { createPeerMatch } from './peers.ts';
import type { Peer, PeerCertificate } from './upstream.ts';

/** The proof that is missing; undefined once all have passed. */
type Unproven = 'untrusted_peer' | 'upstream_secret';

/** Does the same work for whoever asks, so that a stranger learns nothing from the time it takes. */
type Prove = (peer: Peer, secretLines: readonly string[]) => Unproven | undefined;

export function createProof({ peers = [], unixSocket, mtls, secret }: TrustOptions): Prove {
  const isPeer = peers.length > 0 ? createPeerMatch(peers) : undefined;
  const isCertified = mtls === undefined ? undefined : createSanMatch(mtls);
  const isSecret = secret === undefined ? undefined : createSecretMatch(secret.secrets);
  return (peer, secretLines) => {
    const secretPasses = isSecret?.(secretLines) ?? true;
    const peerPasses = isPeer?.(peer.address) ?? true;
    const socketPasses = unixSocket !== true || peer.unixSocket;
    const certificatePasses = isCertified?.(peer.certificate) ?? true;
    if (!(peerPasses && socketPasses && certificatePasses)) return 'untrusted_peer';
    return secretPasses ? undefined : 'upstream_secret';
  };
}

/** Exact: a wildcard in a certificate matches only itself. */
function createSanMatch({ dnsSans, uriSans }: PeerCertificate) {
  return (certificate: PeerCertificate | undefined): boolean =>
    certificate !== undefined &&
    (certificate.dnsSans.some((san) => dnsSans.includes(san)) ||
      certificate.uriSans.some((san) => uriSans.includes(san)));
}

const digest = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

/** Digests are compared because timingSafeEqual throws on unequal lengths, which would tell them. */
function createSecretMatch(secrets: () => readonly Uint8Array[]) {
  let known: readonly Uint8Array[] | undefined;
  let digests: readonly Buffer[] = [];
  return (lines: readonly string[]): boolean => {
    const current = secrets();
    if (current !== known) {
      known = current;
      // An empty file is no secret: an empty header would match it.
      digests = current.filter((secret) => secret.length > 0).map(digest);
    }
    // Node hands over one character per byte received.
    const presented = digest(Buffer.from(lines[0] ?? '', 'latin1'));
    let matching = 0;
    for (const expected of digests) {
      if (timingSafeEqual(expected, presented)) matching += 1; // no early exit
    }
    return lines.length === 1 && matching > 0;
  };
}
