import { oauth2ProxyService } from '../lines/auth/oauth2-proxy.ts';
import { envoyLines } from '../lines/envoy.ts';
import { type Preset, SECRET_EXAMPLE } from './preset.ts';

export const envoyExtAuthz: Preset = {
  about: 'Envoy, or a gateway made of it, that asks oauth2-proxy with ext_authz',
  source: {
    kind: 'headers',
    // ext_authz overwrites what the answer names and leaves the rest: somebody without groups would
    // bring their own (T15). Whoever names `groups` has to remove the client's copy before.
    headers: {
      subject: { name: 'X-Auth-Request-User' },
      email: { name: 'X-Auth-Request-Email', verified: false },
    },
    scrubs: false,
    orAssertion: false,
  },
  proof: {
    needs: 'mtls or secret',
    suffices: ({ mtls, secret }) => mtls !== undefined || secret !== undefined,
  },
  urls: {
    loginUrl: `/oauth2/start?rd=\${url}`,
    logoutUrl: `/oauth2/sign_out?rd=\${post_logout_redirect_uri}`,
  },
  example: { trust: SECRET_EXAMPLE },
  auth: oauth2ProxyService,
  lines: { envoy: envoyLines },
};
