// HAProxy 2.6 and later. `del-header` by pattern takes every spelling of a name, and `set-header`
// comes after it: `add-header` would leave the client's copy first.

import {
  type Address,
  type Generator,
  hostPattern,
  hostPort,
  impossible,
  indent,
  type Setting,
  toLines,
} from './setting.ts';

export const haproxyLines: Generator = (setting) => {
  if (setting.open.tls || setting.browser.tls || setting.options.assertion !== undefined) {
    return impossible('HAProxy is offered for plain headers and for listeners without TLS');
  }
  return toLines([
    `# HAProxy for the preset ${setting.preset}; a file beside the one with \`global\`, \`defaults\` and`,
    '# `userlist asteroid`, the people who may sign in: haproxy -f haproxy.cfg -f asteroid.cfg',
    '# For client certificates use %[ssl_c_s_dn(cn)] instead of %[http_auth_user].',
    ...(setting.secretHeader === undefined
      ? []
      : [
          `# Its environment holds ASTEROID_UPSTREAM_SECRET, the content of ${setting.secretFile}.`,
        ]),
    '',
    'frontend asteroid',
    ...indent(frontendLines(setting), 2),
    '',
    ...backend('asteroid', setting.open),
    ...(setting.isSplit ? ['', ...backend('asteroid_browser', setting.browser)] : []),
  ]);
};

function frontendLines(setting: Setting): readonly string[] {
  const { host, isHttps, port, scrubbed, browserPaths, identity, secretHeader } = setting;
  const { browserPattern, signOutPaths } = setting;
  const { hostname } = new URL(`http://${host}`);
  const at = /^(?:localhost|127\.)/.test(hostname) ? `127.0.0.1:${port}` : `:${port}`;
  return [
    'mode http',
    isHttps ? `bind ${at} ssl crt /etc/haproxy/tls/${hostname}.pem` : `bind ${at}`,
    '',
    `http-request return status 421 unless { req.hdr(host) -m reg -i '${hostPattern(setting)}' }`,
    '',
    '# Whatever a client says about itself, in any spelling that some program would take for it.',
    'http-request del-header Connection',
    ...scrubbed.map((name) => `http-request del-header '${spellingsOf(name)}' -m reg`),
    '',
    '# Only these read who the End-User is; HAProxy compares the raw path, as Asteroid does.',
    `acl asteroid_browser path ${browserPaths.join(' ')}`,
    `acl asteroid_nearly path_reg -i '${browserPattern.replace(/\$$/, '([^a-z0-9_-]|$)')}'`,
    'http-request return status 404 if asteroid_nearly !asteroid_browser',
    '# Whoever is nobody may sign out nevertheless.',
    `acl asteroid_sign_out path ${signOutPaths.join(' ')}`,
    'acl asteroid_known http_auth(asteroid)',
    `http-request auth realm ${hostname} if asteroid_browser !asteroid_sign_out !asteroid_known`,
    ...identity
      .filter(({ attribute }) => attribute === 'subject')
      .map(
        ({ name }) =>
          `http-request set-header ${name} %[http_auth_user] if asteroid_browser asteroid_known`,
      ),
    ...(secretHeader === undefined
      ? []
      : [
          `http-request set-header ${secretHeader} "\${ASTEROID_UPSTREAM_SECRET}" if asteroid_browser`,
        ]),
    'http-request del-header Authorization if asteroid_browser',
    ...(setting.isSplit ? ['use_backend asteroid_browser if asteroid_browser'] : []),
    'default_backend asteroid',
  ];
}

/** Names arrive in lower case, whatever was sent. */
const spellingsOf = (name: string): string =>
  `^${name.toLowerCase().replaceAll('-', '[^a-z0-9]')}$`;

const backend = (name: string, address: Address): readonly string[] => [
  `backend ${name}`,
  '  mode http',
  `  server ${name} ${address.kind === 'unix' ? `unix@${address.path}` : hostPort(address)}`,
];
