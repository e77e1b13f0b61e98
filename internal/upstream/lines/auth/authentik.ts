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
    signIn: [
      'auth_request_set $asteroid_cookie $upstream_http_set_cookie;',
      'add_header Set-Cookie $asteroid_cookie;',
      'error_page 401 = @asteroid_sign_in;',
    ],
    locations: [
      '# Nobody is signed in. The outpost remembers where to return by the cookie of its answer.',
      'location @asteroid_sign_in {',
      '  internal;',
      '  add_header Set-Cookie $asteroid_cookie;',
      '  return 302 /outpost.goauthentik.io/start?rd=$scheme://$http_host$request_uri;',
      '}',
    ],
  },
  needs: [
    'a proxy provider in mode forward auth (single application), external host this issuer, and an',
    '  outpost that serves it; no unauthenticated paths',
  ],
};
