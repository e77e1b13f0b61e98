import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { readClients } from '../../internal/config/clients.ts';
import { type Finding, printPath } from '../../internal/config/finding.ts';
import { toClientTls } from '../../internal/config/sections/client-tls.ts';
import { toClientCertificates } from '../../internal/config/sections/mtls.ts';
import { TERMS as SOUND_TERMS } from './loader.fixture.ts';

const SERVE = { mode: 'serve', exposed: false } as const;
const DEV = { mode: 'dev', exposed: false } as const;
const UPSTREAM = { trust: { secret: { files: ['s'] } } };
const TLS = { cert_file: 'c', key_file: 'k' };
const SECRET = { secret: { files: ['p'] } };
const PROXY = { header: 'X-Client-Cert', format: 'rfc9440', trust: SECRET };

const print = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

const read = (tree: object, mode: typeof SERVE | typeof DEV = SERVE) =>
  readConfig({ upstream: UPSTREAM, ...tree }, mode);
const problemsOf = (tree: object, mode: typeof SERVE | typeof DEV = SERVE) =>
  print(read(tree, mode).problems);
const ofTrust = (trust: object, more: object = {}) =>
  problemsOf({ mtls: { proxy: { ...PROXY, trust } }, ...more });

describe('a proxy that passes certificates on: start-up refusals (CA-13)', () => {
  it('accepts a secret, an address that is not wide, a socket', () => {
    expect(ofTrust(SECRET)).toEqual([]);
    expect(ofTrust({ peers: ['10.0.0.5/32'] })).toEqual([]);
    expect(ofTrust({ peers: ['127.0.0.1/32'], ...SECRET })).toEqual([]);
    const listen = { public: { socket: 'a.sock' } };
    expect(ofTrust({ unix_socket: true }, { listen })).toEqual([]);
  });

  for (const { trust, listen = {}, problem } of [
    {
      trust: {},
      problem:
        'mtls.proxy.trust: is missing, and anybody could send any certificate; prove the proxy by secret, unix_socket or peers',
    },
    {
      trust: { peers: ['127.0.0.1/32'] },
      problem:
        'mtls.proxy.trust.peers[0]: is loopback, where every program of this machine or pod could be the proxy; add secret, or use unix_socket',
    },
    {
      trust: { peers: ['10.0.0.0/8'] },
      problem:
        'mtls.proxy.trust.peers[0]: is wider than /24 or /64 and the only proof; add secret, unix_socket or mtls, or set allow_wide: true',
    },
    {
      trust: { unix_socket: true },
      problem:
        'mtls.proxy.trust.unix_socket: proves nothing, since listen.public is not a Unix socket; set listen.public.socket',
    },
    {
      trust: { ...SECRET, peers: ['10.0.0.5/32'] },
      listen: { public: { socket: 'a.sock' } },
      problem:
        'mtls.proxy.trust.peers: can never match, since listen.public is a Unix socket and has no addresses; remove it',
    },
  ]) {
    it(`refuses ${JSON.stringify(trust)}`, () => {
      expect(ofTrust(trust, { listen })).toEqual([problem]);
    });
  }

  it('takes loopback alone in dev, and a wide range where the operator insists', () => {
    const mtls = { proxy: { ...PROXY, trust: { peers: ['127.0.0.1/32'] } } };
    expect(problemsOf({ mtls }, DEV)).toEqual([]);
    expect(ofTrust({ peers: ['10.0.0.0/8'], allow_wide: true })).toEqual([]);
  });

  for (const { mtls, problem } of [
    {
      mtls: { ...PROXY, header: 'x-authenticated-USER' },
      problem:
        'mtls.proxy.header: is the header of upstream.headers.subject.name too, as far as some programs can tell; use another',
    },
    {
      mtls: {
        ...PROXY,
        header: 'X-Asteroid-Upstream-Secret',
        trust: { secret: { header: 'X-A', files: ['p'] } },
      },
      problem:
        'mtls.proxy.header: is the header of upstream.trust.secret.header too, as far as some programs can tell; use another',
    },
    {
      mtls: { ...PROXY, trust: { secret: { header: 'X-Client-Cert', files: ['p'] } } },
      problem: 'mtls.proxy.trust.secret.header: is the header of the certificate too; use another',
    },
    {
      mtls: { ...PROXY, trust: { secret: { header: 'X-Authenticated-User', files: ['p'] } } },
      problem:
        'mtls.proxy.trust.secret.header: is the header of upstream.headers.subject.name too, as far as some programs can tell; use another',
    },
    {
      mtls: { ...PROXY, verified_by_proxy: true, client_ca_file: 'ca' },
      problem:
        'mtls.proxy.client_ca_file: cannot be combined with verified_by_proxy; remove one of the two',
    },
    {
      mtls: { ...PROXY, header: 'Cookie' },
      problem:
        'mtls.proxy.header: names a header that anybody may set or that proxies change; use one of its own, such as X-Authenticated-User',
    },
  ]) {
    it(`refuses ${JSON.stringify(mtls)}`, () => {
      const headers = { subject: { name: 'X-Authenticated-User' } };
      const upstream = { ...UPSTREAM, headers };

      expect(problemsOf({ upstream, mtls: { proxy: mtls } })).toEqual([problem]);
    });
  }

  it('lets one proxy prove itself by one header for both', () => {
    expect(ofTrust({ secret: { header: 'X-Asteroid-Upstream-Secret', files: ['p'] } })).toEqual([]);
  });
});

