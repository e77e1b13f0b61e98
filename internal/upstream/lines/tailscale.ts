// Tailscale Serve in front of an nginx on a Unix socket that nobody else may open. Serve itself can
// neither add a secret nor keep Host on a socket; nginx does both.

import {
  checkNames,
  exactLocation,
  nearPaths,
  ONLY_THESE,
  openLocation,
  passLines,
  schemeOf,
  secretComment,
  secretLine,
  upstreams,
} from './nginx.ts';
import { type Generator, impossible, indent, toLines } from './setting.ts';

export const tailscaleLines: Generator = (setting) => {
  if (!setting.isHttps || setting.port !== 443) {
    return impossible(
      'Tailscale Serve speaks https on port 443; set issuer to the name of the node',
    );
  }
  return toLines([
    '# nginx between Tailscale Serve and Asteroid; for /etc/nginx/conf.d/asteroid.conf.',
    '#   install -d -m 0700 -o root /run/asteroid-serve',
    '#   tailscale serve --bg --https=443 unix:/run/asteroid-serve/nginx.sock',
    '# The directory is the proof that a request comes from tailscaled, which runs as root: only root may',
    '# enter. Never let Serve connect to a port of loopback, where every program could speak for it.',
    ...secretComment(setting),
    '',
    ...upstreams(setting),
    '',
    'server {',
    ...indent(
      [
        'listen unix:/run/asteroid-serve/nginx.sock;',
        'server_name _;',
        '# Serve sends Host: localhost to a socket.',
        `set $asteroid_host "${setting.host}";`,
        ...checkNames(setting.secretHeader),
        '',
        ONLY_THESE,
        ...exactLocation(setting.browserPaths, [
          ...passLines(setting),
          ...setting.identity.map(
            ({ name }) =>
              `proxy_set_header ${name} $http_${name.toLowerCase().replaceAll('-', '_')};`,
          ),
          ...secretLine(setting),
          `proxy_pass ${schemeOf(setting.browser)}://${setting.isSplit ? 'asteroid_browser' : 'asteroid'};`,
        ]),
        '',
        ...nearPaths(setting),
        '',
        ...openLocation(setting),
      ],
      2,
    ),
    '}',
  ]);
};
