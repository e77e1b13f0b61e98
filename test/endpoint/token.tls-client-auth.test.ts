import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ClientCertificate } from '../../internal/protocol/client-certificate.ts';
import type { CertificateName } from '../../internal/protocol/client-tls.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { attribute, createKeys, createSelfSigned, TYPES } from '../support/certificates.ts';
import {
  toClientCertificate,
  toJwks,
  unverified,
  verified,
} from '../support/client-certificates.ts';
import { makeClient, secretOf } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';
import {
  basic,
  type Credentials,
  withCertificate,
  withForm,
  withHeader,
} from '../support/requests.ts';

const grant_type = 'client_credentials';
const base = { grantTypes: [grant_type], secrets: [] };

const byName = (clientId: string, certificateName: CertificateName) =>
  makeClient(clientId, {
    ...base,
    tokenEndpointAuthMethod: 'tls_client_auth',
    certificateName,
  });

const byKeys = (clientId: string, text: string) =>
  makeClient(clientId, {
    ...base,
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    keys: { kind: 'inline', text },
  });

const OWN = createSelfSigned({ commonName: 'own' });
const OTHER = createSelfSigned({ commonName: 'own' });
const NAME = { type: 'dns', value: 'app.example' } as const;

const CLIENTS = [
  byName('pki', NAME),
  byName('pki2', { type: 'dns', value: 'app2.example' }),
  byKeys('self', toJwks(OWN.cert, { whole: true })),
  byKeys('self2', toJwks(OTHER.cert, { whole: true })),
];

async function present(
  credentials: Credentials,
  different: Parameters<typeof createTestIssuer>[0] = {},
) {
  const clients = [...CLIENTS, ...(different.clients ?? [])];
  const { token } = createTestIssuer({ ...different, clients });
  const { status, json } = await token({ grant_type }, credentials);
  return `${status} ${String(json['reason'] ?? json['error'] ?? 'tokens')}`;
}

const asked = (clientId: string, certificate: ClientCertificate) =>
  present(withCertificate(clientId, certificate));

