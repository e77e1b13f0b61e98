import { instructions } from '../lines/instructions.ts';
import { addressOf } from '../lines/setting.ts';
import { anyProof, type Preset, SECRET_EXAMPLE } from './preset.ts';

export const teleport: Preset = {
  about: 'Teleport application access, with its assertion',
  source: {
    kind: 'assertion',
    assertion: {
      header: 'Teleport-Jwt-Assertion',
      scheme: 'raw',
      // Which of the two depends on the cluster's signature algorithm suite.
      algorithms: ['RS256', 'ES256'],
      claims: {
        email: null,
        preferredUsername: 'username',
        name: null,
        groups: 'roles',
      },
    },
    needs: {
      issuer: 'name the Teleport cluster, as tctl status prints it',
      audience: "name the app's uri, as in the configuration of the Application Service",
      keys: 'is missing; it is https://PROXY/.well-known/jwks.json of the cluster',
    },
  },
  proof: anyProof,
  example: {
    trust: SECRET_EXAMPLE,
    assertion: {
      issuer: 'teleport.example.com',
      audience: ['http://127.0.0.1:8880'],
      jwks_uri: 'https://teleport.example.com/.well-known/jwks.json',
    },
  },
  lines: {
    teleport: instructions((setting) => [
      '# teleport.yaml of the Application Service. Teleport lets nobody through without a sign-in: what',
      '# clients call themselves has to reach Asteroid another way, at the same host.',
      'app_service:',
      '  enabled: true',
      '  apps:',
      '    - name: asteroid',
      `      uri: ${addressOf(setting.browser)}`,
      `      public_addr: ${setting.host}`,
      '      rewrite:',
      '        headers:',
      `          - "Host: ${setting.host}"`,
      ...(setting.secretHeader === undefined
        ? []
        : [`          - "${setting.secretHeader}: the secret, as in ${setting.secretFile}"`]),
    ]),
  },
};
