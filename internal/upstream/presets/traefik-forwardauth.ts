import { oauth2ProxyService } from '../lines/auth/oauth2-proxy.ts';
import { traefikLines } from '../lines/traefik.ts';
import { displayField, type Preset, secretAndPlace } from './preset.ts';

export const traefikForwardauth: Preset = {
  about: 'Traefik that asks oauth2-proxy, or a service like it, with forwardAuth',
  source: {
    kind: 'headers',
    // Traefik copies an answer's headers under their own names only. It removes a client's copy of each
    // of them first, so that an answer without groups leaves none.
    headers: {
      subject: { name: 'X-Auth-Request-User' },
      email: { name: 'X-Auth-Request-Email', verified: false },
      preferredUsername: displayField('X-Auth-Request-Preferred-Username'),
      groups: { name: 'X-Auth-Request-Groups', format: 'csv' },
    },
    scrubs: false,
    orAssertion: false,
  },
  proof: secretAndPlace,
  urls: {
    loginUrl: `/oauth2/start?rd=\${url}`,
    logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}`,
  },
  example: {
    trust: { peers: ['127.0.0.1/32'], secret: { files: ['/run/secrets/upstream'] } },
  },
  auth: oauth2ProxyService,
  lines: { traefik: traefikLines },
};
