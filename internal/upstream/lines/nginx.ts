// nginx with auth_request, as a file for /etc/nginx/conf.d. Every location names every header: one
// proxy_set_header of its own and it inherits none. A variable that is empty removes the header.

import {
  type Address,
  type AuthService,
  escapePattern,
  type Generator,
  hostPattern,
  hostPort,
  impossible,
  indent,
  type Setting,
  toLines,
} from './setting.ts';

export const nginxLines: Generator = (setting) => {
  const { auth } = setting;
  if (auth === undefined)
    return impossible('nginx needs somebody to ask; this preset names nobody');
  return toLines([
    `# nginx for the preset ${setting.preset}, with ${auth.name} as the auth service; for /etc/nginx/conf.d/asteroid.conf.`,
    ...auth.needs(setting.host).map((line) => `# ${line}`),
    ...secretComment(setting),
    '',
    ...upstreams(setting),
    `upstream asteroid_auth { server ${new URL(auth.address).host}; keepalive 16; }`,
    '',
    'server {',
    ...indent(
      [
        ...listenLines(setting),
        '',
        ONLY_THESE,
        ...exactPaths(setting, auth),
        '',
        ...nearPaths(setting),
        '',
        ...authLocations(auth),
        ...(setting.signsIn || auth.nginx.locations.length === 0
          ? []
          : ['', ...auth.nginx.locations]),
        '',
        ...nobodyLocation(setting),
        '',
        ...openLocation(setting),
      ],
      2,
    ),
    '}',
  ]);
};

/** How the secret gets to where nginx can read it, which knows no file as a value. */
export const secretComment = ({ secretHeader, secretFile }: Setting): readonly string[] =>
  secretHeader === undefined
    ? []
    : [
        '# The secret, in a file of mode 0600 beside nginx.conf:',
        `#   printf 'set $asteroid_secret "%s";\\n' "$(cat ${secretFile})" > /etc/nginx/asteroid-secret.conf`,
      ];

export const upstreams = ({ open, browser, isSplit }: Setting): readonly string[] => [
  `upstream asteroid { server ${serverOf(open)}; keepalive 16; }`,
  ...(isSplit ? [`upstream asteroid_browser { server ${serverOf(browser)}; keepalive 16; }`] : []),
];

const serverOf = (address: Address): string =>
  address.kind === 'unix' ? `unix:${address.path}` : hostPort(address);

function listenLines({ host, isHttps, port, secretHeader }: Setting): readonly string[] {
  const { hostname } = new URL(`http://${host}`);
  const isLoopback = /^(?:localhost|127\.|\[::1\])/.test(hostname);
  const at = isLoopback ? `${hostname === 'localhost' ? '127.0.0.1' : hostname}:${port}` : port;
  return [
    ...(isHttps
      ? [
          `listen ${at} ssl;`,
          `ssl_certificate /etc/nginx/tls/${hostname}.crt;`,
          `ssl_certificate_key /etc/nginx/tls/${hostname}.key;`,
        ]
      : [`listen ${at};`]),
    `server_name ${hostname};`,
    ...checkNames(secretHeader),
    '# The first server of a port gets the requests for hosts that no server has.',
    `if ($http_host !~* "${hostPattern({ host, isHttps })}") { return 421; }`,
  ];
}

/** What is always so, written down: nginx then drops X_Authenticated_User and X.Authenticated.User. */
export const checkNames = (secretHeader: string | undefined): readonly string[] => [
  'underscores_in_headers off;',
  'ignore_invalid_headers on;',
  ...(secretHeader === undefined ? [] : ['include asteroid-secret.conf;']),
];

export const ONLY_THESE =
  '# Only these read who the End-User is. Nothing but the exact path: \\z, since $ would let a line end by.';

const namesOf = (paths: readonly string[]): string =>
  paths.map((path) => escapePattern(path.slice(1))).join('|');

/** Where who somebody is counts: these paths, and nothing that is nearly one. */
export const exactLocation = (
  paths: readonly string[],
  identity: readonly string[],
): readonly string[] => [`location ~ ^/(?:${namesOf(paths)})\\z {`, ...indent(identity, 2), '}'];

export const nearPaths = ({ browserPaths }: Setting): readonly string[] => [
  '# Everything nearly like them: nginx folds and decodes paths, Asteroid does not.',
  `location ~* ^/(?:${namesOf(browserPaths)})(?:[^a-z0-9_-]|$) { return 404; }`,
];

