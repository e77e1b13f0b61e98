import { oauth2ProxyLines } from '../lines/oauth2-proxy.ts';
import { displayField, type Preset, SECRET_EXAMPLE, secretOrSocket } from './preset.ts';

export const oauth2Proxy: Preset = {
  about: 'oauth2-proxy as the reverse proxy, with plain headers',
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'X-Forwarded-User' },
      email: { name: 'X-Forwarded-Email', verified: false },
      preferredUsername: displayField('X-Forwarded-Preferred-Username'),
      groups: { name: 'X-Forwarded-Groups', format: 'csv' },
    },
    // It removes every header that it would set, also on routes that need no sign-in.
    scrubs: true,
    orAssertion: false,
  },
  // Other proxies send X-Forwarded-User too: an address alone does not say which one spoke.
  proof: secretOrSocket,
  urls: { logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}` },
  example: { trust: SECRET_EXAMPLE },
  lines: { 'oauth2-proxy': oauth2ProxyLines },
};
