// Was it really our proxy? Every listed proof has to pass, and none of them is ever read from a
// header that names an address.

import { timingSafeEqual } from 'node:crypto';
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

const LENGTH_BYTES = 4;
/** Secrets of up to so many bytes, and of up to any multiple of it, take the same time. */
const STEP_BYTES = 128;

/** timingSafeEqual wants equal lengths: all are written into as many bytes, each behind its own length. */
function createSecretMatch(secrets: () => readonly Uint8Array[]) {
  let known: readonly Uint8Array[] | undefined;
  let expected: readonly Buffer[] = [];
  let presented = Buffer.alloc(0);
  const prepare = (current: readonly Uint8Array[]): void => {
    known = current;
    // An empty file is no secret: an empty header would match it.
    const usable = current.filter((secret) => secret.length > 0);
    const longest = Math.max(1, ...usable.map((secret) => secret.length));
    const width = LENGTH_BYTES + Math.ceil(longest / STEP_BYTES) * STEP_BYTES;
    expected = usable.map((secret) => {
      const padded = Buffer.alloc(width);
      padded.writeUInt32LE(secret.length);
      padded.set(secret, LENGTH_BYTES);
      return padded;
    });
    presented = Buffer.alloc(width);
  };
  return (lines: readonly string[]): boolean => {
    const current = secrets();
    if (current !== known) prepare(current);
    const line = lines[0] ?? '';
    // What is longer than any secret is cut; its length differs all the same.
    presented.fill(0).writeUInt32LE(line.length);
    // Node hands over one character per byte received.
    presented.write(line, LENGTH_BYTES, 'latin1');
    let matching = 0;
    for (const secret of expected) {
      if (timingSafeEqual(secret, presented)) matching += 1; // no early exit
    }
    return lines.length === 1 && matching > 0;
  };
}
