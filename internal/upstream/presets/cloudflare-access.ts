import { instructions } from '../lines/instructions.ts';
import { addressOf } from '../lines/setting.ts';
import { anyProof, type Preset } from './preset.ts';

const DAY = 24 * 60 * 60;

export const cloudflareAccess: Preset = {
  about: 'Cloudflare Access, with its application token',
  source: {
    kind: 'assertion',
    assertion: {
      header: 'Cf-Access-Jwt-Assertion',
      scheme: 'raw',
      algorithms: ['RS256'],
      maxAge: DAY, // one token lasts as long as the session of the application: a day by default
      // `org` is a token of the whole team, and one of a service has no subject (T20).
      require: { type: 'app' },
      claims: { preferredUsername: null, name: null, groups: null },
    },
    needs: {
      issuer: 'name the team domain: https://TEAM.cloudflareaccess.com',
      audience: 'name the AUD tag of the Access application for this issuer',
    },
    derive: ({ issuer }) =>
      issuer === undefined ? {} : { keys: { kind: 'uri', uri: `${issuer}/cdn-cgi/access/certs` } },
  },
  proof: anyProof,
  urls: { logoutUrl: '/cdn-cgi/access/logout' },
  example: {
    listen: { public: { socket: '/run/asteroid/asteroid.sock' } },
    trust: { unix_socket: true },
    assertion: {
      issuer: 'https://TEAM.cloudflareaccess.com',
      audience: ['AUD-TAG-OF-THE-APPLICATION'],
    },
  },
  lines: {
    cloudflare: instructions((setting) => [
      '# cloudflared, config.yml: the tunnel reaches Asteroid and nobody else does.',
      'ingress:',
      `  - hostname: ${setting.host}`,
      ...(setting.isSplit
        ? [`    path: '${setting.browserPattern}'`, `    service: ${addressOf(setting.browser)}`]
        : [`    service: ${addressOf(setting.open)}`]),
      ...(setting.isSplit
        ? [`  - hostname: ${setting.host}`, `    service: ${addressOf(setting.open)}`]
        : []),
      '  - service: http_status:404',
      '#',
      '# In Zero Trust, two Access applications for this host:',
      `# - self-hosted, paths ${setting.browserPaths.join(', ')}: the policy says who may sign in. Its`,
      '#   AUD tag is upstream.assertion.audience.',
      '# - self-hosted, the whole host: a Bypass policy for everyone. Clients call these paths themselves.',
      ...(setting.secretHeader === undefined
        ? []
        : [
            `# Under Rules, a request header transform: set static ${setting.secretHeader} on those paths,`,
            `# as in ${setting.secretFile}; remove it on all others.`,
          ]),
    ]),
  },
};
