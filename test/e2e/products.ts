// What each product says about somebody, by its documentation and source: names of headers, claims of
// assertions, what it removes of what clients send. A table; nothing here is the product itself.

import type { JWK } from 'jose';
import type { Alg, HeaderLine, ProductSigner, SignerOptions } from './emulator.ts';

export type Person = {
  readonly name: 'alice' | 'bob';
  readonly email: string;
  readonly fullName: string;
  readonly groups: readonly string[];
};

export const PEOPLE = {
  alice: {
    name: 'alice',
    email: 'alice@corp.example',
    fullName: 'Älice Example',
    groups: ['engineering', 'role:admin'],
  },
  bob: { name: 'bob', email: 'bob@corp.example', fullName: 'Bob Example', groups: ['sales'] },
} as const satisfies Readonly<Record<string, Person>>;

type Common = {
  readonly preset: string;
  /** Header names in lower case that a client's request loses, by the product or its printed lines. */
  readonly removes: RegExp;
  /** What a relying party is told about alice; nothing else of what the product says. */
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
};

export type PlainProduct = Common & {
  readonly says: (person: Person) => readonly HeaderLine[];
  /** A header that a client may bring because the product leaves it, and that counts for nothing. */
  readonly leaves?: HeaderLine;
  readonly listen?: 'mtls';
};

export type SigningProduct = Common & {
  readonly header: string;
  readonly prefix?: string;
  readonly signer: SignerOptions & { readonly alg: Alg };
  readonly claimsOf: (person: Person, now: number, at: At) => Readonly<Record<string, unknown>>;
  /** Plain headers that it sets beside. */
  readonly beside?: (person: Person) => readonly HeaderLine[];
  /** Placeholders of the printed section → what is so here. */
  readonly fill: (signer: ProductSigner) => Readonly<Record<string, string>>;
  readonly listen?: 'socket';
};

type At = { readonly signer: ProductSigner };

/** A header value of these characters, as Go and nginx put them on the wire. */
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

const { alice } = PEOPLE;
const UNVERIFIED = { email: alice.email, email_verified: false };

export const PLAIN: readonly PlainProduct[] = [
  {
    preset: 'traefik-forwardauth',
    removes: /^x-auth-request-(?:user|email|preferred-username|groups)$/,
    says: ({ name, email, groups }) => [
      ['X-Auth-Request-User', `id-of-${name}`],
      ['X-Auth-Request-Email', email],
      ['X-Auth-Request-Preferred-Username', name],
      ['X-Auth-Request-Groups', groups.join(',')],
      ['X-Forwarded-Server', 'traefik-7c9d'],
      ['X-Real-Ip', '203.0.113.7'],
    ],
    subject: 'id-of-alice',
    claims: { ...UNVERIFIED, preferred_username: 'alice', groups: alice.groups },
  },
  {
    // ext_authz overwrites what the answer names; the answer of somebody without groups names none.
    preset: 'envoy-ext-authz',
    removes: /^x-auth-request-(?:user|email)$/,
    says: ({ name, email }) => [
      ['x-auth-request-user', `id-of-${name}`],
      ['x-auth-request-email', email],
      ['x-envoy-expected-rq-timeout-ms', '15000'],
      ['x-request-id', '4e1f7bd2-9e07-4f26-8c3b-5a1d6f9e2c11'],
    ],
    leaves: ['X-Auth-Request-Groups', 'cluster-admins'],
    subject: 'id-of-alice',
    claims: UNVERIFIED,
  },
  {
    preset: 'authelia',
    removes: /^remote-(?:user|email|name|groups)$/,
    says: ({ name, email, fullName, groups }) => [
      ['Remote-User', name],
      ['Remote-Groups', groups.join(',')],
      ['Remote-Name', utf8(fullName)],
      ['Remote-Email', email],
    ],
    subject: 'alice',
    claims: { ...UNVERIFIED, name: alice.fullName, groups: alice.groups },
  },
  {
    preset: 'authentik-headers',
    removes: /^x-authentik-(?:uid|email|username|name|groups)$/,
    says: (person) => authentikHeaders(person),
    // Whoever could choose the keys could sign.
    leaves: ['X-Authentik-Meta-Jwks', 'http://127.0.0.1:1/jwks'],
    subject: 'uid-of-alice',
    claims: {
      ...UNVERIFIED,
      ...{ preferred_username: 'alice', name: alice.fullName, groups: alice.groups },
    },
  },
  {
    // Serve, and the nginx on a Unix socket that the printed lines put behind it.
    preset: 'tailscale-serve',
    removes: /^tailscale-(?:user-login|user-name|user-profile-pic|headers-info|app-capabilities)$/,
    says: ({ email, fullName }) => [
      ['Tailscale-User-Login', email],
      ['Tailscale-User-Name', quoted(fullName)],
      ['Tailscale-User-Profile-Pic', 'https://pics.example/1'],
      ['Tailscale-Headers-Info', 'https://tailscale.com/s/serve-headers'],
      ['X-Forwarded-Proto', 'https'],
    ],
    subject: 'alice@corp.example',
    claims: { name: alice.fullName },
  },
  {
    preset: 'k8s-front-proxy',
    removes: /^x-remote-(?:user|group|uid|extra-.*)$/,
    says: ({ name, groups }) => [
      ['X-Remote-User', name],
      ...groups.map((group) => ['X-Remote-Group', group] as const),
      ['X-Remote-Extra-Scopes', 'openid'],
    ],
    listen: 'mtls',
    subject: 'alice',
    claims: { groups: alice.groups },
  },
];

