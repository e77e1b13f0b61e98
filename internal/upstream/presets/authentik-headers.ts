import { authentikService } from '../lines/auth/authentik.ts';
import { caddyLines } from '../lines/caddy.ts';
import { nginxLines } from '../lines/nginx.ts';
import { traefikLines } from '../lines/traefik.ts';
import { AUTHENTIK_URLS } from './authentik.ts';
import { displayField, type Preset, secretAndPlace } from './preset.ts';

export const authentikHeaders: Preset = {
  about: "authentik's outpost, with plain headers",
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'X-Authentik-Uid' },
      email: { name: 'X-Authentik-Email', verified: false },
      preferredUsername: displayField('X-Authentik-Username'),
      name: displayField('X-Authentik-Name'),
      groups: { name: 'X-Authentik-Groups', format: 'pipe' },
    },
    scrubs: false,
    orAssertion: false,
  },
  proof: secretAndPlace,
  urls: AUTHENTIK_URLS,
  example: {
    trust: { peers: ['127.0.0.1/32'], secret: { files: ['/run/secrets/upstream'] } },
  },
  auth: authentikService,
  lines: { nginx: nginxLines, traefik: traefikLines, caddy: caddyLines },
};
