// The issuer that this application relies on: found by discovery, with the keys that sign its tokens.

import { createRemoteJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
/** How long a person waits for the issuer before we give up. */
const PATIENCE_SECONDS = 5;

export type IssuerOptions = {
  /** The issuer identifier; everything else about it is discovered. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where browsers find this application: scheme, host and port. */
  readonly url: string;
  /** Seconds since 1970; the system's clock when absent. Tests travel in time with it. */
  readonly now?: () => number;
  /** Milliseconds between two looks at the issuer's keys: made-up key ids must not make us ask for each. */
  readonly keysCooldown?: number;
};

export type Issuer = ReturnType<typeof createIssuer>;

export function createIssuer(options: IssuerOptions) {
  const { issuer, clientId, url, now = () => Math.floor(Date.now() / 1000) } = options;
  const connect = once(() => discover(options));
  return {
    clientId,
    url,
    now,

    /** What openid-client wants to know, asked for when it is first needed. */
    configuration: async (): Promise<oidc.Configuration> => (await connect()).configuration,

    /** The claims of any token of this issuer: signed by one of its keys, and not expired. */
    async verify(token: string, terms: JWTVerifyOptions): Promise<JWTPayload> {
      const { keys } = await connect();
      const currentDate = new Date(now() * 1000);
      const always = { issuer, algorithms: ALGORITHMS, currentDate };
      return (await jwtVerify(token, keys, { ...always, ...terms })).payload;
    },
  };
}

async function discover(options: IssuerOptions) {
  const server = new URL(options.issuer);
  // Without TLS only on one's own machine.
  const isLocal = ['localhost', '127.0.0.1'].includes(server.hostname);
  const configuration = await oidc.discovery(
    server,
    options.clientId,
    options.clientSecret,
    oidc.ClientSecretBasic(),
    { timeout: PATIENCE_SECONDS, execute: isLocal ? [oidc.allowInsecureRequests] : [] },
  );
  const { jwks_uri = '' } = configuration.serverMetadata();
  const keys = createRemoteJWKSet(new URL(jwks_uri), {
    cooldownDuration: options.keysCooldown ?? 30_000,
    timeoutDuration: PATIENCE_SECONDS * 1000,
  });
  return { configuration, keys };
}

/** Keeps what succeeded and tries again after what failed: the issuer may start later than we do. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
