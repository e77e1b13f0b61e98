import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { CONFIG, createFolder, loadFolder, problemsOf, warningsOf } from './loader.fixture.ts';

const HASH = (letter: string): string => `$sha256$${letter.repeat(42)}A`;
const token = (name = 'deploy', role = 'write', hash = HASH('A'), more = ''): string =>
  `{ name: ${name}, role: ${role}, hash: '${hash}'${more} }`;
const tokens = (...all: readonly string[]): string => `{ tokens: [${all.join(', ')}] }`;

const OPERATORS = createAuthority('operators');
const OTHERS = createAuthority('others');
const server = OTHERS.issue({ dns: ['admin.sso.svc'] });
const TLS = '{ cert_file: cert, key_file: key }';
const ADMIN_TLS = `listen: { admin: { tls: ${TLS} } }\n`;
const FILES = { cert: server.cert, key: server.key, operators: OPERATORS.cert };

const named = (...all: readonly string[]): string =>
  `{ certificates: { ca_file: operators, names: [${all.join(', ')}] } }`;
const DEPLOY = '{ name: deploy, dns_san: deploy.example, role: write }';

const folderWith = (admin: string, rest = '', files: Readonly<Record<string, string>> = {}) =>
  createFolder({
    ...FILES,
    ...files,
    'asteroid.yaml': `${CONFIG}admin: ${admin}\n${rest}`,
  });

const issued = (more: string): string =>
  `{ access_tokens: { audience: https://sso.example/admin, clients: [app], ${more} } }`;
const SCOPES = "scopes: { 'admin:read': { description: look }, 'admin:write': {} }\n";

describe('admin (Admin API)', () => {
  it('is off by default', async () => {
    expect((await loadFolder(await createFolder())).config.admin).toBeUndefined();
  });

  for (const [admin, rest] of [
    [tokens(token()), ''],
    [tokens(token(), token('deploy', 'write', HASH('B'))), ''],
    [tokens(token('deploy', 'write', HASH('A'), ', expires: "2027-01-31T00:00:00Z"')), ''],
    [named(DEPLOY, '{ name: look, uri_san: "spiffe://a/look", role: read }'), ADMIN_TLS],
    [named(DEPLOY, '{ name: deploy, dns_san: other.example, role: write }'), ADMIN_TLS],
    [issued('read_scope: "admin:read", write_scope: "admin:write"'), SCOPES],
  ] as const) {
    it(`may be ${admin}`, async () => {
      expect(await problemsOf(await folderWith(admin, rest))).toEqual([]);
    });
  }

  for (const [admin, rest, problem] of [
    ['{}', '', 'lets nobody in'],
    [tokens(token('deploy', 'write', HASH('A').slice(0, -1))), '', 'tokens[0].hash'],
    [tokens(token('deploy', 'admin')), '', 'tokens[0].role'],
    [tokens(token('a b')), '', 'tokens[0].name'],
    [
      tokens(token('deploy', 'write', HASH('A'), ', expires: "2027-02-30T00:00:00Z"')),
      '',
      'has to be a time in UTC',
    ],
    [tokens(token(), token('look', 'read')), '', 'tokens[1].hash: is that of tokens[0]'],
    [
      tokens(token(), token('deploy', 'read', HASH('B'))),
      '',
      'tokens[1].role: is another one than that of tokens[0]',
    ],
    [named(DEPLOY), '', 'needs TLS on that listener'],
    [named('{ name: deploy, role: read }'), ADMIN_TLS, 'exactly one of dns_san and uri_san'],
    [named(), ADMIN_TLS, 'lets nobody in'],
    [
      named(DEPLOY, '{ name: deploy, dns_san: other.example, role: read }'),
      ADMIN_TLS,
      'certificates.names[1].role: is another one than that of names[0]',
    ],
    [
      named(DEPLOY, '{ name: look, dns_san: deploy.example, role: read }'),
      ADMIN_TLS,
      'certificates.names[1].dns_san: is that of names[0]',
    ],
    [issued(''), SCOPES, 'give read_scope, write_scope or both'],
    [issued('write_scope: openid'), SCOPES, 'is a standard scope'],
    [issued('write_scope: "admin:other"'), SCOPES, 'is no scope of this issuer'],
    [issued('read_scope: "admin:write", write_scope: "admin:write"'), SCOPES, 'is write_scope too'],
    [
      issued('write_scope: "admin:write"').replace('/admin', ''),
      `${SCOPES}issuer: https://sso.example\n`,
      'is the issuer',
    ],
    ['{ hosts: [Admin.example], tokens: [] }', '', 'hosts[0]'],
  ] as const) {
    it(`that is ${admin} is refused`, async () => {
      expect((await problemsOf(await folderWith(admin, rest))).join('\n')).toContain(problem);
    });
  }
});

describe('the CA of operators (Admin API)', () => {
  const MTLS =
    `listen: { admin: { tls: ${TLS} }, mtls: { port: 0, tls: { cert_file: cert, key_file: key, client_ca_file: clients } } }\n` +
    'endpoints: { mtls_base: https://mtls.sso.example }\n';
  const TRUST = CONFIG.replace(
    'secret: {',
    'mtls: { ca_file: proxies, dns_sans: [proxy.example] }, secret: {',
  );
  const both = (authority: { readonly cert: string }) => `${authority.cert}\n${OPERATORS.cert}`;

  it('is none of clients, also where two files hold it', async () => {
    const other = await folderWith(named(DEPLOY), MTLS, { clients: OTHERS.cert });
    const same = await folderWith(named(DEPLOY), MTLS.replace('clients }', 'operators }'));
    const copy = await folderWith(named(DEPLOY), MTLS, { clients: both(OTHERS) });

    expect(await problemsOf(other)).toEqual([]);
    expect((await problemsOf(same)).join('\n')).toContain('is the CA of listen.mtls too');
    expect((await problemsOf(copy)).join('\n')).toContain(
      'holds the CA of clients in listen.mtls too',
    );
  });

  it('is none of the proxy, also where two files hold it', async () => {
    const folder = (proxies: string) =>
      createFolder({
        ...FILES,
        proxies,
        'asteroid.yaml': `${TRUST}admin: ${named(DEPLOY)}\nlisten: { public: { tls: ${TLS} }, admin: { tls: ${TLS} } }\n`,
      });

    expect(await problemsOf(await folder(OTHERS.cert))).toEqual([]);
    expect((await problemsOf(await folder(both(OTHERS)))).join('\n')).toContain(
      'holds the CA of the proxy in upstream.trust.mtls too',
    );
  });
});

describe('the admin listener on the network (Admin API)', () => {
  const at = (host: string, tls = '') => `listen: { admin: { host: ${host}${tls} } }\n`;
  const said = async (folder: string) => (await warningsOf(folder)).join('\n');

  it('is warned of without admin, and without TLS', async () => {
    const open = await createFolder({ 'asteroid.yaml': `${CONFIG}${at('0.0.0.0')}` });
    const plain = await folderWith(tokens(token()), at('0.0.0.0'));

    expect(await said(open)).toContain('where anybody may ask /debug/identity and run the doctor');
    expect(await said(plain)).toContain('without TLS, where tokens can be read');
  });

  it('is not warned of on loopback, or with both', async () => {
    const loopback = await folderWith(tokens(token()), at('127.0.0.1'));
    const secured = await folderWith(tokens(token()), at('0.0.0.0', `, tls: ${TLS}`));

    expect(await said(loopback)).not.toContain('listen.admin');
    expect(await said(secured)).not.toContain('listen.admin');
  });
});
