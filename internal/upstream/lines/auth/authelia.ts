import type { AuthService } from '../setting.ts';

/** Authelia, which has a host of its own and keeps one session for the whole domain. */
export const autheliaService: AuthService = {
  name: 'authelia',
  address: 'http://127.0.0.1:9091',
  answers: {
    subject: 'Remote-User',
    email: 'Remote-Email',
    name: 'Remote-Name',
    groups: 'Remote-Groups',
  },
  forward: {
    traefik: '/api/authz/forward-auth',
    caddy: '/api/authz/forward-auth',
    envoy: '/api/authz/ext-authz/',
  },
  nginx: {
    check: '/api/authz/auth-request',
    headers: [
      'proxy_set_header X-Original-Method $request_method;',
      'proxy_set_header X-Original-URL $scheme://$http_host$request_uri;',
      'proxy_set_header X-Forwarded-Uri $request_uri;',
    ],
    signIn: [
      'auth_request_set $asteroid_sign_in $upstream_http_location;',
      'error_page 401 =302 $asteroid_sign_in;',
    ],
    locations: [],
  },
  needs: () => [
    'Authelia with a rule one_factor or two_factor for this host: where a rule says bypass it names',
    '  nobody. Its session cookie has to cover this host',
  ],
};
