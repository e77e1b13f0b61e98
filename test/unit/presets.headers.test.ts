import { describe, expect, it } from 'vitest';
import { PRESET_NAMES, type PresetName } from '../../internal/protocol/presets.ts';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import { listHeaders, type TrustOptions } from '../../internal/upstream/options.ts';
import { resolvePreset } from '../../internal/upstream/presets/resolve.ts';
import { PRESETS } from '../../internal/upstream/presets/table.ts';
import type { Peer } from '../../internal/upstream/upstream.ts';
import {
  claimsOf,
  OPTIONS,
  PROXY,
  refusal,
  SECRET_LINE,
  subjectOf,
  wire,
} from './upstream.fixture.ts';

const { trust } = OPTIONS;

type Captured = {
  readonly preset: PresetName;
  /** What the product sends for alice, after what every browser sends. */
  readonly sent: readonly string[];
  readonly subject: string;
  readonly claims: object;
};

const CAPTURED: readonly Captured[] = [
  {
    preset: 'custom',
    sent: ['X-Authenticated-User', 'alice', 'X-Authenticated-Name', wire('Zoë Example')],
    subject: 'alice',
    claims: { name: 'Zoë Example' },
  },
  {
    preset: 'oauth2-proxy',
    sent: [
      ...[
        'X-Forwarded-Email',
        'alice@corp.example',
        'X-Forwarded-Groups',
        'role:admin,engineering',
      ],
      ...['X-Forwarded-Preferred-Username', 'alice', 'X-Forwarded-User', '9f86d081-884c'],
    ],
    subject: '9f86d081-884c',
    claims: {
      email: 'alice@corp.example',
      email_verified: false,
      preferred_username: 'alice',
      groups: ['role:admin', 'engineering'],
    },
  },
  {
    preset: 'nginx-auth-request',
    sent: [
      ...['X-Authenticated-User', '9f86d081-884c', 'X-Authenticated-Email', 'alice@corp.example'],
      ...['X-Authenticated-Groups', 'engineering'],
    ],
    subject: '9f86d081-884c',
    claims: { email: 'alice@corp.example', email_verified: false, groups: ['engineering'] },
  },
  {
    preset: 'traefik-forwardauth',
    sent: [
      ...['X-Auth-Request-Email', 'alice@corp.example', 'X-Auth-Request-Groups', 'engineering'],
      ...['X-Auth-Request-Preferred-Username', 'alice', 'X-Auth-Request-User', '9f86d081-884c'],
      ...['X-Forwarded-Server', 'traefik-7c', 'X-Real-Ip', '203.0.113.7'],
    ],
    subject: '9f86d081-884c',
    claims: {
      email: 'alice@corp.example',
      email_verified: false,
      preferred_username: 'alice',
      groups: ['engineering'],
    },
  },
  {
    preset: 'envoy-ext-authz',
    sent: [
      ...['x-auth-request-user', '9f86d081-884c', 'x-auth-request-email', 'alice@corp.example'],
      // A client's own: nothing but the lines of the proxy would remove it.
      ...['x-auth-request-groups', 'cluster-admins', 'x-envoy-expected-rq-timeout-ms', '15000'],
    ],
    subject: '9f86d081-884c',
    claims: { email: 'alice@corp.example', email_verified: false },
  },
  {
    preset: 'authelia',
    sent: [
      ...['Remote-Email', 'alice@corp.example', 'Remote-Groups', 'admins,dev'],
      ...['Remote-Name', wire('Zoë Example'), 'Remote-User', 'alice'],
    ],
    subject: 'alice',
    claims: {
      email: 'alice@corp.example',
      email_verified: false,
      name: 'Zoë Example',
      groups: ['admins', 'dev'],
    },
  },
  {
    preset: 'authentik-headers',
    sent: [
      ...['X-Authentik-Email', 'alice@corp.example', 'X-Authentik-Groups', 'authentik Admins|a, b'],
      ...['X-Authentik-Name', wire('Zoë Example'), 'X-Authentik-Uid', '900347b8a298'],
      ...['X-Authentik-Username', 'alice', 'X-Authentik-Meta-Jwks', 'https://evil.example/jwks'],
    ],
    subject: '900347b8a298',
    claims: {
      email: 'alice@corp.example',
      email_verified: false,
      preferred_username: 'alice',
      name: 'Zoë Example',
      groups: ['authentik Admins', 'a, b'],
    },
  },
  {
    preset: 'tailscale-serve',
    sent: [
      ...[
        'Tailscale-User-Login',
        'alice@corp.example',
        'Tailscale-User-Name',
        '=?utf-8?q?Zo=C3=AB?=',
      ],
      ...['Tailscale-User-Profile-Pic', 'https://pics.example/alice'],
      ...['Tailscale-Headers-Info', 'https://tailscale.com/s/serve-headers'],
    ],
    subject: 'alice@corp.example',
    claims: { name: 'Zoë' },
  },
  {
    preset: 'k8s-front-proxy',
    sent: [
      ...['X-Remote-User', 'alice', 'X-Remote-Group', 'system:masters', 'X-Remote-Group', 'a,b'],
      ...['X-Remote-Extra-Scopes', 'openid', 'X-Remote-Uid', '42'],
    ],
    subject: 'alice',
    claims: { groups: ['system:masters', 'a,b'] },
  },
];

