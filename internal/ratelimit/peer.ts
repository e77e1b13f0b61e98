// From which network a request comes: the other end of the connection, or, where that is a proxy of the
// operator's, whoever that proxy says it got the request from. A header of anybody else is anybody's text.

import { isIP } from 'node:net';
import type { AddressHeader } from '../protocol/limits.ts';
import { networkOf, siteOf } from './network.ts';

export type Proxies = {
  readonly isProxy: (address: string | undefined) => boolean;
  /** Undefined: they say nothing, and everybody who comes through one of them is unknown. */
  readonly header: AddressHeader | undefined;
};

/** The other end, as the socket knows it. */
export type Connected = {
  readonly address: string | undefined;
  /** Whoever is at a socket of ours is a proxy: it has no address of its own. */
  readonly unixSocket: boolean;
};

export type Network = {
  /** As it was told, for exempt networks and the audit trail. */
  readonly address: string;
  /** What is counted. */
  readonly name: string;
  /** What is counted together with its neighbours, where there is no room for all of them. */
  readonly site: string;
};

/**
 * Undefined where nobody can tell, as behind a proxy that says nothing: then no limit by network counts,
 * since it would be one for everybody.
 */
export function findNetwork(
  { address, unixSocket }: Connected,
  rawHeaders: readonly string[],
  { isProxy, header }: Proxies,
): Network | undefined {
  if (!unixSocket && !isProxy(address)) return toNetwork(address);
  if (header === undefined) return undefined;
  const lines = linesOf(rawHeaders, header);
  // From the right: what stands further left was written by whoever asked, for all we know.
  const chain = lines
    .join(',')
    .split(',')
    .map(header === 'forwarded' ? readForwarded : readAddress)
    .reverse();
  // Some proxies add theirs to what they got: whoever sends one as well must not be counted nowhere for it.
  if (header === 'x-real-ip') return toNetwork(chain[0]);
  return toNetwork(chain.find((hop) => !isProxy(hop)));
}

function toNetwork(address: string | undefined): Network | undefined {
  const name = address === undefined ? undefined : networkOf(address);
  if (address === undefined || name === undefined) return undefined;
  return { address, name, site: siteOf(name) };
}

/** Every line of it: a proxy may add one of its own instead of going on with that of the client. */
function linesOf(raw: readonly string[], header: string): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === header) lines.push(raw[index + 1] ?? '');
  }
  return lines;
}

const PORT = /^(?:\[([^\]]*)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/;

/** Undefined for `unknown`, names, and whatever else is no address. */
function readAddress(text: string): string | undefined {
  const plain = text.trim();
  const [, inBrackets, beforePort] = PORT.exec(plain) ?? [];
  const address = inBrackets ?? beforePort ?? plain;
  return isIP(address) === 0 ? undefined : address;
}

/** One element of RFC 7239 §4; a comma in quotes is no part of an address. */
function readForwarded(element: string): string | undefined {
  const [, quoted, bare] =
    /(?:^|;)\s*for=(?:"([^"\\]*)"|([^;"\s]*))\s*(?:;|$)/i.exec(element.trim()) ?? [];
  return readAddress(quoted ?? bare ?? '');
}
