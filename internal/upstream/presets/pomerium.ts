import { instructions } from '../lines/instructions.ts';
import { addressOf } from '../lines/setting.ts';
import { anyProof, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const pomerium: Preset = {
  about: 'Pomerium, with its signed assertion',
  source: {
    kind: 'assertion',
    assertion: {
      header: 'X-Pomerium-Jwt-Assertion',
      scheme: 'raw',
      algorithms: ['ES256'],
      maxAge: 300, // it signs anew for every request, for five minutes
      claims: { sid: 'sid', preferredUsername: null },
    },
    needs: {
      issuer: 'name the host of the Pomerium route, which is that of this issuer: sso.example.com',
    },
    // `iss` and `aud` are both the host of the route, and the route serves the keys.
    derive: ({ issuer }) => {
      const host = issuer?.replace(/^https:\/\//, '').replace(/\/$/, '');
      return host === undefined || !/^[A-Za-z0-9.-]+(?::\d+)?$/.test(host)
        ? {}
        : {
            audience: [host],
            keys: { kind: 'uri', uri: `https://${host}/.well-known/pomerium/jwks.json` },
          };
    },
  },
  proof: anyProof,
  urls: {
    logoutUrl: `/.pomerium/sign_out?pomerium_redirect_uri=\${post_logout_redirect_uri}`,
  },
  example: { trust: SECRET_EXAMPLE, assertion: { issuer: 'sso.example.com' } },
  lines: {
    pomerium: instructions((setting) => [
      '# Pomerium: one route for the paths that read who somebody is, one that is open.',
      'routes:',
      `  - from: ${setting.origin}`,
      `    regex: '${setting.browserPattern}'`,
      `    to: ${addressOf(setting.browser)}`,
      '    preserve_host_header: true',
      '    pass_identity_headers: true',
      ...(setting.secretHeader === undefined
        ? []
        : [
            '    set_request_headers:',
            `      ${setting.secretHeader}: "the secret, as in ${setting.secretFile}"`,
          ]),
      '    policy: [{ allow: { and: [{ domain: { is: example.com } }] } }]  # who may sign in',
      `  - from: ${setting.origin}`,
      `    to: ${addressOf(setting.open)}`,
      '    preserve_host_header: true',
      '    allow_public_unauthenticated_access: true',
      `    remove_request_headers: [${setting.scrubbed.join(', ')}]`,
    ]),
  },
};
