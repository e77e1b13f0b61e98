// Caddy 2 with forward_auth. `route` keeps the order as it is written: otherwise request_header would
// come after forward_auth, and remove what that copied.

import {
  type Address,
  type AuthService,
  type Generator,
  hostPort,
  impossible,
  indent,
  patternOf,
  type Setting,
  toLines,
} from './setting.ts';

export const caddyLines: Generator = (setting) => {
  const { auth } = setting;
  if (auth === undefined)
    return impossible('Caddy needs somebody to ask; this preset names nobody');
  if (setting.open.tls || setting.browser.tls) {
    return impossible('Caddy is offered for listeners without TLS');
  }
  return toLines([
    `# Caddyfile for the preset ${setting.preset}, with ${auth.name} as the auth service; Caddy 2.6 or later.`,
    ...auth.needs(setting.host).map((line) => `# ${line}`),
    ...(setting.secretHeader === undefined
      ? []
      : [
          `# Its environment holds ASTEROID_UPSTREAM_SECRET, the content of ${setting.secretFile}.`,
        ]),
    `${setting.origin} {`,
    ...indent(siteLines(setting, auth), 2),
    '}',
  ]);
};

function siteLines(setting: Setting, auth: AuthService): readonly string[] {
  const { hostname } = new URL(setting.origin);
  return [
    ...(/^(?:localhost|127\.)/.test(hostname) ? ['bind 127.0.0.1'] : []),
    'route {',
    ...indent(
      [
        '# What a client says about itself: a copy of it would stay where the auth service is silent.',
        'request_header -Connection',
        ...setting.scrubbed.flatMap(spellingsOf).map((name) => `request_header -${name}`),
        '',
        '# Only these read who the End-User is. Asteroid answers 404 to everything nearly like them.',
        ...browserRoutes(setting, auth),
        ...(auth.pages === undefined
          ? []
          : [`handle ${auth.pages}* {`, `  reverse_proxy ${new URL(auth.address).host}`, '}']),
        'handle {',
        `  reverse_proxy ${targetOf(setting.open)}`,
        '}',
      ],
      2,
    ),
    '}',
  ];
}

/** Requests of nobody go to Asteroid, where it can do something with them. */
const browserRoutes = (setting: Setting, auth: AuthService): readonly string[] =>
  setting.signsIn && auth.plainNo !== undefined
    ? browserRoute('asteroid_browser', setting.browserPaths, identityLines(setting, auth, NOBODY))
    : [
        ...browserRoute('asteroid_browser', setting.signInPaths, identityLines(setting, auth)),
        ...browserRoute(
          'asteroid_sign_out',
          setting.signOutPaths,
          identityLines(setting, auth, NOT_SIGNED_IN),
        ),
      ];

const NOBODY =
  '# Nobody is signed in: Asteroid sends them to upstream.login_url, or tells the client (prompt=none).';
const NOT_SIGNED_IN = '# Nobody is signed in, and need not be to sign out.';

const browserRoute = (
  name: string,
  paths: readonly string[],
  lines: readonly string[],
): readonly string[] => [
  `@${name} path_regexp ${patternOf(paths)}`,
  `handle @${name} {`,
  '  route {',
  ...indent(lines, 4),
  '  }',
  '}',
];

const spellingsOf = (name: string): readonly string[] => [
  name,
  ...(name.includes('-') ? [name.replaceAll('-', '_'), name.replaceAll('-', '.')] : []),
];

/** @param nobody why requests of nobody go on; absent: the auth service answers them. */
function identityLines(setting: Setting, auth: AuthService, nobody?: string): readonly string[] {
  const copied = setting.identity.flatMap(({ name, from }) =>
    from === undefined
      ? []
      : [from.toLowerCase() === name.toLowerCase() ? name : `${from}>${name}`],
  );
  return [
    `forward_auth ${new URL(auth.address).host} {`,
    `  uri ${(nobody === undefined ? undefined : auth.plainNo) ?? auth.forward.caddy}?`,
    `  copy_headers ${copied.join(' ')}`,
    ...(nobody === undefined ? [] : indent(nobodyLines(setting, auth, nobody), 2)),
    '}',
    '# Before 2.10 Caddy writes a placeholder where the auth service says nothing.',
    ...setting.identity.flatMap(({ name }, index) => [
      `@asteroid_unsaid_${index} header_regexp ${name} ^.http\\.reverse_proxy\\.header\\.`,
      `request_header @asteroid_unsaid_${index} -${name}`,
    ]),
    ...passLines(setting),
  ];
}

const passLines = ({ secretHeader, browser }: Setting): readonly string[] =>
  secretHeader === undefined
    ? [`reverse_proxy ${targetOf(browser)}`]
    : [
        `reverse_proxy ${targetOf(browser)} {`,
        `  header_up ${secretHeader} {env.ASTEROID_UPSTREAM_SECRET}`,
        '}',
      ];

/** Without a path that says it plainly, the auth service sends nobody to its own page. */
const nobodyLines = (
  setting: Setting,
  { plainNo }: AuthService,
  why: string,
): readonly string[] => [
  why,
  `@asteroid_nobody status ${plainNo === undefined ? '3xx 401' : '401'}`,
  'handle_response @asteroid_nobody {',
  ...indent(passLines(setting), 2),
  '}',
];

const targetOf = (address: Address): string =>
  address.kind === 'unix' ? `unix/${address.path}` : hostPort(address);
