// An nginx whose lines a test chooses, as operators get them wrong.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startNginxWith } from './nginx.ts';
import { type Running, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

export type DoctorNginx = {
  readonly listen: number;
  readonly auth: number;
  readonly asteroid: number;
  /** The inside of the issuer's `server { }`. */
  readonly server: string;
  /** Requests of other hosts come here, too, instead of being refused. */
  readonly anyHost?: boolean;
};

export async function startDoctorNginx(options: DoctorNginx): Promise<Running> {
  const { listen, auth, asteroid, server } = options;
  const home = temporaryFolder();
  writeFileSync(
    path.join(home, 'asteroid-secret.conf'),
    `set $asteroid_secret "${UPSTREAM_SECRET}";`,
  );
  const refusal = `server { listen 127.0.0.1:${listen} default_server; return 421; }`;
  writeFileSync(
    path.join(home, 'lines.conf'),
    `error_log stderr crit;
upstream asteroid { server 127.0.0.1:${asteroid}; keepalive 16; }
upstream auth { server 127.0.0.1:${auth}; }
${options.anyHost ? '' : refusal}
server {
  listen 127.0.0.1:${listen};
  server_name 127.0.0.1;
  include asteroid-secret.conf;
  ${server}
}
`,
  );
  return startNginxWith('lines.conf', listen, home);
}

const SIGN_IN = `
    location = /oauth2/auth {
      internal;
      proxy_pass http://auth;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location @signin { return 302 /oauth2/start; }
    location /oauth2/ { proxy_pass http://auth; }`;

const AUTHENTICATED = `
      auth_request /oauth2/auth;
      error_page 401 = @signin;
      auth_request_set $user $upstream_http_x_auth_request_user;
      auth_request_set $email $upstream_http_x_auth_request_email;
      auth_request_set $groups $upstream_http_x_auth_request_groups;`;

const HTTP = `
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";`;

const SET = `
      proxy_set_header X-Authenticated-User $user;
      proxy_set_header X-Authenticated-Email $email;
      proxy_set_header X-Authenticated-Groups $groups;
      proxy_set_header X-Asteroid-Upstream-Secret $asteroid_secret;`;

const CLEAR = `
      proxy_set_header X-Authenticated-User "";
      proxy_set_header X-Authenticated-Email "";
      proxy_set_header X-Authenticated-Groups "";
      proxy_set_header X-Asteroid-Upstream-Secret "";`;

const PASS = `
      proxy_pass http://asteroid;`;

/** Lines of a server, each part of which can be got wrong. */
export const serverOf = ({
  first = '',
  where = '~ ^/(authorize|consent)$',
  authenticated = AUTHENTICATED,
  http = HTTP,
  set = SET,
  clear = CLEAR,
  last = '',
} = {}): string => `${first}
    ${SIGN_IN}
    location ${where} {${authenticated}${http}${set}${PASS}
    }
    ${last}
    location / {${http}${clear}${PASS}
    }`;

export const LINES = { AUTHENTICATED, HTTP, SET, CLEAR, PASS };
