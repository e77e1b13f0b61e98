import type { AuthService } from '../setting.ts';

/** The outpost of a proxy provider in forward auth mode. */
export const authentikService: AuthService = {
  name: 'authentik',
  address: 'http://127.0.0.1:9000',
  answers: {
    subject: 'X-Authentik-Uid',
    email: 'X-Authentik-Email',
    preferred_username: 'X-Authentik-Username',
    name: 'X-Authentik-Name',
    groups: 'X-Authentik-Groups',
    assertion: 'X-Authentik-Jwt',
  },
  pages: '/outpost.goauthentik.io/',
  forward: {
    traefik: '/outpost.goauthentik.io/auth/traefik',
    caddy: '/outpost.goauthentik.io/auth/caddy',
    envoy: '/outpost.goauthentik.io/auth/envoy',
  },
  nginx: {
    check: '/outpost.goauthentik.io/auth/nginx',
    headers: [
      'proxy_set_header X-Original-URL $scheme://$http_host$request_uri;',
      'proxy_set_header X-Original-URI "";',
      'proxy_set_header X-Forwarded-Uri $request_uri;',
    ],
    // It would have to be told where to return, percent-encoded, which nginx cannot do.
    signIn: [],
    locations: [],
  },
  needs: () => [
    'a proxy provider in mode forward auth (single application), external host this issuer, and an',
    '  outpost that serves it; no unauthenticated paths',
  ],
};
