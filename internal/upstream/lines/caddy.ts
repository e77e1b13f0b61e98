// Caddy 2 with forward_auth. `route` keeps the order as it is written: otherwise request_header would
// come after forward_auth, and remove what that copied.

import {
  type Address,
  type AuthService,
  type Generator,
  hostPort,
  impossible,
  indent,
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
        `@asteroid_browser path_regexp ${setting.browserPattern}`,
        'handle @asteroid_browser {',
        '  route {',
        ...indent(identityLines(setting, auth), 4),
        '  }',
        '}',
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

const spellingsOf = (name: string): readonly string[] => [
  name,
  ...(name.includes('-') ? [name.replaceAll('-', '_'), name.replaceAll('-', '.')] : []),
];

function identityLines(setting: Setting, auth: AuthService): readonly string[] {
  const copied = setting.identity.flatMap(({ name, from }) =>
    from === undefined
      ? []
      : [from.toLowerCase() === name.toLowerCase() ? name : `${from}>${name}`],
  );
  return [
    `forward_auth ${new URL(auth.address).host} {`,
    `  uri ${setting.signsIn ? (auth.plainNo ?? auth.forward.caddy) : auth.forward.caddy}?`,
    `  copy_headers ${copied.join(' ')}`,
    ...(setting.signsIn && auth.plainNo !== undefined ? indent(nobodyLines(setting), 2) : []),
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

const nobodyLines = (setting: Setting): readonly string[] => [
  '# Nobody is signed in: Asteroid sends them to upstream.login_url, or tells the client (prompt=none).',
  '@asteroid_nobody status 401',
  'handle_response @asteroid_nobody {',
  ...indent(passLines(setting), 2),
  '}',
];

const targetOf = (address: Address): string =>
  address.kind === 'unix' ? `unix/${address.path}` : hostPort(address);
