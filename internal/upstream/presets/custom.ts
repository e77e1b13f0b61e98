import { apacheLines } from '../lines/apache.ts';
import { oauth2ProxyService } from '../lines/auth/oauth2-proxy.ts';
import { caddyLines } from '../lines/caddy.ts';
import { haproxyLines } from '../lines/haproxy.ts';
import { nginxLines } from '../lines/nginx.ts';
import { anyProof, displayField, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const custom: Preset = {
  about: 'A proxy that is told which headers to set, or an assertion of any signer',
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'X-Authenticated-User' },
      email: { name: 'X-Authenticated-Email', verified: false },
      name: displayField('X-Authenticated-Name'),
      groups: { name: 'X-Authenticated-Groups', format: 'csv' },
    },
    scrubs: false,
    orAssertion: true,
  },
  proof: anyProof,
  example: { trust: SECRET_EXAMPLE },
  auth: oauth2ProxyService,
  lines: { nginx: nginxLines, apache: apacheLines, haproxy: haproxyLines, caddy: caddyLines },
};
