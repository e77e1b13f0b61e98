import { describe, expect, it } from 'vitest';
import { networkOf } from '../../internal/ratelimit/network.ts';
import { findNetwork, type Proxies } from '../../internal/ratelimit/peer.ts';
import { createPeerMatch } from '../../internal/upstream/peers.ts';

describe('the network of an address (DO-2)', () => {
  const CASES: ReadonlyArray<readonly [string, string | undefined]> = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%2', 'fe80:0:0:0::/64'],
    ['010.0.0.1', undefined],
    ['localhost', undefined],
    ['', undefined],
  ];
  for (const [address, network] of CASES) {
    it(`of ${address || 'nothing'} is ${network ?? 'none'}`, () => {
      expect(networkOf(address)).toBe(network);
    });
  }
});

describe('who a request is from (DO-2)', () => {
  const isProxy = createPeerMatch(['10.0.0.0/24', 'fd00::/64']);
  const proxies = (header: Proxies['header']): Proxies => ({ isProxy, header });
  const PROXY = { address: '10.0.0.1', unixSocket: false };
  const SOCKET = { address: undefined, unixSocket: true };
  const STRANGER = { address: '203.0.113.9', unixSocket: false };
  const xff = (...lines: readonly string[]) => lines.flatMap((line) => ['X-Forwarded-For', line]);
  const find = (
    connected: Parameters<typeof findNetwork>[0],
    raw: readonly string[],
    header: Proxies['header'] = 'x-forwarded-for',
  ) => findNetwork(connected, raw, proxies(header))?.address;

  it('is the other end where that is no proxy, whatever it says', () => {
    expect(find(STRANGER, xff('198.51.100.1'))).toBe('203.0.113.9');
    expect(find(STRANGER, ['Forwarded', 'for=198.51.100.1'], 'forwarded')).toBe('203.0.113.9');
    expect(find({ address: undefined, unixSocket: false }, xff('198.51.100.1'))).toBeUndefined();
  });

  it('is the last address that is no proxy’s', () => {
    expect(find(PROXY, xff('1.1.1.1, 198.51.100.1'))).toBe('198.51.100.1');
    expect(find(PROXY, xff('1.1.1.1, 198.51.100.1, 10.0.0.7'))).toBe('198.51.100.1');
    expect(find(PROXY, xff('1.1.1.1', '198.51.100.1'))).toBe('198.51.100.1');
    expect(find(PROXY, xff('198.51.100.1:4711'))).toBe('198.51.100.1');
    expect(find(PROXY, xff('[2001:db8::1]:4711'))).toBe('2001:db8::1');
    expect(find(SOCKET, xff('198.51.100.1'))).toBe('198.51.100.1');
  });

  it('is unknown where a proxy says nothing, or nothing that is an address', () => {
    expect(find(PROXY, [])).toBeUndefined();
    expect(find(PROXY, xff('198.51.100.1, unknown'))).toBeUndefined();
    expect(find(PROXY, xff('198.51.100.1, '))).toBeUndefined();
    expect(find(PROXY, xff('10.0.0.9'))).toBeUndefined();
    expect(findNetwork(PROXY, xff('198.51.100.1'), proxies(undefined))).toBeUndefined();
  });

  it('is read of Forwarded in all of its forms', () => {
    const forwarded = (line: string) => find(PROXY, ['forwarded', line], 'forwarded');
    expect(forwarded('for=198.51.100.1')).toBe('198.51.100.1');
    expect(forwarded('proto=https;For="[2001:db8::1]:4711";by=10.0.0.1')).toBe('2001:db8::1');
    expect(forwarded('for=1.1.1.1, for=198.51.100.1;host=a')).toBe('198.51.100.1');
    expect(forwarded('for=_hidden')).toBeUndefined();
    expect(forwarded('for=unknown, for=10.0.0.2')).toBeUndefined();
  });

  it('is the last of X-Real-IP: whoever sends one of their own is not nobody by that', () => {
    const real = (...lines: readonly string[]) =>
      find(
        PROXY,
        lines.flatMap((line) => ['X-Real-IP', line]),
        'x-real-ip',
      );
    expect(real('198.51.100.1')).toBe('198.51.100.1');
    expect(real('1.1.1.1', '198.51.100.2')).toBe('198.51.100.2');
    expect(real('1.1.1.1, 198.51.100.2')).toBe('198.51.100.2');
    expect(real('198.51.100.1', 'unknown')).toBeUndefined();
    expect(real('10.0.0.9')).toBe('10.0.0.9');
  });
});