const MTLS = { dnsSans: ['front-proxy.example'], uriSans: [] };
const SOCKET: Peer = { address: undefined, unixSocket: true, certificate: undefined };

/** The proof that the preset asks for, and a peer that gives it. */
const proven = (
  preset: PresetName,
): { trust: TrustOptions; peer: Peer; lines: readonly string[] } =>
  preset === 'k8s-front-proxy'
    ? { trust: { mtls: MTLS }, peer: { ...PROXY, certificate: MTLS }, lines: [] }
    : { trust, peer: PROXY, lines: SECRET_LINE };

const BROWSER = [
  'Host',
  'sso.example',
  'User-Agent',
  'Mozilla/5.0',
  'X-Forwarded-For',
  '203.0.113.7',
];

function resolved(preset: PresetName, given: TrustOptions) {
  const resolution = resolvePreset(preset, { trust: given });
  if (resolution.kind === 'refused') throw new Error(resolution.problems.join('\n'));
  if (resolution.options.headers === undefined) throw new Error('not of plain headers');
  return resolution.options;
}

describe('presets of plain headers', () => {
  it('are each captured once', () => {
    const plain = PRESET_NAMES.filter((name) => PRESETS[name].source.kind === 'headers');

    expect(CAPTURED.map(({ preset }) => preset)).toEqual(plain);
  });

  for (const { preset, sent, subject, claims } of CAPTURED) {
    const { trust: given, peer, lines } = proven(preset);
    const options = resolved(preset, given);
    const { identify } = createHeaderUpstream(options);
    const said = (...more: readonly string[]) =>
      identify({ rawHeaders: [...BROWSER, ...sent, ...lines, ...more], peer });
    const subjectHeader = options.headers.subject.name;

    describe(preset, () => {
      it('identifies the End-User of a request of the product', () => {
        expect(subjectOf(said())).toBe(subject);
        expect(claimsOf(said())).toEqual(claims);
      });

      it('refuses the same request without its proof', () => {
        const stranger: Peer = { address: '10.42.7.3', unixSocket: false, certificate: undefined };

        expect(identify({ rawHeaders: [...BROWSER, ...sent], peer: stranger }).kind).toBe(
          'refused',
        );
      });

      it('refuses a second subject, and every alias of a header (T05, T06)', () => {
        expect(said(subjectHeader, 'admin')).toEqual(
          refusal(400, 'duplicate_header', subjectHeader),
        );
        for (const { field } of listHeaders(options.headers)) {
          for (const alias of ['_', '.'].map((sign) => field.name.replaceAll('-', sign))) {
            expect(said(alias, 'admin')).toEqual(refusal(400, 'header_alias', field.name));
          }
        }
      });

      it('refuses a Connection that names one of its headers (T07)', () => {
        expect(said('Connection', `close, ${subjectHeader}`)).toEqual(
          refusal(400, 'hop_by_hop', subjectHeader),
        );
      });

      it('signs nobody in who is only named by other headers (T08)', () => {
        const others = sent.flatMap((name, index) =>
          index % 2 === 1 || name.toLowerCase() === subjectHeader.toLowerCase()
            ? []
            : [name, sent[index + 1] ?? ''],
        );

        expect(identify({ rawHeaders: [...BROWSER, ...others, ...lines], peer }).kind).toBe(
          'anonymous',
        );
      });
    });
  }
});

