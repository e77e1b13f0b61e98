// Who says which End-User this is. Owns the one question the whole product rests on: was it really
// our proxy, and what exactly did it say? Reads raw headers, decides without I/O, and believes
// nothing that the configuration does not name. Never reads X-Forwarded-For.

import type { Identity } from '../protocol/identity.ts';

/** The other end of the connection, as the socket knows it; never as a header tells it. */
export type Peer = {
  /** TCP peer address; undefined on a Unix socket. */
  readonly address: string | undefined;
  /** The connection came in on a Unix socket of ours. */
  readonly unixSocket: boolean;
  /** Verified by TLS against the CA of the upstream; undefined without a client certificate. */
  readonly certificate: PeerCertificate | undefined;
};

export type PeerCertificate = {
  readonly dnsSans: readonly string[];
  readonly uriSans: readonly string[];
};

export type UpstreamRequest = {
  /** Name, value, name, value, … exactly as received: duplicates and case kept. */
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
};

export type Refused = {
  readonly kind: 'refused';
  readonly status: 400 | 401 | 403;
  /** A lower_snake word of docs/errors.md, e.g. `untrusted_peer`, `header_alias`. */
  readonly reason: string;
  /** The configured name of the header at fault, never its value. */
  readonly header: string | undefined;
  /** Which check of an assertion failed, or which of its claims is at fault: never its value. */
  readonly detail?: string;
};

export type Verdict =
  | { readonly kind: 'identified'; readonly identity: Identity }
  /** The peer is proven and names nobody. */
  | { readonly kind: 'anonymous' }
  | Refused;

export type Identification =
  | Verdict
  /** The peer is proven and has something signed, which is verified when everything else is well. */
  | {
      readonly kind: 'asserted';
      /** Throws `Unavailable` when the keys of the signer cannot be had. */
      readonly verify: () => Promise<Verdict>;
    };

export type Upstream = {
  /** Decides at once, without I/O; only what is signed takes longer. */
  identify(request: UpstreamRequest): Identification;
  /** Lower-case names of every configured identity and secret header: `Vary`, and log redaction. */
  readonly headerNames: readonly string[];
};
