// nginx that ends TLS and passes certificates of clients on, with the lines of docs/clients.md.

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, createAuthority, createSelfSigned } from '../support/certificates.ts';
import { findFreePort } from '../support/free-port.ts';
import { startNginxWith } from './nginx.ts';
import {
  type Asteroid,
  ask,
  cleanUp,
  ROOT,
  startAsteroid,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

const servers = createAuthority('servers');
const clients = createAuthority('clients');
const impostors = createAuthority('clients');
const server = servers.issue({ dns: ['mtls.sso.example.com'] });
const BILLING = clients.issue({ dns: ['billing.example.com'] });
const OTHER = clients.issue({ dns: ['other.example.com'] });
const FORGED = impostors.issue({ dns: ['billing.example.com'] });
const SELF = createSelfSigned();
const SELF2 = createSelfSigned();

const x5c = ({ cert }: Certificate): string => cert.replace(/-----[A-Z ]+-----|\s/g, '');

const CLIENTS = `clients:
  - client_id: billing
    token_endpoint_auth_method: tls_client_auth
    tls_client_auth_san_dns: billing.example.com
    grant_types: [client_credentials]
  - client_id: reports
    token_endpoint_auth_method: self_signed_tls_client_auth
    jwks: KEYS
    tls_client_certificate_bound_access_tokens: true
    grant_types: [client_credentials]
`;

/** The block of the page, on free ports and with files of this run. */
function documented(home: string, port: number, asteroid: Asteroid, verify: string): string {
  const page = readFileSync(path.join(ROOT, 'docs/clients.md'), 'utf8');
  const [, block = ''] = /```nginx\n(server \{.*?\n\})\n```/s.exec(page) ?? [];
  const replace = (text: string, from: string | RegExp, to: string): string => {
    if (!text.split(from)[1]) throw new Error(`docs/clients.md has no ${from}`);
    return text.replace(from, to);
  };
  const changes: readonly (readonly [string | RegExp, string])[] = [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['/etc/nginx/tls/sso.crt', path.join(home, 'tls.crt')],
    ['/etc/nginx/tls/sso.key', path.join(home, 'tls.key')],
    [/ssl_verify_client optional_no_ca;/, verify],
  ];
  const lines = changes.reduce((text, [from, to]) => replace(text, from, to), block);
  return `upstream asteroid { server 127.0.0.1:${asteroid.port}; keepalive 16; }\n${lines}`;
}

async function startNginx(asteroid: Asteroid, verify: (home: string) => string): Promise<number> {
  const home = temporaryFolder();
  const port = await findFreePort();
  const write = (name: string, text: string) => writeFileSync(path.join(home, name), text);
  write('tls.crt', server.cert);
  write('tls.key', server.key);
  write('clients-ca.crt', clients.cert);
  write('asteroid-secret.conf', `set $asteroid_secret "${UPSTREAM_SECRET}";`);
  write('site.conf', documented(home, port, asteroid, verify(home)));
  await startNginxWith('site.conf', port, home);
  return port;
}

/** What comes of a request for a token through nginx: the status, and what went wrong. */
async function askForToken(
  port: number,
  clientId: string,
  certificate: Partial<Certificate> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const request = https.request({
    host: '127.0.0.1',
    port,
    path: '/token',
    method: 'POST',
    servername: 'mtls.sso.example.com',
    ca: servers.cert,
    ...certificate,
    agent: false,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
  request.end(`grant_type=client_credentials&client_id=${clientId}`);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  let text = '';
  for await (const chunk of answer) text += chunk;
  const [, error] = /"error":"(\w+)"/.exec(text) ?? [];
  const [, token] = /"access_token":"([\w.-]+)"/.exec(text) ?? [];
  return { answer: `${answer.statusCode} ${error ?? (token ? 'token' : 'page')}`, token };
}

const header = ({ cert }: Certificate) => ({ 'X-Client-Cert': encodeURIComponent(cert) });

const startWith = (proxy: string): Promise<Asteroid> => {
  const home = temporaryFolder();
  writeFileSync(path.join(home, 'clients-ca.crt'), clients.cert);
  writeFileSync(path.join(home, 'secret'), UPSTREAM_SECRET, { mode: 0o600 });
  const key = JSON.stringify({ keys: [{ ...jwkOf(SELF), x5c: [x5c(SELF)] }] });
  return startAsteroid({
    clients: CLIENTS.replace('KEYS', key),
    more: `mtls:
  proxy:
    header: X-Client-Cert
    format: pem-urlencoded
    trust:
      peers: [127.0.0.1/32]
      secret: { header: X-Asteroid-Upstream-Secret, files: [${home}/secret] }
    ${proxy.replace('HOME', home)}
`,
  });
};

function jwkOf({ cert }: Certificate) {
  return new X509Certificate(cert).publicKey.export({ format: 'jwk' });
}

describe('nginx that passes on any certificate (optional_no_ca)', () => {
  let asteroid: Asteroid;
  let port: number;
  beforeAll(async () => {
    asteroid = await startWith('client_ca_file: HOME/clients-ca.crt');
    port = await startNginx(asteroid, () => 'ssl_verify_client optional_no_ca;');
  });
  afterAll(cleanUp);
  const answerOf = async (
    clientId: string,
    certificate: Partial<Certificate>,
    headers: Readonly<Record<string, string>> = {},
  ) => (await askForToken(port, clientId, certificate, headers)).answer;

  it('lets clients in by the CA, and by their own', async () => {
    expect(await answerOf('billing', BILLING)).toBe('200 token');
    expect(await answerOf('reports', SELF)).toBe('200 token');
  });

  it('lets nobody in by another certificate, or without one', async () => {
    for (const certificate of [OTHER, FORGED, SELF, {}]) {
      expect(await answerOf('billing', certificate)).toBe('401 invalid_client');
    }
    for (const certificate of [SELF2, BILLING, {}]) {
      expect(await answerOf('reports', certificate)).toBe('401 invalid_client');
    }
  });

  it('passes on nothing that a client says itself', async () => {
    for (const certificate of [OTHER, {}]) {
      expect(await answerOf('billing', certificate, header(BILLING))).toBe('401 invalid_client');
      const alias = { X_Client_Cert: encodeURIComponent(BILLING.cert) };
      expect(await answerOf('billing', certificate, alias)).toBe('401 invalid_client');
    }
    expect(await answerOf('billing', BILLING, header(OTHER))).toBe('200 token');
  });

  it('is the only way to Asteroid with a certificate', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'billing' };
    const direct = await ask(`http://127.0.0.1:${asteroid.port}/token`, {
      form,
      headers: header(BILLING),
    });

    expect(direct.status).toBe(403);
  });

  it('binds tokens to what the client showed nginx', async () => {
    const { token = '' } = await askForToken(port, 'reports', SELF);
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const thumbprint = createHash('sha256').update(new X509Certificate(SELF.cert).raw);

    expect(payload.cnf).toEqual({ 'x5t#S256': thumbprint.digest('base64url') });
  });
});

describe('nginx that lets in only what its CA issued', () => {
  let port: number;
  beforeAll(async () => {
    const asteroid = await startWith('verified_by_proxy: true');
    port = await startNginx(
      asteroid,
      (home) => `ssl_client_certificate ${home}/clients-ca.crt;\n  ssl_verify_client on;`,
    );
  });
  afterAll(cleanUp);

  it('lets a client in, and not by the certificate of another', async () => {
    expect((await askForToken(port, 'billing', BILLING)).answer).toBe('200 token');
    expect((await askForToken(port, 'billing', OTHER)).answer).toBe('401 invalid_client');
  });

  it('is what refuses everybody else', async () => {
    for (const certificate of [FORGED, SELF, {}]) {
      expect((await askForToken(port, 'billing', certificate)).answer).toBe('400 page');
    }
  });
});
