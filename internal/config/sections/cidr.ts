// Address ranges of trusted peers. What is written in a form that two programs could read in two
// ways is refused: `010.1.2.3`, host bits, IPv4 in IPv6 clothes.

import { isIPv4, isIPv6 } from 'node:net';

export type Cidr = {
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly address: bigint;
};

const WIDTH = { 4: 32, 6: 128 } as const;

/** Undefined unless the text is an address, or one with a slash and a prefix length. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const family = familyOf(address);
  if (family === undefined || rest.length > 0) return undefined;
  const digits = length ?? String(WIDTH[family]);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > WIDTH[family]) return undefined;
  const number = family === 4 ? toNumber4(address) : toNumber6(address);
  return { family, prefix: Number(digits), address: number };
}

function familyOf(address: string): 4 | 6 | undefined {
  if (isIPv4(address)) return 4;
  return isIPv6(address) && !address.includes('%') ? 6 : undefined;
}

const toNumber4 = (address: string): bigint =>
  address.split('.').reduce((sum, byte) => (sum << 8n) + BigInt(byte), 0n);

function toNumber6(address: string): bigint {
  const [, head = '', tail] = /^(.*?)(?:::(.*))?$/.exec(address) ?? [];
  const left = groups(head);
  const right = groups(tail ?? '');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: gap }, () => 0n), ...right];
  return all.reduce((sum, group) => (sum << 16n) + group, 0n);
}

const groups = (text: string): readonly bigint[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (!group.includes('.')) return [BigInt(`0x${group}`)];
        const number = toNumber4(group);
        return [number >> 16n, number & 0xffffn];
      });

/** The problem with a range that must not be trusted, whatever else proves the peer. */
export function findCidrProblem(text: string): string | undefined {
  if (text.includes('*'))
    return 'is no address range but everybody; name the proxy, as in 10.0.0.5/32';
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return 'is not an address range; names of hosts prove nothing, write as in 10.0.0.5/32 or "fd00::5/128"';
  }
  if (cidr.prefix === 0) return 'trusts everybody; name the proxy, as in 10.0.0.5/32';
  const hostBits = BigInt(WIDTH[cidr.family] - cidr.prefix);
  if ((cidr.address & ((1n << hostBits) - 1n)) !== 0n) {
    return `has bits set beyond its /${cidr.prefix}; write the first address of the range, or /${WIDTH[cidr.family]} for one address`;
  }
  if (cidr.family === 6 && cidr.address >> 32n === 0xffffn)
    return 'is IPv4 written as IPv6; write the IPv4 range';
  return undefined;
}

/** Wider than one subnet: such a range proves nothing about which program speaks. */
export const isWide = (cidr: Cidr): boolean => cidr.prefix < (cidr.family === 4 ? 24 : 64);

/** Addresses that every program on this machine or in this pod has. */
export const isLoopbackCidr = (cidr: Cidr): boolean =>
  cidr.family === 4
    ? cidr.address >> 24n === 127n && cidr.prefix >= 8
    : cidr.address === 1n && cidr.prefix === 128;
