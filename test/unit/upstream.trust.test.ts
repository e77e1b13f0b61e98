import { describe, expect, it } from 'vitest';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import type { TrustOptions } from '../../internal/upstream/options.ts';
import type { Peer, PeerCertificate } from '../../internal/upstream/upstream.ts';
import { ALICE, HEADERS, OPTIONS, PROXY, refusal, SECRET, subjectOf } from './upstream.fixture.ts';

const ask = (trust: TrustOptions, peer: Partial<Peer>, rawHeaders: readonly string[] = ALICE) =>
  createHeaderUpstream({ trust, headers: HEADERS }).identify({
    rawHeaders,
    peer: { ...PROXY, ...peer },
  });

const UNTRUSTED = refusal(403, 'untrusted_peer');

describe('upstream trust: peers (T01, T03, T04, UP-1)', () => {
  const peers = ['192.0.2.16/28', '10.42.7.0/24', '2001:db8:1::/64', 'fe80::/64', '203.0.113.9'];

  const INSIDE = [
    ['the first network', '192.0.2.17'],
    ['the first address of a network', '192.0.2.16'],
    ['the last address of a network', '192.0.2.31'],
    ['the second network', '10.42.7.3'],
    ['an IPv4 address as a dual-stack listener reports it', '::ffff:10.42.7.3'],
    ['the same in upper case', '::FFFF:10.42.7.3'],
    ['an IPv6 network', '2001:db8:1::7'],
    ['the last address of an IPv6 network', '2001:db8:1:0:ffff:ffff:ffff:ffff'],
    ['a link-local address with its zone', 'fe80::1%eth0'],
    ['an address without a prefix', '203.0.113.9'],
  ] as const;
  for (const [what, address] of INSIDE) {
    it(`believes ${what}: ${address}`, () => {
      expect(subjectOf(ask({ peers }, { address }))).toBe('alice');
    });
  }

  const OUTSIDE = [
    ['an address just below a network', '192.0.2.15'],
    ['an address just above a network', '192.0.2.32'],
    ['another network', '10.42.8.3'],
    ['a mapped address of another network', '::ffff:10.42.8.3'],
    ['another IPv6 network', '2001:db8:2::7'],
    ['an octet with a leading zero', '010.42.7.3'],
    ['an address with trailing garbage', '10.42.7.3 '],
    ['two addresses', '10.42.7.3, 10.42.7.4'],
    ['a name', 'proxy.internal'],
    ['an empty address', ''],
    ['the abstract socket', '@'],
  ] as const;
  for (const [what, address] of OUTSIDE) {
    it(`refuses ${what} with untrusted_peer: "${address}"`, () => {
      expect(ask({ peers }, { address })).toEqual(UNTRUSTED);
    });
  }

  it('refuses a connection without an address, however wide the networks are', () => {
    expect(ask({ peers: ['0.0.0.0/1', '128.0.0.0/1'] }, { address: undefined })).toEqual(UNTRUSTED);
  });

  it('refuses an untrusted peer whether or not it names an End-User', () => {
    const stranger = { address: '198.51.100.1' };

    expect(ask({ peers }, stranger, [])).toEqual(UNTRUSTED);
    expect(ask({ peers }, stranger, ['X-Authenticated-User', ''])).toEqual(UNTRUSTED);
    expect(ask({ peers }, stranger, ['X-Authenticated-User', '(null)'])).toEqual(UNTRUSTED);
    expect(ask({ peers }, stranger, [...ALICE, ...ALICE])).toEqual(UNTRUSTED);
  });

  it('never takes the address of the peer from a header', () => {
    const claimed = ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'True-Client-IP'];
    const headers = claimed.flatMap((name) => [name, '10.42.7.3']);

    expect(ask({ peers }, { address: '198.51.100.1' }, [...headers, ...ALICE])).toEqual(UNTRUSTED);
    expect(subjectOf(ask({ peers }, {}, ['X-Forwarded-For', '198.51.100.1', ...ALICE]))).toBe(
      'alice',
    );
  });

  it('tells peers apart that take turns', () => {
    const { identify } = createHeaderUpstream({ trust: { peers }, headers: HEADERS });
    const kinds = ['10.42.7.3', '198.51.100.1', '10.42.7.3', '10.42.7.3', '198.51.100.1'].map(
      (address) => identify({ rawHeaders: ALICE, peer: { ...PROXY, address } }).kind,
    );

    expect(kinds).toEqual(['identified', 'refused', 'identified', 'identified', 'refused']);
  });
});

