import http from 'node:http';
import https from 'node:https';
import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, createAuthority, createSelfSigned } from '../support/certificates.ts';
import { toClientCertificate, toJwks } from '../support/client-certificates.ts';
import { type Program, startProgram, UPSTREAM_SECRET } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';

const ISSUER = 'https://sso.example';
const ALIAS = 'mtls.sso.example';
const CALLBACK = 'https://rp.example/callback';

const servers = createAuthority('servers');
const clients = createAuthority('clients');
const server = servers.issue({ dns: [ALIAS] });
const PKI = clients.issue({ dns: ['pki.example'] });
const SELF = createSelfSigned();
const BOUND = { tls_client_certificate_bound_access_tokens: true };

let program: Program;

beforeAll(async () => {
  program = await startProgram({
    config: {
      listen: {
        public: { port: 0 },
        admin: { port: 0 },
        mtls: {
          port: 0,
          tls: { cert_file: 'tls.crt', key_file: 'tls.key', client_ca_file: 'clients-ca.crt' },
        },
      },
      endpoints: { mtls_base: `https://${ALIAS}` },
    },
    clients: [
      {
        client_id: 'pki',
        ...BOUND,
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_san_dns: 'pki.example',
        redirect_uris: [CALLBACK],
      },
      {
        client_id: 'self',
        ...BOUND,
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: JSON.parse(toJwks(SELF.cert, { whole: true })),
        redirect_uris: [CALLBACK],
      },
    ],
    files: { 'tls.crt': server.cert, 'tls.key': server.key, 'clients-ca.crt': clients.cert },
  });
});

const portOf = (name: 'public' | 'mtls'): number => {
  const target = program.at(name);
  return 'port' in target ? target.port : 0;
};

/** To where the names of the issuer would resolve, with this certificate. */
const fetchWith =
  (certificate: Certificate): oidc.CustomFetch =>
  async (address, { method, headers, body }) => {
    const { host, pathname, search } = new URL(address);
    const isAlias = host === ALIAS;
    const options = {
      host: '127.0.0.1',
      path: pathname + search,
      method,
      headers: { ...headers, host },
    };
    const tls = { ...certificate, ca: servers.cert, servername: ALIAS };
    const request = isAlias
      ? https.request({ ...options, ...tls, port: portOf('mtls') })
      : http.request({ ...options, port: portOf('public') });
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject);
      request.end(body instanceof URLSearchParams ? body.toString() : body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return new Response(Buffer.concat(chunks), {
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(fields),
    });
  };

const discover = (clientId: string, certificate: Certificate) =>
  oidc.discovery(
    new URL(ISSUER),
    clientId,
    {
      use_mtls_endpoint_aliases: true,
      tls_client_certificate_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
    },
    oidc.TlsClientAuth(),
    { [oidc.customFetch]: fetchWith(certificate) },
  );

async function signIn(config: oidc.Configuration) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const { pathname, search } = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile offline_access',
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const headers = {
      host: 'sso.example',
      'X-Authenticated-User': 'alice',
      'X-Asteroid-Upstream-Secret': UPSTREAM_SECRET,
    };
    http
      .get({ host: '127.0.0.1', port: portOf('public'), path: pathname + search, headers }, resolve)
      .on('error', reject);
  });
  answer.resume();
  const callback = new URL(answer.headers.location ?? '');
  return oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState });
}

describe('openid-client with a certificate, by the aliases of discovery (RFC 8705)', () => {
  for (const { clientId, certificate, other } of [
    { clientId: 'pki', certificate: PKI, other: SELF },
    { clientId: 'self', certificate: SELF, other: PKI },
  ]) {
    it(`signs alice in for ${clientId}, with tokens that are bound`, async () => {
      const config = await discover(clientId, certificate);
      const tokens = await signIn(config);

      expect(tokens.claims()?.sub).toBe('alice');
      expect(claimsOf(tokens.access_token)['cnf']).toEqual({
        'x5t#S256': toClientCertificate(certificate.cert).thumbprint,
      });
      expect(await oidc.fetchUserInfo(config, tokens.access_token, 'alice')).toMatchObject({
        sub: 'alice',
      });
      expect(await oidc.tokenIntrospection(config, tokens.access_token)).toMatchObject({
        active: true,
        cnf: { 'x5t#S256': toClientCertificate(certificate.cert).thumbprint },
      });
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
      await oidc.tokenRevocation(config, refreshed.access_token);
      expect(await oidc.tokenIntrospection(config, refreshed.access_token)).toEqual({
        active: false,
      });
    });

    it(`takes nothing of ${clientId} with the certificate of another`, async () => {
      const config = await discover(clientId, certificate);
      const { access_token } = await signIn(config);
      const stranger = await discover(clientId, other);

      await expect(oidc.fetchUserInfo(stranger, access_token, 'alice')).rejects.toMatchObject({
        code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      });
      await expect(signIn(stranger)).rejects.toMatchObject({ status: 401 });
      expect((await oidc.fetchUserInfo(config, access_token, 'alice')).sub).toBe('alice');
    });
  }
});