/** Requests of nobody go to Asteroid, where it can do something with them. */
const exactPaths = (setting: Setting, auth: AuthService): readonly string[] =>
  setting.signsIn
    ? exactLocation(setting.browserPaths, identityLines(setting, auth, TO_NOBODY))
    : [
        ...exactLocation(setting.signInPaths, identityLines(setting, auth, auth.nginx.signIn)),
        '',
        ...exactLocation(setting.signOutPaths, identityLines(setting, auth, TO_NOBODY)),
      ];

const TO_NOBODY: readonly string[] = ['error_page 401 = @asteroid_nobody;'];

/** @param otherwise what happens when nobody is signed in. */
function identityLines(
  setting: Setting,
  auth: AuthService,
  otherwise: readonly string[],
): readonly string[] {
  const answered = setting.identity.flatMap(({ name, from }) =>
    from === undefined ? [] : [{ name, from, variable: `$asteroid_${variableOf(name)}` }],
  );
  const values = new Map(answered.map(({ name, variable }) => [name, variable]));
  return [
    `auth_request ${auth.nginx.check};`,
    ...otherwise,
    ...answered.map(
      ({ from, variable }) => `auth_request_set ${variable} $upstream_http_${variableOf(from)};`,
    ),
    '',
    ...browserPass(setting, values),
  ];
}

/** @param values header → what nginx knows of it; nothing removes the header. */
const browserPass = (setting: Setting, values: ReadonlyMap<string, string>): readonly string[] => [
  ...passLines(setting),
  ...setting.identity.map(({ name }) => `proxy_set_header ${name} ${values.get(name) ?? '""'};`),
  ...secretLine(setting),
  ...mutualLines(setting),
  `proxy_pass ${schemeOf(setting.browser)}://${setting.isSplit ? 'asteroid_browser' : 'asteroid'};`,
];

const NOBODY: ReadonlyMap<string, string> = new Map();

/** Who nobody vouches for; Asteroid knows whether to send them to sign in or to answer the client. */
const nobodyLocation = (setting: Setting): readonly string[] => [
  setting.signsIn
    ? '# Nobody is signed in: Asteroid sends them to upstream.login_url, or tells the client (prompt=none).'
    : '# Nobody is signed in, and need not be to sign out.',
  'location @asteroid_nobody {',
  ...indent(browserPass(setting, NOBODY), 2),
  '}',
];

const variableOf = (header: string): string => header.toLowerCase().replaceAll('-', '_');

export const passLines = ({ preset }: Pick<Setting, 'preset'>): readonly string[] => [
  'proxy_http_version 1.1;',
  `proxy_set_header Host ${preset === 'tailscale-serve' ? '$asteroid_host' : '$http_host'};`,
  "# A client's `Connection: X-Authenticated-User` would have the next hop drop what is set here.",
  'proxy_set_header Connection "";',
];

export const secretLine = ({ secretHeader }: Setting): readonly string[] =>
  secretHeader === undefined ? [] : [`proxy_set_header ${secretHeader} $asteroid_secret;`];

export const schemeOf = ({ tls }: Address): string => (tls ? 'https' : 'http');

const mutualLines = ({ isMutual }: Setting): readonly string[] =>
  isMutual
    ? [
        'proxy_ssl_certificate /etc/nginx/tls/asteroid-client.crt;',
        'proxy_ssl_certificate_key /etc/nginx/tls/asteroid-client.key;',
      ]
    : [];

// A client's own X-Forwarded-Uri would have some auth services judge another path than this one.
const FORWARDED: readonly string[] = [
  'proxy_set_header Host $http_host;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_set_header X-Forwarded-Host $http_host;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
];

function authLocations({ pages, nginx }: AuthService): readonly string[] {
  return [
    `location = ${nginx.check} {`,
    '  internal;',
    '  proxy_pass http://asteroid_auth;',
    '  proxy_http_version 1.1;',
    '  proxy_pass_request_body off;',
    '  proxy_set_header Content-Length "";',
    '  proxy_set_header Connection "";',
    ...indent(FORWARDED, 2),
    ...indent(nginx.headers, 2),
    '}',
    ...(pages === undefined
      ? []
      : [
          '',
          `location ${pages} {`,
          '  proxy_pass http://asteroid_auth;',
          '  proxy_http_version 1.1;',
          '  proxy_set_header Connection "";',
          ...indent(FORWARDED, 2),
          '  proxy_set_header X-Forwarded-Uri "";',
          '}',
        ]),
  ];
}

export const openLocation = (setting: Setting): readonly string[] => [
  '# What clients call themselves: whatever they say about an End-User ends here.',
  'location / {',
  ...indent(
    [
      ...passLines(setting),
      ...setting.scrubbed.map((name) => `proxy_set_header ${name} "";`),
      `proxy_pass ${schemeOf(setting.open)}://asteroid;`,
    ],
    2,
  ),
  '}',
];
