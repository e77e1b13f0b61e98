// Who signs in where: the clients of the load, and everything of the configuration but the store.

import { stringify as print } from 'yaml';
import type { JsonValue } from '../../internal/protocol/claims.ts';

const ISSUER = 'https://sso.example';
export const HOST = 'sso.example';
export const UPSTREAM_SECRET = 'what-only-the-proxy-knows-0123456789';
export const CLIENT_SECRET = 'what-only-the-client-knows-0123456789';
export const REDIRECT_URI = 'https://rp.example/callback';
export const AFTER = 'https://rp.example/after';

/** Short enough to be over within a round; whole seconds, as every lifetime. */
export const GRACE_SECONDS = 3;

export const client = (client_id: string) => ({
  client_id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  post_logout_redirect_uris: [AFTER],
});

/** The second is signed in to beside the first in one browser; the third is taken away by a reload. */
export const CLIENT_IDS = ['web', 'wiki'] as const;
const PASSING = 'passing';

/** clients.yaml as a person writes it: what is cut off of it is often valid, and has fewer clients. */
export const printClients = (more: readonly Settings[] = []): string =>
  print({ clients: [...[...CLIENT_IDS, PASSING].map(client), ...more] });

/** How long the JWKS may be cached: short, because a test waits for it. */
export const MAX_AGE_SECONDS = 5;

export type Settings = { readonly [member: string]: JsonValue };

/** asteroid.yaml; JSON is YAML. */
export const settings = (
  listen: { readonly port: number; readonly admin: number },
  store: Settings,
  keys: Settings,
): Settings => ({
  issuer: ISSUER,
  listen: {
    public: { host: '127.0.0.1', port: listen.port },
    admin: { host: '127.0.0.1', port: listen.admin },
  },
  upstream: { trust: { secret: { files: ['upstream'] } } },
  clients: { file: 'clients.yaml' },
  userinfo: { backends: [{ type: 'headers' }] },
  keys,
  store: { driver: 'redis', redis: store },
  policy: { metadata_max_age: `${MAX_AGE_SECONDS}s` },
  // A step of the clock by an hour is no reason for anything to expire.
  lifetimes: { access_token: '4h', id_token: '4h', refresh_token_grace: `${GRACE_SECONDS}s` },
  shutdown: { delay: '1s', grace: '5s' },
  log: { level: 'info' },
});
