// oauth2-proxy in both of its places: as a relying party of Asteroid, and as the proxy in front of
// it. Configured as its manual says, with `--alpha-config` for what only that can do.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, type Running, start, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

const PROGRAM = path.join(ROOT, '.cache/bin/oauth2-proxy');

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
  return await start(PROGRAM, args, { port: options.port, cwd: home });
}