describe('client authentication: tls_client_auth (RFC 8705 §2.1; CA-13)', () => {
  const honest = verified({ dns: ['app.example'] });

  it('takes a certificate that a CA for clients issued to the name', async () => {
    expect(await asked('pki', honest)).toBe('200 tokens');
    expect(await asked('pki', verified({ dns: ['x.example', 'app.example'] }))).toBe('200 tokens');
  });

  it('does not take one that nobody vouches for, whatever names it has', async () => {
    expect(await asked('pki', unverified({ dns: ['app.example'] }))).toBe(
      '401 certificate_unverified',
    );
  });

  it('does not take that of another client, which the same CA vouches for', async () => {
    const other = verified({ dns: ['app2.example'] });

    expect(await asked('pki2', other)).toBe('200 tokens');
    expect(await asked('pki', other)).toBe('401 certificate_mismatch');
    expect(await asked('pki2', honest)).toBe('401 certificate_mismatch');
  });

  for (const { given, options } of [
    { given: 'another case', options: { dns: ['APP.example'] } },
    { given: 'a dot at its end', options: { dns: ['app.example.'] } },
    { given: 'a name below it', options: { dns: ['a.app.example'] } },
    { given: 'a wildcard over it', options: { dns: ['*.example'] } },
    { given: 'the name before a NUL', options: { dns: ['app.example\0.evil.example'] } },
    { given: 'the name as common name', options: { commonName: 'app.example' } },
    { given: 'the name as URI', options: { uris: ['app.example'] } },
    { given: 'the name as email address', options: { emails: ['app.example'] } },
    { given: 'no name at all', options: {} },
  ]) {
    it(`does not take one with ${given}`, async () => {
      expect(await asked('pki', verified(options))).toBe('401 certificate_mismatch');
    });
  }

  const subject = [attribute(TYPES.O, 'Example'), attribute(TYPES.CN, 'app')];
  for (const { name, honest: right, attack } of [
    {
      name: { type: 'subject_dn', value: 'CN=app,O=Example' },
      honest: { subject },
      attack: { subject: [...subject].reverse() },
    },
    {
      name: { type: 'subject_dn', value: 'CN=app,O=Example' },
      honest: { subject, dns: ['x.example'] },
      attack: { subject: [attribute(TYPES.CN, 'app,O=Example')] },
    },
    {
      name: { type: 'subject_dn', value: 'CN=app,O=Example' },
      honest: { subject: [attribute(TYPES.O, 'Example', 0x13), attribute(TYPES.CN, 'app', 0x13)] },
      attack: { subject: [attribute(TYPES.O, 'Example'), attribute(TYPES.CN, 'App')] },
    },
    {
      name: { type: 'uri', value: 'spiffe://example.org/app' },
      honest: { uris: ['spiffe://example.org/app'] },
      attack: { uris: ['spiffe://example.org/app/x'] },
    },
    {
      name: { type: 'ip', value: '192.0.2.1' },
      honest: { ips: [[192, 0, 2, 1]] },
      attack: { dns: ['192.0.2.1'] },
    },
    {
      name: { type: 'ip', value: '2001:db8::1' },
      honest: { ips: [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]] },
      attack: { ips: [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]] },
    },
    {
      name: { type: 'email', value: 'app@example.org' },
      honest: { emails: ['app@example.org'] },
      attack: { emails: ['APP@example.org'], dns: ['app@example.org'] },
    },
  ] as const) {
    it(`compares a ${name.type} exactly: ${JSON.stringify(attack)}`, async () => {
      const clients = [byName('named', name)];
      const as = (certificate: ClientCertificate) =>
        present(withCertificate('named', certificate), { clients });

      expect(await as(verified(right))).toBe('200 tokens');
      expect(await as(verified(attack))).toBe('401 certificate_mismatch');
    });
  }

  it('does not take a certificate of no name for a client of no name', async () => {
    const clients = [makeClient('odd', { ...base, tokenEndpointAuthMethod: 'tls_client_auth' })];

    expect(await present(withCertificate('odd', verified({ subject: [] })), { clients })).toBe(
      '401 certificate_mismatch',
    );
  });

  it('needs a certificate, and takes nothing in its place (CA-5)', async () => {
    expect(await present(withForm({ client_id: 'pki' }))).toBe('401 certificate_missing');
    for (const credentials of [
      { ...withHeader(basic('pki')), certificate: honest },
      { ...withForm({ client_id: 'pki', client_secret: secretOf('pki') }), certificate: honest },
    ]) {
      expect(await present(credentials)).toBe('401 client_auth_method_mismatch');
    }
    expect(await present({ form: {}, headers: {}, certificate: honest })).toBe(
      '401 credentials_missing',
    );
  });

  it('lets no other client leave out its secret for a certificate (CA-5)', async () => {
    for (const clientId of ['svc', 'post']) {
      expect(await asked(clientId, honest)).toBe('401 client_auth_method_mismatch');
    }
    expect(await asked('nobody', honest)).toBe('401 unknown_client');
    expect(await present({ ...withHeader(basic('svc')), certificate: honest })).toBe('200 tokens');
  });

  it('gives a public client nothing for a certificate', async () => {
    expect(await asked('spa', honest)).toBe('400 grant_type_not_registered');
  });

  for (const { when, different, answer } of [
    { when: 'to the last second', different: { notAfter: 1_800_000_000 }, answer: '200 tokens' },
    {
      when: 'and not a second longer',
      different: { notAfter: 1_799_999_999 },
      answer: '401 certificate_expired',
    },
    { when: 'from the first', different: { notBefore: 1_800_000_000 }, answer: '200 tokens' },
    {
      when: 'and not before',
      different: { notBefore: 1_800_000_001 },
      answer: '401 certificate_expired',
    },
    {
      when: 'never, when nobody can tell',
      different: { notAfter: Number.NaN },
      answer: '401 certificate_expired',
    },
  ]) {
    it(`takes it while it lives: ${when}`, async () => {
      expect(await asked('pki', { ...honest, ...different })).toBe(answer);
    });
  }

  it('answers one refusal to all of it, without a reason', async () => {
    const { token } = createTestIssuer({ clients: CLIENTS });
    const refusals = [
      withForm({ client_id: 'pki' }),
      withCertificate('pki', unverified({})),
      withCertificate('pki', verified({})),
      withCertificate('nobody', honest),
    ].map(async (credentials) => {
      const { json } = await token({ grant_type }, credentials);
      return `${json['error']}: ${json['error_description']}`;
    });

    expect(new Set(await Promise.all(refusals)).size).toBe(1);
  });
});

