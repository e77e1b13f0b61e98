// Apache httpd 2.4 with a module that sets REMOTE_USER. `early` removes what a client sent before any
// module looks at it; `expr=` writes an empty value where `%{…}e` would write "(null)".

import {
  type Address,
  type Generator,
  hostPattern,
  hostPort,
  impossible,
  indent,
  patternOf,
  type Setting,
  toLines,
} from './setting.ts';

export const apacheLines: Generator = (setting) => {
  if (setting.open.tls || setting.browser.tls || setting.options.assertion !== undefined) {
    return impossible('Apache is offered for plain headers and for listeners without TLS');
  }
  const { hostname } = new URL(`http://${setting.host}`);
  return toLines([
    `# Apache httpd 2.4 for the preset ${setting.preset}; for /etc/apache2/sites-available/asteroid.conf.`,
    '#   a2enmod ssl rewrite headers proxy proxy_http auth_basic authn_file authz_user',
    '# People sign in by a password file here. Any module that sets REMOTE_USER takes its place:',
    '# mod_auth_openidc, mod_auth_mellon, mod_auth_gssapi. It knows the name alone; see upstream.headers.',
    ...(setting.secretHeader === undefined
      ? []
      : [
          '# The secret, in a file of mode 0600 beside apache2.conf:',
          `#   printf 'Define ASTEROID_SECRET "%s"\\n' "$(cat ${setting.secretFile})" > /etc/apache2/asteroid-secret.conf`,
          'Include asteroid-secret.conf',
        ]),
    '',
    `<VirtualHost *:${setting.port}>`,
    ...indent(
      [
        `ServerName ${setting.origin}`,
        ...(setting.isHttps
          ? [
              'SSLEngine on',
              `SSLCertificateFile /etc/apache2/tls/${hostname}.crt`,
              `SSLCertificateKeyFile /etc/apache2/tls/${hostname}.key`,
            ]
          : []),
        '',
        '# The first host of a port gets the requests for hosts that nobody has.',
        'RewriteEngine On',
        `RewriteCond %{HTTP_HOST} "!${hostPattern(setting)}" [NC]`,
        'RewriteRule ^ - [R=421,L]',
        '',
        ...scrubLines(setting),
        '',
        ...identityLines(setting),
        '',
        '# Paths go on as they came: Asteroid answers 404 to everything nearly like one of its own.',
        'AllowEncodedSlashes NoDecode',
        'ProxyRequests Off',
        'ProxyPreserveHost On',
        ...(setting.isSplit
          ? [
              // Without $1 Apache would add the whole path once more.
              `ProxyPassMatch "^(${exactly(setting.browserPaths).slice(1, -2)})\\z" "${targetOf(setting.browser)}$1"`,
            ]
          : []),
        `ProxyPass "/" "${targetOf(setting.open)}/" nocanon`,
      ],
      2,
    ),
    '</VirtualHost>',
  ]);
};

const targetOf = (address: Address): string =>
  address.kind === 'unix' ? `unix:${address.path}|http://asteroid` : `http://${hostPort(address)}`;

const scrubLines = ({ scrubbed }: Setting): readonly string[] => [
  '# What a client says about itself, and `Connection: X-Authenticated-User`, which would have this',
  '# server drop what it sets below; nothing but `close` is left of it. Spellings such as',
  '# X_Authenticated_User cannot be removed by pattern; Asteroid refuses them.',
  'RequestHeader edit Connection "(?i)^.*\\bclose\\b.*$" close early',
  'RequestHeader edit Connection "(?i)^(?!close$).*$" "" early',
  ...scrubbed.map((name) => `RequestHeader unset ${name} early`),
];

const identityLines = (setting: Setting): readonly string[] => [
  '# Only these read who the End-User is.',
  `<LocationMatch "${exactly(setting.signInPaths)}">`,
  ...indent([...knownLines(setting), ...passLines(setting)], 2),
  '</LocationMatch>',
  '',
  '# Here whoever shows no password is nobody: signing out must not begin with signing in. Modules that',
  '# know sessions have a way of their own, such as `OIDCUnAuthAction pass` of mod_auth_openidc.',
  `<LocationMatch "${exactly(setting.signOutPaths)}">`,
  `  <If "-n req_novary('Authorization')">`,
  ...indent(knownLines(setting), 4),
  '  </If>',
  ...indent(passLines(setting), 2),
  '</LocationMatch>',
];

/** PCRE's `$` would let a line end by. */
const exactly = (paths: readonly string[]): string => patternOf(paths).replace(/\$$/, '\\z');

const knownLines = ({ host, identity }: Setting): readonly string[] => [
  'AuthType Basic',
  `AuthName "${host}"`,
  'AuthBasicProvider file',
  'AuthUserFile asteroid.htpasswd',
  'Require valid-user',
  ...identity
    .filter(({ attribute }) => attribute === 'subject')
    .map(({ name }) => `RequestHeader set ${name} "expr=%{REMOTE_USER}"`),
];

const passLines = ({ secretHeader }: Setting): readonly string[] => [
  'RequestHeader unset Authorization',
  ...(secretHeader === undefined
    ? []
    : [`RequestHeader set ${secretHeader} "\${ASTEROID_SECRET}"`]),
];
