// The two that are compared, each as its manual starts it in a test, with one key for ES256. Both are told
// of the same clients and of one End-User, where they can be told.

import { OAuth2Server } from 'oauth2-mock-server';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

export const CALLBACK = 'http://127.0.0.1:1/callback';
export const AFTER_SIGN_OUT = 'http://127.0.0.1:1/after';
export const SECRET = 'what-only-the-client-knows-0123456789';
export const USER = 'johndoe';

const COMMON = {
  client_secret: SECRET,
  redirect_uris: [CALLBACK, `${CALLBACK}/other`],
  post_logout_redirect_uris: [AFTER_SIGN_OUT],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  scope: 'openid profile offline_access api.read',
} as const;

const OPTIONS = {
  clients: [
    { client_id: 'app', ...COMMON },
    { client_id: 'other', ...COMMON },
    { client_id: 'browser', ...COMMON, grant_types: ['authorization_code'] },
  ],
  users: [{ sub: USER }],
};

/** What discovery says. */
type Metadata = {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly introspection_endpoint: string;
  readonly revocation_endpoint: string;
  readonly end_session_endpoint: string;
  readonly id_token_signing_alg_values_supported: readonly string[];
};

export type Compared = {
  readonly name: string;
  /** The issuer identifier. */
  readonly url: string;
  readonly metadata: Metadata;
  /** Time goes by, for this issuer. */
  readonly wait: (seconds: number) => void;
  readonly stop: () => Promise<void>;
};

const discover = async (url: string): Promise<Metadata> => {
  const response = await fetch(`${url}/.well-known/openid-configuration`);
  return (await response.json()) as Metadata;
};

export async function startAsteroid(): Promise<Compared> {
  const { url, clock, stop } = await startTestIssuer(OPTIONS);
  return { name: 'Asteroid', url, metadata: await discover(url), wait: clock.advance, stop };
}

/** It has no clock of its own, so that this process is given another one: compare one after the other. */
export async function startMockServer(): Promise<Compared> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('ES256');
  await server.start(0, '127.0.0.1');
  const url = server.issuer.url ?? '';
  const now = Date.now;
  let later = 0;
  return {
    name: 'oauth2-mock-server',
    url,
    metadata: await discover(url),
    wait(seconds) {
      later += seconds * 1000;
      Date.now = () => now() + later;
    },
    async stop() {
      Date.now = now;
      await server.stop();
    },
  };
}
