import { autheliaService } from '../lines/auth/authelia.ts';
import { caddyLines } from '../lines/caddy.ts';
import { nginxLines } from '../lines/nginx.ts';
import { traefikLines } from '../lines/traefik.ts';
import { displayField, type Preset, SECRET_EXAMPLE, secretOrSocket } from './preset.ts';

export const authelia: Preset = {
  about: 'Authelia, behind nginx, Traefik or Caddy',
  source: {
    kind: 'headers',
    // It sends all four for whoever is signed in, an empty one for somebody without groups, and none
    // at all where a rule says bypass.
    headers: {
      subject: { name: 'Remote-User' },
      email: { name: 'Remote-Email', verified: false },
      name: displayField('Remote-Name'),
      groups: { name: 'Remote-Groups', format: 'csv' },
    },
    scrubs: false,
    orAssertion: false,
  },
  proof: secretOrSocket,
  // Its host is the operator's: `https://auth.example.com/?rd=…`.
  example: { trust: SECRET_EXAMPLE },
  auth: autheliaService,
  lines: { nginx: nginxLines, traefik: traefikLines, caddy: caddyLines },
};
