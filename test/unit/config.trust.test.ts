import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { type Finding, printPath } from '../../internal/config/finding.ts';
import { findCidrProblem, isWide, parseCidr } from '../../internal/config/sections/cidr.ts';

const SERVE = { mode: 'serve', exposed: false } as const;
const DEV = { mode: 'dev', exposed: false } as const;

const print = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

const secret = { files: ['s'] };
const socket = { public: { socket: 'a.sock' } };
const tls = { cert_file: 'c', key_file: 'k' };
const mtls = { ca_file: 'ca.pem', dns_sans: ['proxy.example'] };

type Given = { readonly trust?: object; readonly listen?: object };

const verdict = (
  { trust, listen = {} }: Given,
  circumstances = SERVE as typeof SERVE | typeof DEV,
) => readConfig({ listen, upstream: trust === undefined ? {} : { trust } }, circumstances);

describe('start-up refusals: trust (upstream-facing, UP-1)', () => {
  const cases: readonly (Given & { readonly name: string; readonly problem: string })[] = [
    {
      name: 'nothing at all',
      problem:
        'upstream.trust: is missing, and anybody could name any End-User; prove the proxy by secret, unix_socket, mtls or peers',
    },
    {
      name: 'an empty list of peers',
      trust: { peers: [] },
      problem:
        'upstream.trust: is missing, and anybody could name any End-User; prove the proxy by secret, unix_socket, mtls or peers',
    },
    {
      name: 'loopback alone',
      trust: { peers: ['127.0.0.1/32'] },
      problem:
        'upstream.trust.peers[0]: is loopback, where every program of this machine or pod could be the proxy; add secret, or use unix_socket',
    },
    {
      name: 'loopback beside another address, both alone',
      trust: { peers: ['10.0.0.5/32', '::1/128'] },
      problem:
        'upstream.trust.peers[1]: is loopback, where every program of this machine or pod could be the proxy; add secret, or use unix_socket',
    },
    {
      name: 'a wide IPv4 range alone',
      trust: { peers: ['10.0.0.0/23'] },
      problem:
        'upstream.trust.peers[0]: is wider than /24 or /64 and the only proof; add secret, unix_socket or mtls, or set allow_wide: true',
    },
    {
      name: 'a wide IPv6 range alone',
      trust: { peers: ['fd00::/63'] },
      problem:
        'upstream.trust.peers[0]: is wider than /24 or /64 and the only proof; add secret, unix_socket or mtls, or set allow_wide: true',
    },
    {
      name: 'everybody, whatever else proves',
      trust: { peers: ['0.0.0.0/0'], secret },
      problem: 'upstream.trust.peers[0]: trusts everybody; name the proxy, as in 10.0.0.5/32',
    },
    {
      name: 'a wildcard',
      trust: { peers: ['*'], secret },
      problem:
        'upstream.trust.peers[0]: is no address range but everybody; name the proxy, as in 10.0.0.5/32',
    },
    {
      name: 'a socket without a socket listener',
      trust: { unix_socket: true },
      problem:
        'upstream.trust.unix_socket: proves nothing, since listen.public is not a Unix socket; set listen.public.socket',
    },
    {
      name: 'a socket where the identity is read elsewhere',
      trust: { unix_socket: true },
      listen: { ...socket, browser: { port: 9000 } },
      problem:
        'upstream.trust.unix_socket: proves nothing, since listen.browser is not a Unix socket; set listen.browser.socket',
    },
    {
      name: 'a socket that everybody may write to',
      trust: { unix_socket: true },
      listen: { public: { socket: 'a.sock', mode: '0666' } },
      problem:
        'listen.public.mode: lets everybody write to the socket, which then proves nothing; use "0660" and a group',
    },
    {
      name: 'addresses on a socket',
      trust: { unix_socket: true, peers: ['10.0.0.5/32'] },
      listen: socket,
      problem:
        'upstream.trust.peers: can never match, since listen.public is a Unix socket and has no addresses; remove it',
    },
    {
      name: 'certificates without names',
      trust: { mtls: { ca_file: 'ca.pem' } },
      listen: { public: { tls } },
      problem:
        'upstream.trust.mtls.dns_sans: names no certificate; add dns_sans or uri_sans, or any certificate of this CA could be the proxy',
    },
    {
      name: 'certificates without TLS',
      trust: { mtls },
      problem: 'upstream.trust.mtls: needs TLS on that listener; set listen.public.tls',
    },
    {
      name: 'a secret without a file',
      trust: { secret: { files: [] } },
      problem: 'upstream.trust.secret.files: is empty; give it a value, or remove the key',
    },
    {
      name: 'an unknown entry',
      trust: { peer: ['10.0.0.5/32'] },
      problem: 'upstream.trust.peer: is not a known key; did you mean peers?',
    },
  ];
  for (const { name, problem, ...given } of cases) {
    it(`refuses ${name}`, () => {
      expect(print(verdict(given).problems)).toEqual([problem]);
    });
  }

  for (const { name, ...given } of [
    { name: 'a secret', trust: { secret } },
    { name: 'one address beyond this machine', trust: { peers: ['10.0.0.5/32'] } },
    { name: 'one subnet', trust: { peers: ['10.0.0.0/24', 'fd00::/64'] } },
    { name: 'loopback with a secret', trust: { peers: ['127.0.0.1/32', '::1/128'], secret } },
    { name: 'a wide range with a secret', trust: { peers: ['10.0.0.0/8'], secret } },
    { name: 'a socket of a group', trust: { unix_socket: true }, listen: socket },
    {
      name: 'a browser socket beside a public port',
      trust: { unix_socket: true },
      listen: { browser: { socket: 'b.sock' } },
    },
    { name: 'certificates with names', trust: { mtls }, listen: { public: { tls } } },
  ] satisfies readonly (Given & { name: string })[]) {
    it(`accepts ${name}`, () => {
      expect(print(verdict(given).problems)).toEqual([]);
    });
  }

  it('accepts a wide range when told so, and says it at every start', () => {
    const { problems, warnings } = verdict({ trust: { peers: ['10.0.0.0/8'], allow_wide: true } });

    expect(problems).toEqual([]);
    expect(print(warnings)).toEqual([
      'upstream.trust.peers[0]: is wider than /24 or /64 and the only proof, as allow_wide permits',
    ]);
  });

  it('warns of addresses as the only proof on a network, and not beside a secret', () => {
    const listen = { public: { host: '0.0.0.0' } };
    const peers = ['10.0.0.5/32'];

    expect(print(verdict({ trust: { peers }, listen }).warnings)).toEqual([
      'upstream.trust.peers: is the only proof while listen.public is on the network; add secret, so that a program beside the proxy cannot speak for it',
    ]);
    expect(verdict({ trust: { peers, secret }, listen }).warnings).toEqual([]);
  });

  it('lets dev do without trust and trust loopback', () => {
    expect(verdict({}, DEV).problems).toEqual([]);
    expect(verdict({ trust: { peers: ['127.0.0.1/32'] } }, DEV).problems).toEqual([]);
  });
});