describe('the proof that a preset insists on', () => {
  const secretAlone: TrustOptions = { secret: trust.secret };
  const peers: TrustOptions = { peers: ['10.42.7.0/24'] };
  const socket: TrustOptions = { unixSocket: true };
  const mtls: TrustOptions = { mtls: MTLS };
  const CASES: readonly (readonly [
    PresetName,
    readonly TrustOptions[],
    readonly TrustOptions[],
  ])[] = [
    ['custom', [secretAlone, peers, socket, mtls], []],
    ['oauth2-proxy', [secretAlone, socket], [peers, mtls]],
    ['nginx-auth-request', [secretAlone, socket], [peers, mtls]],
    [
      'traefik-forwardauth',
      [
        { ...secretAlone, ...peers },
        { ...secretAlone, ...socket },
      ],
      [secretAlone, peers, socket, mtls, { ...peers, ...mtls }, { ...secretAlone, peers: [] }],
    ],
    ['envoy-ext-authz', [secretAlone, mtls], [peers, socket]],
    ['authelia', [secretAlone, socket], [peers, mtls]],
    ['authentik-headers', [{ ...secretAlone, ...peers }], [secretAlone, peers, socket, mtls]],
    ['tailscale-serve', [secretAlone, socket], [peers, mtls, { peers: ['127.0.0.1/32'] }]],
    ['k8s-front-proxy', [mtls, { ...mtls, ...peers }], [secretAlone, peers, socket]],
  ];

  for (const [preset, enough, insufficient] of CASES) {
    it(`${preset}: ${PRESETS[preset].proof.needs}`, () => {
      for (const given of enough) {
        expect(resolvePreset(preset, { trust: given })).toMatchObject({ kind: 'resolved' });
      }
      for (const given of insufficient) {
        expect(resolvePreset(preset, { trust: given })).toEqual({
          kind: 'refused',
          problems: [`upstream.trust: the preset ${preset} needs ${PRESETS[preset].proof.needs}`],
        });
      }
    });
  }

  it('counts beside a socket only on a socket', () => {
    const { identify } = createHeaderUpstream(resolved('oauth2-proxy', socket));
    const rawHeaders = ['X-Forwarded-User', 'alice'];

    expect(subjectOf(identify({ rawHeaders, peer: SOCKET }))).toBe('alice');
    expect(identify({ rawHeaders, peer: PROXY })).toEqual(
      refusal(403, 'untrusted_peer', undefined),
    );
  });
});

describe('groups of a preset whose proxy may let a client bring its own (T15)', () => {
  it('are not read by envoy-ext-authz until the operator names their header', () => {
    const groups = { name: 'X-Auth-Request-Groups' };
    const withGroups = resolvePreset('envoy-ext-authz', { trust, headers: { groups } });

    expect(resolved('envoy-ext-authz', trust).headers.groups).toBeUndefined();
    expect(withGroups).toMatchObject({ options: { headers: { groups } } });
  });
});

describe('what a preset reads', () => {
  const assertion = {
    header: 'X-Jwt',
    algorithms: ['ES256'],
    keys: { kind: 'uri', uri: 'https://k.example' },
  } as const;
  const whole = { ...assertion, issuer: 'https://i.example', audience: ['a'] };

  it('is an assertion for custom where the operator describes one', () => {
    expect(resolvePreset('custom', { trust, assertion: whole })).toMatchObject({
      kind: 'resolved',
      options: { assertion: { header: 'X-Jwt', claims: { subject: 'sub' } } },
    });
  });

  it('is never both', () => {
    expect(resolvePreset('custom', { trust, assertion: whole, headers: {} })).toEqual({
      kind: 'refused',
      problems: [
        'upstream.headers: plain headers are not read beside an assertion; remove one of the two',
      ],
    });
  });

  it('cannot be turned into the other kind', () => {
    expect(resolvePreset('oauth2-proxy', { trust, assertion: whole })).toEqual({
      kind: 'refused',
      problems: ['upstream.assertion: the preset oauth2-proxy reads plain headers'],
    });
    expect(resolvePreset('pomerium', { trust, headers: { subject: { name: 'X-User' } } })).toEqual({
      kind: 'refused',
      problems: ['upstream.headers: the preset pomerium reads an assertion, and no plain headers'],
    });
  });
});

describe('where a preset lets people sign in and out', () => {
  const urlsOf = (name: PresetName, urls: object = {}) => {
    const resolution = resolvePreset(name, { trust, urls });
    return resolution.kind === 'resolved' ? resolution.urls : resolution.problems;
  };

  it('is filled in, and is the operator’s word where there is one', () => {
    expect(urlsOf('nginx-auth-request')).toEqual({
      loginUrl: `/oauth2/start?rd=\${url}`,
      logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}`,
      reauthenticateUrl: undefined,
    });
    expect(urlsOf('nginx-auth-request', { loginUrl: `/in?\${url}`, logoutUrl: '/out' })).toEqual({
      loginUrl: `/in?\${url}`,
      logoutUrl: '/out',
      reauthenticateUrl: undefined,
    });
  });

  it('is nowhere where the operator says null, or the product has no such place', () => {
    expect(urlsOf('nginx-auth-request', { loginUrl: null, logoutUrl: null })).toEqual({});
    expect(urlsOf('custom', { reauthenticateUrl: `/again?\${url}` })).toEqual({
      reauthenticateUrl: `/again?\${url}`,
    });
  });
});