/** mime.QEncoding of Go, which leaves ASCII as it is. */
const quoted = (text: string): string => {
  if (/^[ -~]*$/.test(text)) return text;
  const bytes = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === ' ') return '_';
    return /[!-<>@-^`-~]/.test(character)
      ? character
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `=?utf-8?q?${bytes.join('')}?=`;
};

const authentikHeaders = ({ name, email, fullName, groups }: Person): readonly HeaderLine[] => [
  ['X-Authentik-Username', name],
  ['X-Authentik-Groups', groups.join('|')],
  ['X-Authentik-Entitlements', ''],
  ['X-Authentik-Email', email],
  ['X-Authentik-Name', utf8(fullName)],
  ['X-Authentik-Uid', `uid-of-${name}`],
  ['X-Authentik-Meta-Provider', 'asteroid'],
  ['X-Authentik-Meta-Outpost', 'authentik Embedded Outpost'],
];

export const SIGNING: readonly SigningProduct[] = [
  {
    // What the gateway says; the sidecar passes it on (forwardOriginalToken).
    preset: 'istio-jwt',
    removes: /^(?:x-envoy-.*|x-forwarded-client-cert)$/,
    header: 'Authorization',
    prefix: 'Bearer ',
    signer: { alg: 'RS256', jwksPath: '/jwks' },
    fill: ({ origin, jwksUri }) => ({
      'https://idp.example.com/jwks': jwksUri,
      'https://idp.example.com': origin,
    }),
    claimsOf: ({ name, email, groups }, now, { signer }) => ({
      ...{ iss: signer.origin, aud: ['asteroid'], sub: name, iat: now - 60, exp: now + 3000 },
      ...{ email, email_verified: true, groups, auth_time: now - 600, azp: 'gateway' },
    }),
    subject: 'alice',
    claims: { email: alice.email, email_verified: true, groups: alice.groups },
  },
  {
    preset: 'pomerium',
    removes: /^x-pomerium-.*$/,
    header: 'X-Pomerium-Jwt-Assertion',
    signer: { alg: 'ES256', jwksPath: '/.well-known/pomerium/jwks.json' },
    fill: ({ jwksUri }) => ({
      'https://sso.example.com/.well-known/pomerium/jwks.json': jwksUri,
      'sso.example.com': '127.0.0.1',
    }),
    claimsOf: ({ name, email, fullName, groups }, now) => ({
      ...{ iss: '127.0.0.1', aud: '127.0.0.1', sub: name, user: name, iat: now, exp: now + 300 },
      ...{ email, name: fullName, groups, sid: `session-of-${name}`, jti: `${now}` },
    }),
    subject: 'alice',
    claims: { email: alice.email, name: alice.fullName, groups: alice.groups },
  },
  {
    preset: 'cloudflare-access',
    removes: /^cf-access-.*$/,
    header: 'Cf-Access-Jwt-Assertion',
    signer: {
      alg: 'RS256',
      jwksPath: '/cdn-cgi/access/certs',
      head: {},
      document: (keys) => ({
        keys,
        public_cert: { kid: keys[0]?.kid, cert: '-----BEGIN CERTIFICATE-----' },
        public_certs: [{ kid: keys[0]?.kid, cert: '-----BEGIN CERTIFICATE-----' }],
      }),
    },
    fill: ({ origin, jwksUri }) => ({
      'https://TEAM.cloudflareaccess.com/cdn-cgi/access/certs': jwksUri,
      'https://TEAM.cloudflareaccess.com': origin,
      'AUD-TAG-OF-THE-APPLICATION': AUD_TAG,
    }),
    claimsOf: ({ name, email }, now, { signer }) => ({
      ...{ aud: [AUD_TAG], email, exp: now + 80_000, iat: now - 6400, nbf: now - 6400 },
      ...{ iss: signer.origin, type: 'app', identity_nonce: '6ei69kawdKzMIAPF', country: 'DE' },
      ...{ sub: `7335d417-${name}` },
    }),
    beside: ({ email }) => [['Cf-Access-Authenticated-User-Email', email]],
    listen: 'socket',
    subject: '7335d417-alice',
    claims: { email: alice.email },
  },
  {
    preset: 'google-iap',
    removes: /^x-goog-.*$/,
    header: 'X-Goog-Iap-Jwt-Assertion',
    signer: { alg: 'ES256', jwksPath: '/iap/verify/public_key-jwk' },
    fill: ({ jwksUri }) => ({
      'https://www.gstatic.com/iap/verify/public_key-jwk': jwksUri,
      '/projects/NUMBER/global/backendServices/ID': BACKEND,
    }),
    claimsOf: ({ name, email }, now) => ({
      ...{ aud: BACKEND, email, exp: now + 600, iat: now, iss: 'https://cloud.google.com/iap' },
      ...{ sub: `accounts.google.com:118${name}`, hd: 'corp.example', identity_source: 'GOOGLE' },
      ...{ google: { access_levels: [] } },
    }),
    beside: ({ name, email }) => [
      ['X-Goog-Authenticated-User-Email', `accounts.google.com:${email}`],
      ['X-Goog-Authenticated-User-Id', `accounts.google.com:118${name}`],
    ],
    subject: 'accounts.google.com:118alice',
    claims: { email: alice.email },
  },
  {
    preset: 'authentik',
    removes: /^x-authentik-.*$/,
    header: 'X-Authentik-Jwt',
    signer: {
      alg: 'RS256',
      jwksPath: '/application/o/asteroid/jwks/',
      document: (keys) => ({ keys: keys.map(withCertificate) }),
    },
    fill: ({ origin, jwksUri }) => ({
      'https://authentik.example.com/application/o/asteroid/jwks/': jwksUri,
      'https://authentik.example.com': origin,
      'CLIENT-ID-OF-THE-PROVIDER': CLIENT_OF_PROVIDER,
    }),
    claimsOf: ({ name, email, fullName, groups }, now, { signer }) => ({
      ...{ iss: `${signer.origin}/application/o/asteroid/`, aud: CLIENT_OF_PROVIDER },
      ...{ sub: `hash-of-${name}`, iat: now - 60, exp: now + 80_000, auth_time: now - 60 },
      ...{ acr: 'goauthentik.io/providers/oauth2/default', azp: CLIENT_OF_PROVIDER, uid: 'x' },
      ...{ email, email_verified: true, name: fullName, given_name: fullName, groups },
      ...{ preferred_username: name, nickname: name, ak_proxy: { user_attributes: {} } },
    }),
    beside: authentikHeaders,
    subject: 'hash-of-alice',
    claims: {
      ...{ email: alice.email, preferred_username: 'alice', name: alice.fullName },
      groups: alice.groups,
    },
  },
  {
    preset: 'teleport',
    removes: /^teleport-jwt-assertion$/,
    header: 'Teleport-Jwt-Assertion',
    signer: { alg: 'RS256', jwksPath: '/.well-known/jwks.json' },
    fill: ({ jwksUri }) => ({
      'https://teleport.example.com/.well-known/jwks.json': jwksUri,
      'teleport.example.com': 'cluster.corp.example',
    }),
    claimsOf: ({ name, groups }, now) => ({
      ...{ iss: 'cluster.corp.example', aud: ['http://127.0.0.1:8880'], sub: name, username: name },
      ...{ roles: groups, traits: { logins: ['root'], email: ['x@corp.example'] } },
      ...{ iat: now, nbf: now - 15, exp: now + 3600 },
    }),
    subject: 'alice',
    claims: { preferred_username: 'alice', groups: alice.groups },
  },
];

const AUD_TAG = '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2';
const BACKEND = '/projects/123456789012/global/backendServices/4567890123456789012';
const CLIENT_OF_PROVIDER = 'nYpoDJ8eSyTvHTwzIdFVl5GhVVoOD3Cb0AXqMNRo';

/** authentik names the certificate of its key as well. */
const withCertificate = (key: JWK): JWK => ({
  ...key,
  x5c: ['MIIFUjCCAzqgAwIBAgIRAKY'],
  x5t: 'q8q1hQ',
  'x5t#S256': 'nq1mPq',
});
