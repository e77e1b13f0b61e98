// Which addresses a URL that somebody else wrote may lead to. The address that is connected to is
// judged, not the name: a name may resolve to something else each time (DNS rebinding).

import { BlockList, isIP } from 'node:net';

/** Loopback, private, link-local, shared, documentation, multicast and reserved (RFC 6890). */
const SPECIAL: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
];

/** Everything of IPv6 that is global unicast, and what of it leads elsewhere all the same. */
const GLOBAL_IPV6 = ['2000::', 3, 'ipv6'] as const;
const SPECIAL_IPV6: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['2001::', 23, 'ipv6'], // IETF protocol assignments, Teredo among them
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'], // 6to4: any IPv4 address, private ones too
  ['3fff::', 20, 'ipv6'],
];

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

const toList = (networks: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const list = new BlockList();
  for (const [address, prefix, family] of networks) list.addSubnet(address, prefix, family);
  return list;
};

const special = toList([...SPECIAL, ...SPECIAL_IPV6]);
const global6 = toList([GLOBAL_IPV6]);

/**
 * The rule for URLs that clients registered: public addresses, and what the operator allows.
 * @param allowed CIDRs; throws when one is none.
 */
export function createAddressRule(allowed: readonly string[]): (address: string) => boolean {
  const extra = new BlockList();
  for (const cidr of allowed) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    extra.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => {
    const plain = MAPPED.exec(address)?.[1] ?? address;
    const family = isIP(plain);
    if (family === 0) return false;
    const name = family === 4 ? 'ipv4' : 'ipv6';
    if (extra.check(plain, name)) return true;
    return !special.check(plain, name) && (family === 4 || global6.check(plain, name));
  };
}

/** For URLs that the operator wrote: they know their own network. */
export const anyAddress = (_address: string): boolean => true;
