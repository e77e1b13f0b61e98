// A program that certificates of clients reach, and what a client gets out of it with one.

import { X509Certificate } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { type Certificate, createAuthority, createSelfSigned } from '../support/certificates.ts';
import { toJwks } from '../support/client-certificates.ts';
import { CLIENT_SECRET, type Metadata, REDIRECT_URI, UPSTREAM_SECRET } from '../support/program.ts';
import type { RawTarget } from '../support/raw-http.ts';
import { ask, FORM, HOST } from './threats.fixture.ts';

export const servers = createAuthority('CA of servers');
export const clients = createAuthority('CA of clients');
export const impostors = createAuthority('CA of clients');
const server = servers.issue({ commonName: 'sso.example', dns: ['sso.example'] });

/** `pki` and `pki2` are known to the CA, `self` and `self2` by their own certificates. */
export const PKI = clients.issue({ dns: ['pki.example'] });
export const PKI2 = clients.issue({ dns: ['pki2.example'] });
export const SELF = createSelfSigned({ commonName: 'self' });
export const SELF2 = createSelfSigned({ commonName: 'self' });

const GRANT = { grant_types: ['client_credentials'] };
const BOUND = { tls_client_certificate_bound_access_tokens: true };
const ofSelf = (certificate: Certificate): Metadata => ({
  ...GRANT,
  ...BOUND,
  token_endpoint_auth_method: 'self_signed_tls_client_auth',
  jwks: JSON.parse(toJwks(certificate.cert, { whole: true })),
});
const ofName = (tls_client_auth_san_dns: string): Metadata => ({
  ...GRANT,
  ...BOUND,
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns,
});

export const CLIENTS: readonly Metadata[] = [
  { client_id: 'self', ...ofSelf(SELF) },
  { client_id: 'self2', ...ofSelf(SELF2) },
  { client_id: 'svc', ...GRANT, client_secret: CLIENT_SECRET },
  { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
];

export const PKI_CLIENTS: readonly Metadata[] = [
  { client_id: 'pki', ...ofName('pki.example') },
  { client_id: 'pki2', ...ofName('pki2.example') },
];

export const FILES = {
  'tls.crt': server.cert,
  'tls.key': server.key,
  'clients-ca.crt': clients.cert,
  'servers-ca.crt': servers.cert,
  'proxy-of-certificates': UPSTREAM_SECRET,
};

/** To a listener with TLS, with this certificate or with none. */
export const over = (
  target: RawTarget,
  { cert, key }: Partial<Certificate> = {},
  more: ConnectionOptions = {},
): RawTarget => {
  const own = cert === undefined || key === undefined ? {} : { cert, key };
  const tls = { ca: servers.cert, servername: 'sso.example', ...own, ...more };
  return 'port' in target ? { port: target.port, tls } : target;
};

/** What comes of asking for a token in this name; `lines` are headers. */
export async function askForToken(
  target: RawTarget,
  clientId: string,
  ...lines: readonly string[]
) {
  const body = `grant_type=client_credentials&client_id=${clientId}`;
  const head = ['POST /token HTTP/1.1', HOST, FORM, `Content-Length: ${body.length}`];
  const { status, body: text } = await ask(target, [...head, ...lines], body);
  const { error, access_token } = JSON.parse(text);
  return { answer: `${status} ${error ?? 'token'}`, token: String(access_token) };
}

export const answerOf = async (...question: Parameters<typeof askForToken>) =>
  (await askForToken(...question)).answer;

/** The certificate as nginx writes it. */
export const escaped = ({ cert }: Pick<Certificate, 'cert'>): string => encodeURIComponent(cert);

/** The certificate as RFC 9440 has it written. */
export const sequence = ({ cert }: Pick<Certificate, 'cert'>): string =>
  `:${new X509Certificate(cert).raw.toString('base64')}:`;
