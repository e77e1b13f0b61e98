import { instructions } from '../lines/instructions.ts';
import { anyProof, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const googleIap: Preset = {
  about: 'Google Identity-Aware Proxy, with its signed header',
  source: {
    kind: 'assertion',
    assertion: {
      header: 'X-Goog-Iap-Jwt-Assertion',
      scheme: 'raw',
      algorithms: ['ES256'],
      issuer: 'https://cloud.google.com/iap',
      keys: { kind: 'uri', uri: 'https://www.gstatic.com/iap/verify/public_key-jwk' },
      maxAge: 600, // it lasts ten minutes at most
      // `sub` keeps its accounts.google.com: so that no other kind of account can collide with it.
      claims: { preferredUsername: null, name: null, groups: null },
    },
    needs: {
      audience: 'name the backend service: /projects/NUMBER/global/backendServices/ID',
    },
  },
  proof: anyProof,
  urls: { logoutUrl: '/?gcp-iap-mode=CLEAR_LOGIN_COOKIE' },
  example: {
    trust: SECRET_EXAMPLE,
    assertion: { audience: ['/projects/NUMBER/global/backendServices/ID'] },
  },
  lines: {
    'google-iap': instructions((setting) => [
      '# Two backend services for the same group of instances, and a URL map between them:',
      `# - ${setting.browserPaths.join(', ')}: the service with IAP, whose id is upstream.assertion.audience;`,
      '# - everything else: a service without IAP, which clients call themselves.',
      'gcloud compute url-maps add-path-matcher URL_MAP --path-matcher-name=asteroid \\',
      `  --new-hosts=${setting.host} --default-service=asteroid-open \\`,
      `  --backend-service-path-rules='${setting.browserPaths.map((path) => `${path}=asteroid-browser`).join(',')}'`,
      'gcloud compute backend-services update asteroid-browser --global --iap=enabled',
      ...(setting.secretHeader === undefined
        ? []
        : [
            'gcloud compute backend-services update asteroid-browser --global \\',
            `  --custom-request-header="${setting.secretHeader}:$(cat ${setting.secretFile})"`,
          ]),
      '# A firewall rule lets only 35.191.0.0/16 and 130.211.0.0/22 reach the instances.',
    ]),
  },
};
