import { oauth2ProxyLines } from '../lines/oauth2-proxy.ts';
import { anyProof, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const oauth2ProxyIdToken: Preset = {
  about: "oauth2-proxy as the reverse proxy, with its identity provider's ID Token",
  source: {
    kind: 'assertion',
    assertion: {
      header: 'X-Upstream-Id-Token',
      scheme: 'raw',
      // What OpenID Connect makes every provider sign with; others are the operator's word.
      algorithms: ['RS256'],
      // oauth2-proxy sends the same ID Token until it refreshes its session (`cookie_refresh`).
      maxAge: 3600,
      claims: { emailVerified: 'email_verified', authTime: 'auth_time', acr: 'acr', amr: 'amr' },
    },
    needs: {
      issuer: 'name the identity provider of oauth2-proxy, its oidcConfig.issuerURL',
      audience: 'name the client id of oauth2-proxy at its identity provider',
      keys: 'is missing; it is the jwks_uri in the discovery document of the identity provider',
    },
  },
  proof: anyProof,
  urls: {
    logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}`,
    // It starts over although there is a session; what comes back proves itself by auth_time.
    reauthenticateUrl: `/oauth2/start?prompt=login&rd=\${url}`,
  },
  example: {
    trust: SECRET_EXAMPLE,
    assertion: {
      issuer: 'https://idp.example.com',
      audience: ['asteroid-proxy'],
      jwks_uri: 'https://idp.example.com/jwks',
    },
  },
  lines: { 'oauth2-proxy': oauth2ProxyLines },
};