describe('client authentication: self_signed_tls_client_auth (RFC 8705 §2.2; CA-13)', () => {
  const own = toClientCertificate(OWN.cert);

  it('takes the certificate that is registered', async () => {
    expect(await asked('self', own)).toBe('200 tokens');
  });

  it('does not take that of another client, of the same name too', async () => {
    const other = toClientCertificate(OTHER.cert);

    expect(await asked('self2', other)).toBe('200 tokens');
    expect(await asked('self', other)).toBe('401 certificate_mismatch');
    expect(await asked('self2', own)).toBe('401 certificate_mismatch');
  });

  it('does not take one that a CA vouches for in its place, nor the other way round', async () => {
    const clients = [
      makeClient('both', {
        ...base,
        tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
        keys: { kind: 'inline', text: toJwks(OWN.cert, { whole: true }) },
        certificateName: NAME,
      }),
      makeClient('both2', {
        ...base,
        tokenEndpointAuthMethod: 'tls_client_auth',
        keys: { kind: 'inline', text: toJwks(OWN.cert, { whole: true }) },
        certificateName: NAME,
      }),
    ];
    const named = verified({ dns: ['app.example'] });

    expect(await present(withCertificate('both', named), { clients })).toBe(
      '401 certificate_mismatch',
    );
    expect(await present(withCertificate('both', own), { clients })).toBe('200 tokens');
    expect(await present(withCertificate('both2', own), { clients })).toBe(
      '401 certificate_unverified',
    );
    expect(await present(withCertificate('both2', named), { clients })).toBe('200 tokens');
  });

  it('takes any certificate of a key that is registered alone, and no other of a whole one', async () => {
    const keys = createKeys();
    const [old, renewed] = [createSelfSigned({ keys }), createSelfSigned({ keys })];
    const clients = [
      byKeys('key', toJwks(old.cert, { whole: false })),
      byKeys('whole', toJwks(old.cert, { whole: true })),
    ];
    const as = (clientId: string, pem: string) =>
      present(withCertificate(clientId, toClientCertificate(pem)), { clients });

    expect(await as('key', old.cert)).toBe('200 tokens');
    expect(await as('key', renewed.cert)).toBe('200 tokens');
    expect(await as('key', createSelfSigned().cert)).toBe('401 certificate_mismatch');
    expect(await as('whole', old.cert)).toBe('200 tokens');
    expect(await as('whole', renewed.cert)).toBe('401 certificate_mismatch');
  });

  it('takes one of several, and is not led astray by keys that are none', async () => {
    const { raw, publicKey } = new X509Certificate(OWN.cert);
    const key = publicKey.export({ format: 'jwk' });
    const rest = [
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      { ...key, x5c: [] },
      { ...key, x5c: 'text' },
      { ...key, x5c: [7] },
      { ...key, x5c: ['!'] },
    ];
    const clients = [
      byKeys(
        'last',
        JSON.stringify({ keys: [...rest, { ...key, x5c: [raw.toString('base64')] }] }),
      ),
      byKeys('none', JSON.stringify({ keys: rest })),
    ];

    expect(await present(withCertificate('last', own), { clients })).toBe('200 tokens');
    expect(await present(withCertificate('none', own), { clients })).toBe(
      '401 certificate_mismatch',
    );
  });

  it('looks at the first certificate of a chain only', async () => {
    const { publicKey } = new X509Certificate(OTHER.cert);
    const x5c = [OTHER, OWN].map(({ cert }) => new X509Certificate(cert).raw.toString('base64'));
    const text = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), x5c }] });
    const clients = [byKeys('chain', text)];

    expect(await present(withCertificate('chain', own), { clients })).toBe(
      '401 certificate_mismatch',
    );
    const first = toClientCertificate(OTHER.cert);
    expect(await present(withCertificate('chain', first), { clients })).toBe('200 tokens');
  });

  it('needs a certificate that lives, and registered keys', async () => {
    expect(await present(withForm({ client_id: 'self' }))).toBe('401 certificate_missing');
    expect(await asked('self', { ...own, notAfter: 1_799_999_999 })).toBe(
      '401 certificate_expired',
    );
    const clients = [
      makeClient('bare', { ...base, tokenEndpointAuthMethod: 'self_signed_tls_client_auth' }),
    ];
    expect(await present(withCertificate('bare', own), { clients })).toBe(
      '401 certificate_mismatch',
    );
  });

  it('refuses nobody for keys that cannot be had', async () => {
    const down = createTestIssuer({
      clients: CLIENTS,
      deps: {
        foreignKeys: {
          verify: async () => undefined,
          verifyByHeaderKey: async () => undefined,
          encrypter: async () => undefined,
          has: async () => {
            throw new Unavailable('keys', 'fetch');
          },
        },
      },
    });

    await expect(down.token({ grant_type }, withCertificate('self', own))).rejects.toThrow(
      Unavailable,
    );
  });
});