describe('upstream trust: secret (T02, UP-2)', () => {
  const OLD = 'the-secret-that-is-rotated-out--';
  const NAME = 'X-Asteroid-Upstream-Secret';
  const trust = (...secrets: string[]): TrustOptions => ({
    secret: { header: NAME, secrets: () => secrets.map((secret) => Buffer.from(secret)) },
  });

  const WRONG = [
    ['missing', []],
    ['empty', [NAME, '']],
    ['wrong', [NAME, 'x'.repeat(32)]],
    ['a prefix of the right one', [NAME, SECRET.slice(0, -1)]],
    ['longer than the right one', [NAME, `${SECRET}!`]],
    ['in another case', [NAME, SECRET.toUpperCase()]],
    ['sent twice', [NAME, SECRET, NAME, SECRET]],
    ['sent twice in different cases', [NAME, SECRET, NAME.toLowerCase(), SECRET]],
    ['sent beside a wrong one', [NAME, SECRET, NAME, 'x']],
    ['joined with itself', [NAME, `${SECRET}, ${SECRET}`]],
  ] as const;
  for (const [what, lines] of WRONG) {
    it(`refuses a secret that is ${what} with upstream_secret`, () => {
      expect(ask(trust(SECRET), {}, [...lines, ...ALICE])).toEqual(
        refusal(403, 'upstream_secret', NAME),
      );
    });
  }

  it('believes the right secret under a name in any case', () => {
    expect(subjectOf(ask(trust(SECRET), {}, [NAME.toUpperCase(), SECRET, ...ALICE]))).toBe('alice');
  });

  it('believes either of two secrets while they are rotated', () => {
    for (const secret of [OLD, SECRET]) {
      expect(subjectOf(ask(trust(OLD, SECRET), {}, [NAME, secret, ...ALICE]))).toBe('alice');
    }
  });

  it('stops believing a secret once it is gone', () => {
    let secrets = [Buffer.from(OLD), Buffer.from(SECRET)];
    const { identify } = createHeaderUpstream({
      trust: { secret: { header: NAME, secrets: () => secrets } },
      headers: HEADERS,
    });
    const request = { rawHeaders: [NAME, OLD, ...ALICE], peer: PROXY };
    expect(identify(request).kind).toBe('identified');

    secrets = [Buffer.from(SECRET)];

    expect(identify(request)).toEqual(refusal(403, 'upstream_secret', NAME));
  });

  it('compares secrets of any length whole, one after the other', () => {
    const long = 'long'.repeat(100);
    const secrets = [Buffer.from(SECRET), Buffer.from(long)];
    const { identify } = createHeaderUpstream({
      trust: { secret: { header: NAME, secrets: () => secrets } },
      headers: HEADERS,
    });
    const kindOf = (secret: string) =>
      identify({ rawHeaders: [NAME, secret, ...ALICE], peer: PROXY }).kind;

    for (const wrong of [`${long}${'x'.repeat(600)}`, long.slice(0, -1), `${SECRET}\0`]) {
      expect(kindOf(wrong)).toBe('refused');
      for (const right of [long, SECRET]) expect(kindOf(right)).toBe('identified');
    }
    expect(kindOf(long + long)).toBe('refused');
    const most = 'm'.repeat(128);
    const exact = createHeaderUpstream({ trust: trust(most), headers: HEADERS });
    for (const [secret, kind] of [
      [most, 'identified'],
      [`${most}m`, 'refused'],
    ] as const) {
      expect(exact.identify({ rawHeaders: [NAME, secret, ...ALICE], peer: PROXY }).kind).toBe(kind);
    }
  });

  it('compares bytes, so that a secret need not be text', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, at) => 0xe0 + at);
    const secret = { header: NAME, secrets: () => [bytes] };

    expect(
      subjectOf(ask({ secret }, {}, [NAME, Buffer.from(bytes).toString('latin1'), ...ALICE])),
    ).toBe('alice');
  });

  it('never takes an empty header for an empty secret, nor for none at all', () => {
    for (const secrets of [trust(''), trust()]) {
      expect(ask(secrets, {}, [NAME, '', ...ALICE])).toEqual(refusal(403, 'upstream_secret', NAME));
      expect(ask(secrets, {}, ALICE)).toEqual(refusal(403, 'upstream_secret', NAME));
    }
  });
});

