// oauth2-proxy in both of its places: as a relying party of Asteroid, and as the proxy in front of
// it. Configured as its manual says, with `--alpha-config` for what only that can do.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePorts } from '../support/free-port.ts';
import { PROGRAM, ROOT, type Running, start, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

export const OAUTH2_PROXY = path.join(ROOT, '.cache/bin/oauth2-proxy');

export type Oauth2Proxy = {
  readonly port: number;
  /** The program that requests are passed on to. */
  readonly upstream: number;
  /** The issuer that signs people in to it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Paths, as one regular expression, that need no sign-in. */
  readonly open?: string;
};

// The headers of the preset `oauth2-proxy`, and the secret that proves which way a request came.
const injected = (secretFile: string): string => `injectRequestHeaders:
  - { name: X-Forwarded-User, values: [{ claimSource: { claim: user } }] }
  - { name: X-Forwarded-Email, values: [{ claimSource: { claim: email } }] }
  - { name: X-Forwarded-Groups, values: [{ claimSource: { claim: groups } }] }
  - { name: X-Asteroid-Upstream-Secret, values: [{ secretSource: { fromFile: "${secretFile}" } }] }
`;

export async function startOauth2Proxy(options: Oauth2Proxy): Promise<Running> {
  const home = temporaryFolder();
  const secretFile = path.join(home, 'secret');
  writeFileSync(secretFile, UPSTREAM_SECRET, { mode: 0o600 });
  const config = path.join(home, 'alpha.yaml');
  writeFileSync(
    config,
    `server: { bindAddress: "127.0.0.1:${options.port}" }
upstreamConfig:
  upstreams:
    - { id: all, path: /, uri: "http://127.0.0.1:${options.upstream}" }
${injected(secretFile)}providers:
  - id: asteroid
    provider: oidc
    clientID: ${options.clientId}
    clientSecret: ${options.clientSecret}
    code_challenge_method: S256
    scope: openid profile email groups
    oidcConfig:
      issuerURL: ${options.issuer}
      insecureSkipNonce: false
      emailClaim: email
      groupsClaim: groups
      audienceClaims: [aud]
`,
  );
  const args = [
    `--alpha-config=${config}`,
    '--email-domain=*',
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    '--cookie-secure=false',
    `--redirect-url=http://127.0.0.1:${options.port}/oauth2/callback`,
    '--skip-provider-button=true',
    ...(options.open === undefined ? [] : [`--skip-auth-route=${options.open}`]),
  ];
  return await start(OAUTH2_PROXY, args, { port: options.port, cwd: home });
}

export type IdentityProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** Where people really sign in: `asteroid dev`, whose page asks who they are. */
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const home = temporaryFolder();
  const [clientId, clientSecret] = ['oauth2-proxy', 'a secret between the proxy and its provider'];
  writeFileSync(
    path.join(home, 'clients.yaml'),
    `clients:
  - client_id: ${clientId}
    client_secret: ${clientSecret}
    redirect_uris: ["${redirectUri}"]
    id_token_signed_response_alg: RS256
`,
  );
  writeFileSync(
    path.join(home, 'users.yaml'),
    `users:
  - { sub: alice, name: Alice Example, email: alice@example.test, email_verified: true, groups: [engineering] }
  - { sub: bob, name: Bob Example, email: bob@example.test, email_verified: true, groups: [sales] }
  - { sub: carol, name: Carol Example, email: carol@example.test, email_verified: true }
`,
  );
  const [port = 0, admin = 0] = await findFreePorts(2);
  const args = [PROGRAM, 'dev', '--port', `${port}`, '--admin-port', `${admin}`];
  await start(process.execPath, args, { port, cwd: home });
  return { issuer: `http://localhost:${port}`, clientId, clientSecret };
}

export type AuthProxy = {
  readonly port: number;
  /** Where browsers see it, below `/oauth2/`. */
  readonly public: number;
  readonly provider: IdentityProvider;
};

/** As an auth service: it answers `/oauth2/auth` and lets the proxy in front do the rest. */
export async function startAuthProxy({
  port,
  public: seen,
  provider,
}: AuthProxy): Promise<Running> {
  const { issuer, clientId, clientSecret } = provider;
  const args = [
    `--http-address=127.0.0.1:${port}`,
    '--provider=oidc',
    `--oidc-issuer-url=${issuer}`,
    `--client-id=${clientId}`,
    `--client-secret=${clientSecret}`,
    '--code-challenge-method=S256',
    '--scope=openid profile email groups',
    '--upstream=static://202',
    '--reverse-proxy=true',
    '--trusted-proxy-ip=127.0.0.1/32',
    '--set-xauthrequest=true',
    '--email-domain=*',
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    '--cookie-secure=false',
    `--redirect-url=http://localhost:${seen}/oauth2/callback`,
    `--whitelist-domain=localhost:${seen}`,
    '--skip-provider-button=true',
  ];
  return await start(OAUTH2_PROXY, args, { port, cwd: temporaryFolder() });
}