describe('CAs of clients, and aliases: start-up refusals (CA-13)', () => {
  const listen = (tls: object) => ({
    public: { tls: TLS },
    mtls: { port: 8883, tls: { ...TLS, ...tls } },
  });

  it('never are the CA of the proxy', () => {
    const trust = { mtls: { ca_file: 'ca.pem', dns_sans: ['proxy.example'] } };
    const text =
      'is the CA of the proxy in upstream.trust.mtls, and a client could name any End-User; use a CA of its own';

    expect(
      problemsOf({ upstream: { trust }, listen: listen({ client_ca_file: 'ca.pem' }) }),
    ).toEqual([`listen.mtls.tls.client_ca_file: ${text}`]);
    const proxy = { ...PROXY, client_ca_file: 'ca.pem' };
    expect(problemsOf({ upstream: { trust }, listen: listen({}), mtls: { proxy } })).toEqual([
      `mtls.proxy.client_ca_file: ${text}`,
    ]);
    expect(
      problemsOf({ upstream: { trust }, listen: listen({ client_ca_file: 'b.pem' }) }),
    ).toEqual([]);
  });

  it('are given for a listener that has TLS and a port', () => {
    expect(problemsOf({ listen: { mtls: { port: 1 } } })[0]).toContain('listen.mtls.tls');
    expect(problemsOf({ listen: { mtls: { tls: TLS } } })[0]).toContain('listen.mtls.port');
    expect(problemsOf({ listen: { mtls: { socket: 'a', port: 1, tls: TLS } } })[0]).toContain(
      'listen.mtls.socket',
    );
    expect(
      problemsOf({ listen: { public: { tls: { ...TLS, client_ca_file: 'a' } } } })[0],
    ).toContain('listen.public.tls.client_ca_file');
  });

  it('have aliases where there are certificates, over https', () => {
    const endpoints = (mtls_base: string) => ({ endpoints: { mtls_base } });

    expect(problemsOf(endpoints('https://mtls.example'))).toEqual([
      'endpoints.mtls_base: leads to no certificates; set listen.mtls or mtls.proxy, or remove it',
    ]);
    expect(problemsOf({ ...endpoints('http://localhost:1'), listen: listen({}) })).toEqual([
      'endpoints.mtls_base: is http://, where no certificate is shown; use https://',
    ]);
    expect(problemsOf({ ...endpoints('https://mtls.example'), listen: listen({}) })).toEqual([]);
    expect(problemsOf({ ...endpoints('https://mtls.example'), mtls: { proxy: PROXY } })).toEqual(
      [],
    );
  });

  for (const { tree, arrives } of [
    { tree: {}, arrives: 'none' },
    { tree: { mtls: {} }, arrives: 'none' },
    { tree: { listen: listen({}) }, arrives: 'any' },
    { tree: { mtls: { proxy: PROXY } }, arrives: 'any' },
    { tree: { listen: listen({ client_ca_file: 'a' }) }, arrives: 'verified' },
    { tree: { mtls: { proxy: { ...PROXY, client_ca_file: 'a' } } }, arrives: 'verified' },
    { tree: { mtls: { proxy: { ...PROXY, verified_by_proxy: true } } }, arrives: 'verified' },
  ]) {
    it(`let ${arrives} arrive with ${JSON.stringify(tree)}`, () => {
      expect(toClientCertificates(read(tree).config)).toBe(arrives);
    });
  }
});