describe('upstream trust: unix socket (T04, T33)', () => {
  it('believes the socket and refuses everything else, loopback included', () => {
    const socket = { address: undefined, unixSocket: true };

    expect(subjectOf(ask({ unixSocket: true }, socket))).toBe('alice');
    expect(ask({ unixSocket: true }, { address: '127.0.0.1' })).toEqual(UNTRUSTED);
    expect(ask({ unixSocket: true }, { address: undefined })).toEqual(UNTRUSTED);
  });

  it('does not take a socket for a peer that is trusted by its address', () => {
    expect(ask({ peers: ['127.0.0.1/32'] }, { address: undefined, unixSocket: true })).toEqual(
      UNTRUSTED,
    );
  });
});

describe('upstream trust: mtls', () => {
  const SPIFFE = 'spiffe://cluster.local/ns/edge/sa/oauth2-proxy';
  const mtls = { dnsSans: ['proxy.edge.example'], uriSans: [SPIFFE] };
  const certificate = (sans: Partial<PeerCertificate>): Partial<Peer> => ({
    certificate: { dnsSans: [], uriSans: [], ...sans },
  });

  it('believes one exact name among others', () => {
    expect(subjectOf(ask({ mtls }, certificate({ uriSans: ['spiffe://other', SPIFFE] })))).toBe(
      'alice',
    );
    expect(subjectOf(ask({ mtls }, certificate({ dnsSans: ['proxy.edge.example'] })))).toBe(
      'alice',
    );
  });

  const WRONG: ReadonlyArray<readonly [string, Partial<Peer>]> = [
    ['no certificate', {}],
    ['a certificate without names', certificate({})],
    ['another name', certificate({ dnsSans: ['app.edge.example'] })],
    ['a wildcard', certificate({ dnsSans: ['*.edge.example'] })],
    ['a longer name', certificate({ dnsSans: ['proxy.edge.example.evil.example'] })],
    ['a longer SPIFFE id', certificate({ uriSans: [`${SPIFFE}-evil`] })],
    ['a name of the wrong kind', certificate({ uriSans: ['proxy.edge.example'] })],
  ];
  for (const [what, peer] of WRONG) {
    it(`refuses ${what} with untrusted_peer`, () => {
      expect(ask({ mtls }, peer)).toEqual(UNTRUSTED);
    });
  }
});

describe('upstream trust: several proofs', () => {
  const { trust } = OPTIONS;
  const SECRET_HEADER = ['X-Asteroid-Upstream-Secret', SECRET];

  it('wants every proof that is listed', () => {
    const stranger = { address: '198.51.100.1' };

    expect(subjectOf(ask(trust, {}, [...SECRET_HEADER, ...ALICE]))).toBe('alice');
    expect(ask(trust, {}, ALICE)).toEqual(
      refusal(403, 'upstream_secret', 'X-Asteroid-Upstream-Secret'),
    );
    expect(ask(trust, stranger, [...SECRET_HEADER, ...ALICE])).toEqual(UNTRUSTED);
  });

  it('says untrusted_peer when nothing at all is proven', () => {
    expect(ask(trust, { address: '198.51.100.1' })).toEqual(UNTRUSTED);
  });

  it('ignores an empty list of peers beside another proof', () => {
    expect(subjectOf(ask({ ...trust, peers: [] }, {}, [...SECRET_HEADER, ...ALICE]))).toBe('alice');
  });
});

describe('upstream headerNames (T30, UP-13)', () => {
  it('names every identity and secret header in lower case, for Vary and for redaction', () => {
    const { headerNames } = createHeaderUpstream({
      trust: OPTIONS.trust,
      headers: {
        subject: { name: 'X-Authenticated-User' },
        email: { name: 'X-Authenticated-Email', verified: { header: 'X-Email-Verified' } },
        extra: { department: { name: 'X-Department' } },
      },
    });

    expect([...headerNames].sort()).toEqual([
      'x-asteroid-upstream-secret',
      'x-authenticated-email',
      'x-authenticated-user',
      'x-department',
      'x-email-verified',
    ]);
  });
});
