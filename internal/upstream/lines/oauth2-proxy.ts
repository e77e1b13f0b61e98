// oauth2-proxy 7 as the reverse proxy, in its alpha configuration: only there can a header come from a
// file. What is injected replaces whatever a client sent under that name.

import {
  type Address,
  escapePattern,
  type Generator,
  hostPort,
  type IdentityHeader,
  impossible,
  indent,
  type Setting,
  toLines,
} from './setting.ts';

/** Attribute → claim of its session, where the two differ. */
const CLAIMS: ReadonlyMap<string, string> = new Map([
  ['subject', 'user'],
  ['assertion', 'id_token'],
]);

export const oauth2ProxyLines: Generator = (setting) => {
  if (setting.open.tls || setting.browser.tls) {
    return impossible('oauth2-proxy is offered for listeners without TLS');
  }
  const redirect = `${setting.origin}/oauth2/callback`;
  return toLines([
    `# oauth2-proxy 7.15 for the preset ${setting.preset}; its alpha configuration, in /etc/oauth2-proxy/alpha.yaml:`,
    '#   oauth2-proxy --alpha-config=/etc/oauth2-proxy/alpha.yaml \\',
    "#     --email-domain='*' --cookie-secret-file=/run/secrets/oauth2-proxy-cookie \\",
    `#     --cookie-secure=${setting.isHttps} --redirect-url=${redirect} \\`,
    `#     --whitelist-domain=${setting.host} --skip-provider-button=true \\`,
    ...openRoutes(setting),
    '# Releases before 7.14 want { claim: … } and { fromFile: … } without the word around them.',
    '# Behind an ingress also --reverse-proxy=true, with --trusted-proxy-ip for the ingress alone.',
    'server:',
    `  bindAddress: "${setting.isHttps ? '127.0.0.1:4180' : `127.0.0.1:${setting.port}`}"`,
    'upstreamConfig:',
    '  upstreams:',
    ...upstreamLines(setting),
    'injectRequestHeaders:',
    ...setting.identity.map(injected),
    ...(setting.secretHeader === undefined
      ? []
      : [
          `  - { name: ${setting.secretHeader}, values: [{ secretSource: { fromFile: "${setting.secretFile}" } }] }`,
        ]),
    'providers:',
    ...indent(providerLines(setting), 2),
  ]);
};

/**
 * Clients call these without a session; with one, identity headers do no harm there. Signing out must
 * not begin with signing in; who has a session is named there all the same.
 */
const openRoutes = (setting: Setting): readonly string[] => {
  const { openPaths, registrationPaths, signOutPaths } = setting;
  const patterns = [
    ...openPaths.map(escapePattern),
    ...registrationPaths.map((path) => `${escapePattern(path)}(/[A-Za-z0-9._~-]+)?`),
    ...signOutPaths.map(escapePattern),
  ];
  return patterns.map((pattern, index) => {
    const more = index === patterns.length - 1 ? '' : ' \\';
    return `#     --skip-auth-route='^${pattern}$'${more}`;
  });
};

const upstreamLines = (setting: Setting): readonly string[] => [
  `    - { id: asteroid, path: /, uri: "${uriOf(setting.browser)}" }`,
  ...(setting.isSplit
    ? programPaths(setting).map(
        (path) => `    - { id: "${path}", path: "${path}", uri: "${uriOf(setting.open)}" }`,
      )
    : []),
];

/** One that ends in a slash is for all that is below. */
const programPaths = ({ openPaths, registrationPaths }: Setting): readonly string[] => [
  ...openPaths,
  ...registrationPaths.flatMap((path) => [path, `${path}/`]),
];

const uriOf = (address: Address): string =>
  address.kind === 'unix' ? `unix://${address.path}` : `http://${hostPort(address)}`;

const injected = ({ attribute, name }: IdentityHeader): string =>
  `  - { name: ${name}, values: [{ claimSource: { claim: ${CLAIMS.get(attribute) ?? attribute} } }] }`;

/** The identity provider: the same that the assertion is verified by. */
const providerLines = ({ assertion }: Setting): readonly string[] => [
  '- id: idp',
  '  provider: oidc',
  `  clientID: ${JSON.stringify(assertion?.audience?.[0] ?? 'asteroid-proxy')}`,
  '  clientSecretFile: /run/secrets/oauth2-proxy-client',
  '  code_challenge_method: S256',
  '  scope: openid profile email groups',
  '  loginURLParameters:',
  '    - { name: prompt, allow: [{ value: login }] }',
  '  oidcConfig:',
  `    issuerURL: ${JSON.stringify(assertion?.issuer ?? 'https://idp.example.com')}`,
  '    insecureSkipNonce: false',
  '    emailClaim: email',
  '    groupsClaim: groups',
  '    audienceClaims: [aud]',
];
