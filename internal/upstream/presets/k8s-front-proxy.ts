import { instructions } from '../lines/instructions.ts';
import { addressOf } from '../lines/setting.ts';
import type { Preset } from './preset.ts';

export const k8sFrontProxy: Preset = {
  about: 'A front proxy as kube-apiserver knows them (request headers over mutual TLS)',
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'X-Remote-User' },
      groups: { name: 'X-Remote-Group', format: 'repeated' },
    },
    scrubs: true,
    orAssertion: false,
  },
  proof: { needs: 'mtls', suffices: ({ mtls }) => mtls !== undefined },
  example: {
    listen: {
      public: {
        host: '0.0.0.0',
        port: 8443,
        tls: { cert_file: '/run/tls/tls.crt', key_file: '/run/tls/tls.key' },
      },
    },
    trust: {
      mtls: { ca_file: '/run/tls/front-proxy-ca.crt', dns_sans: ['front-proxy.example.com'] },
    },
  },
  lines: {
    'front-proxy': instructions((setting) => [
      '# Any proxy that keeps the rules of the request header authenticator:',
      `# - it removes ${setting.scrubbed.join(', ')} and Connection from every request, then`,
      `#   sets ${setting.scrubbed[0] ?? ''} once and the group header once for each group;`,
      `# - it does so on ${setting.browserPaths.join(', ')} only, compared byte for byte, and passes`,
      '#   everything else on without them;',
      `# - it connects to ${addressOf(setting.browser)} with a client certificate of a CA that issues`,
      '#   for nothing else, and keeps Host as the browser sent it;',
      ...(setting.secretHeader === undefined
        ? []
        : [`# - there it adds ${setting.secretHeader}, as in ${setting.secretFile}.`]),
      '# X-Remote-Uid and X-Remote-Extra-… are not read; name them under upstream.headers where they are',
      '# set on every request.',
    ]),
  },
};
