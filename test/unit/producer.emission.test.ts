// Exactly what each product says about alice, and about somebody of whom little is known.

import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEmission, type Said } from '../../internal/producer/emission.ts';
import type { SignedIn } from '../../internal/producer/end-user.ts';
import type { ProductName } from '../../internal/producer/products/table.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { wire } from './upstream.fixture.ts';

const NOW = 1_800_000_000;
const ORIGIN = 'http://localhost:8880';

const ALICE: SignedIn = {
  subject: toSubject('alice'),
  claims: {
    ...{ name: 'Zoë', preferred_username: 'ali', email: 'alice@corp.example' },
    ...{ email_verified: true, groups: ['admins', 'dev team'], department: 'R&D' },
    picture: 'https://people.example/alice.png',
  },
  since: NOW - 60,
  sid: 'stay-1',
};

const BARE: SignedIn = { subject: toSubject('bare'), claims: {}, since: NOW, sid: 'stay-2' };

const open = (name: ProductName) => createEmission(name, {}, ORIGIN, () => NOW);

const said = async (name: ProductName, who: SignedIn): Promise<Said> => (await open(name)).say(who);

const PLAIN: ReadonlyArray<readonly [ProductName, Said['lines'], Said['lines']]> = [
  [
    'oauth2-proxy',
    [
      ['X-Forwarded-User', 'alice'],
      ['X-Forwarded-Email', 'alice@corp.example'],
      ['X-Forwarded-Preferred-Username', 'ali'],
      ['X-Forwarded-Groups', 'admins,dev team'],
    ],
    [['X-Forwarded-User', 'bare']],
  ],
  [
    'nginx-auth-request',
    [
      ['X-Authenticated-User', 'alice'],
      ['X-Authenticated-Email', 'alice@corp.example'],
      ['X-Authenticated-Groups', 'admins,dev team'],
    ],
    [['X-Authenticated-User', 'bare']],
  ],
  [
    'traefik-forwardauth',
    [
      ['X-Auth-Request-User', 'alice'],
      ['X-Auth-Request-Email', 'alice@corp.example'],
      ['X-Auth-Request-Preferred-Username', 'ali'],
      ['X-Auth-Request-Groups', 'admins,dev team'],
    ],
    [['X-Auth-Request-User', 'bare']],
  ],
  [
    'envoy-ext-authz',
    [
      ['X-Auth-Request-User', 'alice'],
      ['X-Auth-Request-Email', 'alice@corp.example'],
    ],
    [['X-Auth-Request-User', 'bare']],
  ],
  [
    'authelia',
    [
      ['Remote-User', 'alice'],
      ['Remote-Email', 'alice@corp.example'],
      ['Remote-Name', wire('Zoë')],
      ['Remote-Groups', 'admins,dev team'],
    ],
    [
      ['Remote-User', 'bare'],
      ['Remote-Email', ''],
      ['Remote-Name', ''],
      ['Remote-Groups', ''],
    ],
  ],
  [
    'tailscale-serve',
    [
      ['Tailscale-User-Login', 'alice'],
      ['Tailscale-User-Name', '=?utf-8?q?Zo=C3=AB?='],
      ['Tailscale-User-Profile-Pic', 'https://people.example/alice.png'],
      ['Tailscale-Headers-Info', 'https://tailscale.com/s/serve-headers'],
    ],
    [
      ['Tailscale-User-Login', 'bare'],
      ['Tailscale-User-Profile-Pic', ''],
      ['Tailscale-Headers-Info', 'https://tailscale.com/s/serve-headers'],
    ],
  ],
  [
    'k8s-front-proxy',
    [
      ['X-Remote-User', 'alice'],
      ['X-Remote-Group', 'admins'],
      ['X-Remote-Group', 'dev team'],
    ],
    [['X-Remote-User', 'bare']],
  ],
];