describe('address ranges', () => {
  for (const { text, problem } of [
    { text: 'proxy.internal', problem: 'is not an address range; names of hosts prove nothing' },
    { text: '10.0.0.1/24', problem: 'has bits set beyond its /24' },
    { text: 'fd00::1/64', problem: 'has bits set beyond its /64' },
    { text: '010.0.0.0/24', problem: 'is not an address range' },
    { text: '10.0.0/24', problem: 'is not an address range' },
    { text: '10.0.0.0/24x', problem: 'is not an address range' },
    { text: '10.0.0.0/33', problem: 'is not an address range' },
    { text: '10.0.0.0/024', problem: 'is not an address range' },
    { text: '10.0.0.0/24/24', problem: 'is not an address range' },
    { text: 'fe80::1%eth0', problem: 'is not an address range' },
    { text: '::/0', problem: 'trusts everybody' },
    { text: '::ffff:10.0.0.0/120', problem: 'is IPv4 written as IPv6' },
    { text: '10.*', problem: 'is no address range but everybody' },
    { text: '', problem: 'is not an address range' },
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(findCidrProblem(text)).toContain(problem);
    });
  }

  for (const { text, wide } of [
    { text: '10.0.0.5', wide: false },
    { text: '10.0.0.0/24', wide: false },
    { text: '10.0.0.0/23', wide: true },
    { text: 'fd00::5', wide: false },
    { text: '1:2:3:4::/64', wide: false },
    { text: 'fd00::/8', wide: true },
  ]) {
    it(`accepts ${text}, ${wide ? 'as a wide one' : 'as one subnet at most'}`, () => {
      const cidr = parseCidr(text);

      expect(findCidrProblem(text)).toBeUndefined();
      expect(cidr !== undefined && isWide(cidr)).toBe(wide);
    });
  }
});
