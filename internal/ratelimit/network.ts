// Addresses as limits see them: one for each network that somebody can have to themselves. With IPv6 that is
// a /64: whoever has one has 2^64 addresses, and would never meet a limit by address (CVE-2026-45364).

import { isIP } from 'node:net';

/** What a dual-stack listener and a translator (RFC 6052 §2.1) report for IPv4. */
const FOLDED = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/** Undefined for what is not plainly an address. The zone of a link is of no account. */
export function networkOf(address: string): string | undefined {
  const [plain = ''] = address.split('%', 1);
  const version = isIP(plain);
  if (version === 0) return undefined;
  if (version === 4) return plain;
  const groups = toGroups(plain);
  if (FOLDED.includes(groups.slice(0, 6).join(':'))) return toIpv4(groups.slice(6));
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. @param text one. */
function toGroups(text: string): readonly string[] {
  const [head = '', tail] = text.toLowerCase().split('::');
  const left = split(head);
  const right = split(tail ?? '');
  const gap = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...(tail === undefined ? [] : gap), ...right];
}

const split = (text: string): readonly string[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16).toString(16)];
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
        return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
      });

const toIpv4 = (groups: readonly string[]): string =>
  groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((number) => [number >> 8, number & 255])
    .join('.');