describe('plain headers', () => {
  for (const [name, alice, bare] of PLAIN) {
    it(`of ${name}`, async () => {
      expect(await said(name, ALICE)).toEqual({ lines: alice, cookie: undefined });
      expect((await said(name, BARE)).lines).toEqual(bare);
    });
  }

  it('of authentik are the same with the token and without reading it', async () => {
    const token = await said('authentik', ALICE);
    const headers = await said('authentik-headers', ALICE);
    const plain = ({ lines }: Said) =>
      [...lines].filter(([name]) => name !== 'X-Authentik-Jwt').sort();

    expect(plain(token)).toEqual(plain(headers));
    expect(token.lines.map(([name]) => name).sort()).toEqual(
      headers.lines.map(([name]) => name).sort(),
    );
    expect(headers.lines).toContainEqual(['X-Authentik-Groups', 'admins|dev team']);
    expect((await said('authentik-headers', BARE)).lines).toContainEqual([
      'X-Authentik-Groups',
      '',
    ]);
  });

  it('hold no line end, whatever a claim says', async () => {
    const claims = { name: 'Alice\r\nRemote-Groups: admins', email: 'a@b\0' };

    const { lines } = await said('authelia', { ...ALICE, claims });

    expect(lines).toEqual([
      ['Remote-User', 'alice'],
      ['Remote-Groups', ''],
    ]);
  });
});

const ALL = {
  ...{ name: 'Zoë', preferred_username: 'ali', email: 'alice@corp.example' },
  ...{ email_verified: true, groups: ['admins', 'dev team'], department: 'R&D' },
  picture: 'https://people.example/alice.png',
};
const GROUPS = ['admins', 'dev team'];
const { name, email } = ALL;

/** Header, algorithm, and the claims beside `iat`. */
const SIGNED: ReadonlyArray<readonly [ProductName, string, string, object]> = [
  [
    ...(['oauth2-proxy-id-token', 'X-Upstream-Id-Token', 'RS256'] as const),
    {
      ...ALL,
      ...{ iss: `${ORIGIN}/.asteroid`, aud: 'asteroid-proxy', sub: 'alice' },
      ...{ auth_time: NOW - 60, exp: NOW + 3600 },
    },
  ],
  [
    ...(['istio-jwt', 'Authorization', 'RS256'] as const),
    {
      ...ALL,
      ...{ iss: `${ORIGIN}/.asteroid`, aud: 'asteroid', sub: 'alice' },
      ...{ auth_time: NOW - 60, exp: NOW + 3600 },
    },
  ],
  [
    ...(['pomerium', 'X-Pomerium-Jwt-Assertion', 'ES256'] as const),
    {
      ...{ iss: 'localhost:8880', aud: 'localhost:8880', sub: 'alice', user: 'alice', name, email },
      ...{ groups: GROUPS, sid: 'stay-1', jti: `stay-1-${NOW}`, exp: NOW + 300 },
    },
  ],
  [
    ...(['cloudflare-access', 'Cf-Access-Jwt-Assertion', 'RS256'] as const),
    {
      ...{ iss: ORIGIN, aud: ['AUD-TAG-OF-THE-APPLICATION'], sub: 'alice', email, type: 'app' },
      ...{ identity_nonce: 'stay-1', country: 'XX', nbf: NOW, exp: NOW + 86_400 },
    },
  ],
  [
    ...(['google-iap', 'X-Goog-Iap-Jwt-Assertion', 'ES256'] as const),
    {
      ...{ iss: 'https://cloud.google.com/iap', sub: 'accounts.google.com:alice', email },
      ...{ aud: '/projects/NUMBER/global/backendServices/ID', hd: 'corp.example' },
      ...{ google: { access_levels: [] }, exp: NOW + 600 },
    },
  ],
  [
    ...(['authentik', 'X-Authentik-Jwt', 'RS256'] as const),
    {
      ...{ iss: `${ORIGIN}/application/o/asteroid/`, aud: 'CLIENT-ID-OF-THE-PROVIDER' },
      ...{ azp: 'CLIENT-ID-OF-THE-PROVIDER', sub: 'alice', name, given_name: name, email },
      ...{ email_verified: true, preferred_username: 'ali', nickname: 'ali', groups: GROUPS },
      ...{ uid: 'stay-1', auth_time: NOW - 60, acr: 'goauthentik.io/providers/oauth2/default' },
      ...{ ak_proxy: { user_attributes: {}, is_superuser: false }, exp: NOW + 86_400 },
    },
  ],
  [
    ...(['teleport', 'Teleport-Jwt-Assertion', 'RS256'] as const),
    {
      ...{ iss: 'teleport.example.com', aud: ['http://127.0.0.1:8880'], sub: 'alice' },
      ...{ username: 'ali', roles: GROUPS, traits: { logins: ['alice'], email: [email] } },
      ...{ nbf: NOW, exp: NOW + 300 },
    },
  ],
];

