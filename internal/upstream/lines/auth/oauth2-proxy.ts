import type { AuthService } from '../setting.ts';

/** oauth2-proxy beside the proxy, or anything that answers as it does. */
export const oauth2ProxyService: AuthService = {
  name: 'oauth2-proxy',
  address: 'http://127.0.0.1:4180',
  answers: {
    subject: 'X-Auth-Request-User',
    email: 'X-Auth-Request-Email',
    preferred_username: 'X-Auth-Request-Preferred-Username',
    groups: 'X-Auth-Request-Groups',
  },
  pages: '/oauth2/',
  // Its upstream answers 202 to whoever is signed in; everybody else is sent to sign in.
  forward: { traefik: '/', caddy: '/', envoy: '/' },
  plainNo: '/oauth2/auth',
  nginx: {
    check: '/oauth2/auth',
    headers: ['proxy_set_header X-Forwarded-Uri $request_uri;'],
    signIn: ['error_page 401 = @asteroid_sign_in;'],
    locations: [
      '# Nobody is signed in: the auth service shows its page, and comes back to this very request.',
      'location @asteroid_sign_in {',
      '  rewrite ^ /oauth2/start? break;',
      '  proxy_pass http://asteroid_auth;',
      '  proxy_pass_request_body off;',
      '  proxy_set_header Content-Length "";',
      '  proxy_set_header Host $http_host;',
      '  proxy_set_header X-Forwarded-For $remote_addr;',
      '  proxy_set_header X-Forwarded-Host $http_host;',
      '  proxy_set_header X-Forwarded-Proto $scheme;',
      '  proxy_set_header X-Forwarded-Uri "";',
      '  proxy_set_header X-Auth-Request-Redirect $request_uri;',
      '}',
    ],
  },
  needs: (host) => [
    'oauth2-proxy --reverse-proxy=true --set-xauthrequest=true --upstream=static://202',
    `  --skip-provider-button=true --whitelist-domain=${host}, and --trusted-proxy-ip for this proxy`,
  ],
};
