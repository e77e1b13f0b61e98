import { apacheLines } from '../lines/apache.ts';
import { oauth2ProxyService } from '../lines/auth/oauth2-proxy.ts';
import { caddyLines } from '../lines/caddy.ts';
import { haproxyLines } from '../lines/haproxy.ts';
import { nginxLines } from '../lines/nginx.ts';
import { type Preset, SECRET_EXAMPLE, secretOrSocket } from './preset.ts';

export const nginxAuthRequest: Preset = {
  about: 'nginx that asks oauth2-proxy, or a service like it, with auth_request',
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'X-Authenticated-User' },
      email: { name: 'X-Authenticated-Email', verified: false },
      groups: { name: 'X-Authenticated-Groups', format: 'csv' },
    },
    scrubs: false,
    orAssertion: false,
  },
  proof: secretOrSocket,
  urls: {
    loginUrl: `/oauth2/start?rd=\${url}`,
    logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}`,
  },
  example: { trust: SECRET_EXAMPLE },
  auth: oauth2ProxyService,
  lines: { nginx: nginxLines, apache: apacheLines, haproxy: haproxyLines, caddy: caddyLines },
};
