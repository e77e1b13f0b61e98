// Traefik 3 with forwardAuth, as a file of its file provider. It acts on a client's `Connection` before
// any middleware, and removes its copy of every header that it takes from an answer.

import {
  type AuthService,
  type Generator,
  hostPort,
  impossible,
  type Setting,
  toLines,
} from './setting.ts';

export const traefikLines: Generator = (setting) => {
  const { auth, open, browser } = setting;
  if (auth === undefined)
    return impossible('Traefik needs somebody to ask; this preset names nobody');
  if (open.kind === 'unix' || browser.kind === 'unix') {
    return impossible('Traefik cannot connect to a Unix socket; let listen have a host and a port');
  }
  if (open.tls || browser.tls) return impossible('Traefik is offered for listeners without TLS');
  const entry = setting.isHttps
    ? ['      entryPoints: [websecure]', '      tls: {}']
    : ['      entryPoints: [web]'];
  return toLines([
    `# Traefik 3.7 for the preset ${setting.preset}, with ${auth.name} as the auth service: dynamic configuration.`,
    ...auth.needs(setting.host).map((line) => `# ${line}`),
    '# In the static configuration, because Traefik passes X_Auth_Request_User on as it comes:',
    '#   entryPoints.websecure.http.aliasHeadersStrategy: reject        (3.7.12 or later)',
    '#   entryPoints.websecure.http.underscoreHeadersStrategy: reject   (3.7.6 or later)',
    ...(setting.secretHeader === undefined
      ? []
      : [
          `# Its environment holds ASTEROID_UPSTREAM_SECRET, the content of ${setting.secretFile}.`,
        ]),
    'http:',
    '  routers:',
    '    # Only these read who the End-User is. Asteroid answers 404 to everything nearly like them.',
    '    asteroid-browser:',
    `      rule: "Host(\`${new URL(setting.origin).hostname}\`) && (${setting.browserPaths.map((path) => `Path(\`${path}\`)`).join(' || ')})"`,
    '      priority: 300',
    ...entry,
    `      middlewares: [asteroid-scrub, asteroid-auth${setting.secretHeader === undefined ? '' : ', asteroid-secret'}]`,
    '      service: asteroid-browser',
    ...(auth.pages === undefined ? [] : pagesRouter(setting, auth.pages, entry)),
    '    asteroid:',
    `      rule: "Host(\`${new URL(setting.origin).hostname}\`)"`,
    '      priority: 100',
    ...entry,
    '      middlewares: [asteroid-scrub]',
    '      service: asteroid',
    ...middlewares(setting, auth),
    '  services:',
    ...service('asteroid', `http://${hostPort(open)}`),
    ...service('asteroid-browser', `http://${hostPort(browser)}`),
    ...(auth.pages === undefined ? [] : service('asteroid-auth', auth.address)),
  ]);
};

const pagesRouter = (
  setting: Setting,
  pages: string,
  entry: readonly string[],
): readonly string[] => [
  '    asteroid-auth:',
  `      rule: "Host(\`${new URL(setting.origin).hostname}\`) && PathPrefix(\`${pages}\`)"`,
  '      priority: 200',
  ...entry,
  '      service: asteroid-auth',
];

const middlewares = (setting: Setting, auth: AuthService): readonly string[] => [
  '  middlewares:',
  '    # An empty value removes a header: what a client says about itself ends here.',
  '    asteroid-scrub:',
  '      headers:',
  '        customRequestHeaders:',
  ...setting.scrubbed.map((name) => `          ${name}: ""`),
  '    asteroid-auth:',
  '      forwardAuth:',
  `        address: ${auth.address}${auth.forward.traefik}`,
  `        authResponseHeaders: [${setting.identity.map(({ name }) => name).join(', ')}]`,
  ...(setting.secretHeader === undefined
    ? []
    : [
        '    # After the auth service: what it answers 401 to never carries the secret.',
        '    asteroid-secret:',
        '      headers:',
        '        customRequestHeaders:',
        `          ${setting.secretHeader}: '{{ env "ASTEROID_UPSTREAM_SECRET" }}'`,
      ]),
];

const service = (name: string, url: string): readonly string[] => [
  `    ${name}:`,
  '      loadBalancer:',
  `        servers: [{ url: "${url}" }]`,
];