describe('metadata of an issuer that certificates reach (RFC 8705 §3.3, §5; DI-5)', () => {
  const describe_ = async (clientCertificates: 'none' | 'any' | 'verified', mtls?: string) => {
    const bases = { browser: 'https://op.example', back: 'https://op.example', mtls };
    const { issuer } = createTestIssuer({ policy: { clientCertificates }, deps: { bases } });
    const answer = await issuer.discovery({
      method: 'GET',
      params: new Map(),
      headers: {},
      repeatedHeaders: [],
      identity: undefined,
      session: undefined,
      certificate: undefined,
      requestId: 'r',
    });
    if (answer.kind !== 'json') throw new Error('no document');
    return JSON.parse(JSON.stringify(answer.body));
  };

  for (const { arrives, methods } of [
    { arrives: 'none', methods: [] },
    { arrives: 'any', methods: ['self_signed_tls_client_auth'] },
    { arrives: 'verified', methods: ['tls_client_auth', 'self_signed_tls_client_auth'] },
  ] as const) {
    it(`offers what it can do where ${arrives} arrive`, async () => {
      const document = await describe_(arrives);

      for (const endpoint of ['token', 'revocation', 'introspection']) {
        const all: readonly string[] = document[`${endpoint}_endpoint_auth_methods_supported`];
        expect(all.filter((name) => name.includes('tls'))).toEqual(methods);
      }
      expect(document.tls_client_certificate_bound_access_tokens).toBe(
        arrives === 'none' ? undefined : true,
      );
      expect(document).not.toHaveProperty('mtls_endpoint_aliases');
    });
  }

  it('names where certificates are asked for, and only what programs call', async () => {
    const { mtls_endpoint_aliases } = await describe_('any', 'https://mtls.op.example');

    expect(mtls_endpoint_aliases).toEqual({
      token_endpoint: 'https://mtls.op.example/token',
      pushed_authorization_request_endpoint: 'https://mtls.op.example/par',
      userinfo_endpoint: 'https://mtls.op.example/userinfo',
      introspection_endpoint: 'https://mtls.op.example/introspect',
      revocation_endpoint: 'https://mtls.op.example/revoke',
      device_authorization_endpoint: 'https://mtls.op.example/device_authorization',
    });
  });
});