describe('what a client says of its certificate (RFC 8705 §2.1.2, CA-13)', () => {
  const TERMS = {
    ...SOUND_TERMS,
    authMethods: new Set(['client_secret_basic', 'tls_client_auth', 'self_signed_tls_client_auth']),
    certificates: 'verified',
  } as const;
  const base = { client_id: 'a', redirect_uris: ['https://a.example/cb'] };
  const pki = { ...base, token_endpoint_auth_method: 'tls_client_auth' };
  const own = { ...base, token_endpoint_auth_method: 'self_signed_tls_client_auth' };
  const jwks_uri = 'https://a.example/jwks';
  const tls_client_auth_san_dns = 'a.example';
  const bound = { tls_client_certificate_bound_access_tokens: true };

  const clientProblems = (client: object, different: object = {}) =>
    print(readClients({ clients: [client] }, { ...TERMS, ...different }).problems).map((text) =>
      text.replace('clients[0].', ''),
    );

  it('is one name, or its keys', () => {
    expect(clientProblems({ ...pki, tls_client_auth_san_dns })).toEqual([]);
    expect(clientProblems({ ...own, jwks_uri })).toEqual([]);
    expect(clientProblems({ ...base, ...bound })).toEqual([]);
  });

  for (const { client, terms = {}, problem } of [
    {
      client: pki,
      problem:
        'token_endpoint_auth_method: has to say whose certificate counts; add one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip, tls_client_auth_san_email',
    },
    {
      client: { ...pki, tls_client_auth_san_dns, tls_client_auth_san_uri: 'urn:a' },
      problem:
        'tls_client_auth_san_uri: cannot be combined with tls_client_auth_san_dns; remove one of the two',
    },
    {
      client: { ...own, jwks_uri, tls_client_auth_san_dns },
      problem:
        'tls_client_auth_san_dns: is of no use without token_endpoint_auth_method: tls_client_auth; remove it',
    },
    {
      client: own,
      problem:
        'token_endpoint_auth_method: has to say which certificate counts; add one of jwks, jwks_uri, jwks_file',
    },
    {
      client: { ...pki, tls_client_auth_san_dns, client_secret: 's' },
      problem:
        'client_secret: is of no use with token_endpoint_auth_method: tls_client_auth; remove it',
    },
    {
      client: { ...own, jwks_uri, client_secrets: [{ client_secret: 's' }] },
      problem:
        'client_secrets: is of no use with token_endpoint_auth_method: self_signed_tls_client_auth; remove it',
    },
    {
      client: { ...pki, tls_client_auth_san_dns },
      terms: { certificates: 'any' },
      problem:
        'token_endpoint_auth_method: needs a CA for clients; set listen.mtls.tls.client_ca_file or mtls.proxy',
    },
    {
      client: { ...own, jwks_uri },
      terms: { certificates: 'none' },
      problem:
        'token_endpoint_auth_method: needs certificates of clients; set listen.mtls or mtls.proxy in asteroid.yaml',
    },
    {
      client: { ...base, ...bound },
      terms: { certificates: 'none' },
      problem:
        'tls_client_certificate_bound_access_tokens: needs certificates of clients; set listen.mtls or mtls.proxy in asteroid.yaml',
    },
    {
      client: { ...base, ...bound, dpop_bound_access_tokens: true },
      problem:
        'tls_client_certificate_bound_access_tokens: cannot be combined with dpop_bound_access_tokens; remove one of the two',
    },
  ]) {
    it(`is refused as ${problem}`, () => {
      expect(clientProblems(client, terms)).toEqual([problem]);
    });
  }

  for (const [key, value] of [
    ['tls_client_auth_subject_dn', 'CN = a, O = b'],
    ['tls_client_auth_subject_dn', ''],
    ['tls_client_auth_san_dns', 'a b'],
    ['tls_client_auth_san_dns', ''],
    ['tls_client_auth_san_uri', 'urn:ä'],
    ['tls_client_auth_san_ip', '10.0.0.0/8'],
    ['tls_client_auth_san_ip', '010.0.0.1'],
    ['tls_client_auth_san_ip', 'fe80::1%eth0'],
    ['tls_client_auth_san_email', 'a@b\n'],
  ] as const) {
    it(`is no ${key} as ${JSON.stringify(value)}`, () => {
      const [problem, ...rest] = clientProblems({ ...pki, [key]: value });

      expect([problem?.split(':')[0], rest]).toEqual([key, []]);
    });
  }

  const given = { tls_client_certificate_bound_access_tokens: false };
  for (const [key, value, type, read_] of [
    ['tls_client_auth_subject_dn', 'cn=a,2.5.4.10=b', 'subject_dn', 'CN=a,O=b'],
    ['tls_client_auth_san_dns', 'a.example', 'dns', 'a.example'],
    ['tls_client_auth_san_uri', 'urn:a', 'uri', 'urn:a'],
    ['tls_client_auth_san_ip', '192.0.2.1', 'ip', '192.0.2.1'],
    ['tls_client_auth_san_ip', '2001:DB8:0:0::0001', 'ip', '2001:db8::1'],
    ['tls_client_auth_san_email', 'a@b.example', 'email', 'a@b.example'],
  ] as const) {
    it(`reads ${key} ${value} as certificates are read`, () => {
      expect(toClientTls({ ...given, [key]: value })).toEqual({
        certificateName: { type, value: read_ },
        certificateBoundAccessTokens: false,
      });
    });
  }
});
