// Addresses and the networks they belong to. Everything that is not plainly an address is nobody.

import { BlockList, isIP } from 'node:net';

type Network = {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
};

/** Undefined where it is no network, or all of them; host bits and width are `config/`'s to judge. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', digits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const width = version === 4 ? 32 : 128;
  const prefix = digits === undefined ? width : readPrefix(digits);
  if (prefix === undefined || prefix > width) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', prefix };
}

/** Not 0: a network of every address there is proves nothing. */
const readPrefix = (digits: string): number | undefined =>
  /^[1-9]\d{0,2}$/.test(digits) ? Number(digits) : undefined;

/** Throws when a CIDR is not one. */
export function createPeerMatch(
  cidrs: readonly string[],
): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const network = parseNetwork(cidr);
    if (network === undefined) throw new Error(`${cidr} is no network`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  // Connections stay open and proxies are few: the last answer is nearly always the next one.
  let last: string | undefined;
  let verdict = false;
  return (address) => {
    if (address === undefined) return false;
    if (address !== last) {
      verdict = isListed(list, address);
      last = address;
    }
    return verdict;
  };
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i; // what a dual-stack listener reports for IPv4

function isListed(list: BlockList, address: string): boolean {
  const [unzoned = ''] = address.split('%', 1);
  const plain = MAPPED.exec(unzoned)?.[1] ?? unzoned;
  const family = isIP(plain);
  // Without its family BlockList takes a mapped address for an IPv4 one and answers false.
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
