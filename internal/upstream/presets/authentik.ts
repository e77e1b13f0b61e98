import { authentikService } from '../lines/auth/authentik.ts';
import { caddyLines } from '../lines/caddy.ts';
import { nginxLines } from '../lines/nginx.ts';
import { traefikLines } from '../lines/traefik.ts';
import { anyProof, type Preset, type PresetUrls, SECRET_EXAMPLE } from './preset.ts';

const DAY = 24 * 60 * 60;

export const AUTHENTIK_URLS: PresetUrls = {
  loginUrl: `/outpost.goauthentik.io/start?rd=\${url}`,
  logoutUrl: '/outpost.goauthentik.io/sign_out',
};

export const authentik: Preset = {
  about: "authentik's outpost, with the JWT of its provider",
  source: {
    kind: 'assertion',
    assertion: {
      header: 'X-Authentik-Jwt',
      scheme: 'raw',
      // Without a signing key the provider signs HS256 with the client secret, which proves nothing to us.
      algorithms: ['RS256'],
      maxAge: DAY, // the token of the session: as long as its access token validity, a day by default
    },
    needs: {
      issuer: 'name that of the provider: https://authentik.example.com/application/o/SLUG/',
      audience: 'name the client id of the proxy provider',
    },
    // Never X-authentik-meta-jwks: whoever sends the JWT would choose the keys (T19).
    derive: ({ issuer }) =>
      issuer === undefined
        ? {}
        : { keys: { kind: 'uri', uri: `${issuer}${issuer.endsWith('/') ? '' : '/'}jwks/` } },
  },
  proof: anyProof,
  urls: AUTHENTIK_URLS,
  example: {
    trust: SECRET_EXAMPLE,
    assertion: {
      issuer: 'https://authentik.example.com/application/o/asteroid/',
      audience: ['CLIENT-ID-OF-THE-PROVIDER'],
    },
  },
  auth: authentikService,
  lines: { nginx: nginxLines, traefik: traefikLines, caddy: caddyLines },
};
