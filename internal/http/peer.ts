// The other end of a connection, as the socket knows it. Whatever a header says about addresses or
// certificates is a header.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer, PeerCertificate } from '../upstream/upstream.ts';

/**
 * @param unixSocket what the listener is; a TCP socket that is closing has no address either, and
 * must not pass for one.
 */
export const toPeer = (socket: Socket, unixSocket: boolean): Peer => ({
  address: socket.remoteAddress,
  unixSocket,
  certificate: socket instanceof TLSSocket ? readCertificate(socket) : undefined,
});

function readCertificate(socket: TLSSocket): PeerCertificate | undefined {
  // Asked for also where it does not count: what OpenSSL has against it would else pass for a failure of
  // what is read next, and end the connection without an answer.
  const names = socket.getPeerX509Certificate()?.subjectAltName;
  // A resumed TLS 1.3 session counts as authorized without any certificate: ask for both.
  if (!socket.authorized) return undefined;
  return names === undefined ? undefined : readSans(names);
}

/** One entry: a value in quotes is JSON, because it holds what would pass for another entry. */
const ENTRIES = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;

/** Names of type DNS and URI; none at all when the text is not understood to its end. */
export function readSans(text: string): PeerCertificate {
  const dnsSans: string[] = [];
  const uriSans: string[] = [];
  let understood = 0;
  for (const [entry, type, value = ''] of text.matchAll(ENTRIES)) {
    understood += entry.length;
    if (value === '' || value.startsWith('"')) continue;
    if (type === 'DNS') dnsSans.push(value);
    if (type === 'URI') uriSans.push(value);
  }
  return understood === text.length ? { dnsSans, uriSans } : { dnsSans: [], uriSans: [] };
}