const partsOf = (token: string): readonly string[] => token.split('.');
const read = (part = ''): { readonly [member: string]: unknown } =>
  JSON.parse(Buffer.from(part, 'base64url').toString());

describe('a signed assertion', () => {
  for (const [product, header, alg, claims] of SIGNED) {
    it(`of ${product}`, async () => {
      const emission = await open(product);
      const line = emission.say(ALICE).lines.find(([one]) => one === header)?.[1] ?? '';
      const token = line.replace(/^Bearer /, '');
      const [head = '', payload = '', signature = ''] = partsOf(token);
      const { keys } = JSON.parse(emission.signed?.signer.jwks ?? '');

      expect(line.startsWith('Bearer ')).toBe(product === 'istio-jwt');
      expect(read(head)).toEqual({ typ: 'JWT', alg, kid: keys[0].kid });
      expect(read(payload)).toEqual({ ...claims, iat: NOW });
      expect(keys[0]).toMatchObject({ alg, use: 'sig', kid: expect.stringMatching(/^dev-/) });
      expect(keys[0]).not.toHaveProperty('d');
      const key = {
        key: createPublicKey({ key: keys[0], format: 'jwk' }),
        dsaEncoding: 'ieee-p1363',
      } as const;
      const input = Buffer.from(`${head}.${payload}`);
      expect(verify('sha256', input, key, Buffer.from(signature, 'base64url'))).toBe(true);
    });
  }

  it('of aws-alb is padded, names the load balancer in its header, and has no audience', async () => {
    const emission = await open('aws-alb');
    const { lines } = emission.say(ALICE);
    const { signer } = emission.signed ?? {};
    const [data, ...others] = lines;
    const parts = partsOf(data?.[1] ?? '');
    const iss = `${ORIGIN}/.asteroid`;

    expect(data?.[0]).toBe('X-Amzn-Oidc-Data');
    expect(others).toEqual([
      ['X-Amzn-Oidc-Identity', 'alice'],
      ['X-Amzn-Oidc-Accesstoken', 'dev-stay-1'],
    ]);
    for (const part of parts) expect(part.length % 4).toBe(0);
    expect(parts[2]).toMatch(/==$/);
    expect(read(parts[0])).toEqual({
      ...{
        typ: 'JWT',
        alg: 'ES256',
        kid: signer?.kid,
        iss,
        client: 'CLIENT-ID-OF-THE-LOAD-BALANCER',
      },
      signer:
        'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/NAME/0123456789abcdef',
      exp: NOW + 120,
    });
    expect(read(parts[1])).toEqual({ ...ALL, sub: 'alice', iss, exp: NOW + 120 });
    expect(signer?.kid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('is in the cookie of Cloudflare as well, and its address in a plain header', async () => {
    const { lines, cookie } = await said('cloudflare-access', ALICE);

    expect(cookie).toBe(`CF_Authorization=${lines[0]?.[1]}`);
    expect(lines[1]).toEqual(['Cf-Access-Authenticated-User-Email', email]);
  });

  it('comes from Google with two plain headers that are not signed', async () => {
    expect((await said('google-iap', ALICE)).lines.slice(1)).toEqual([
      ['X-Goog-Authenticated-User-Email', `accounts.google.com:${email}`],
      ['X-Goog-Authenticated-User-Id', 'accounts.google.com:alice'],
    ]);
  });

  it('is never about what the issuer alone may say, also where users.yaml had it', async () => {
    const claims = { ...ALICE.claims, iss: 'https://evil.example', aud: 'x', exp: 1, sub: 'admin' };
    const { lines } = await said('istio-jwt', { ...ALICE, claims });
    const payload = read(partsOf(lines[0]?.[1] ?? '')[1]);

    expect(payload).toMatchObject({ iss: `${ORIGIN}/.asteroid`, aud: 'asteroid', sub: 'alice' });
    expect(payload['exp']).toBe(NOW + 3600);
  });
});
