// nginx as an operator sets it up: with what `asteroid preset show` prints for this Asteroid.

import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { findFreePort } from '../support/free-port.ts';
import { printLines } from './printed.ts';
import {
  type Asteroid,
  onCleanUp,
  type Running,
  start,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

/** Where nginx listens, asks who somebody is, and sends them. */
export type NginxPorts = {
  readonly listen: number;
  readonly auth: number;
  readonly asteroid: Pick<Asteroid, 'configFile' | 'port'>;
  /** That of the configuration; absent: `custom`, where nginx sends people to sign in by itself. */
  readonly preset?: string;
  /** Ports of further replicas, which nginx asks in turn. */
  readonly others?: readonly number[];
};

export async function startNginx(ports: NginxPorts): Promise<Running> {
  const { listen, auth, asteroid, preset = 'custom', others = [] } = ports;
  const home = temporaryFolder();
  const lines = printLines({ asteroid, preset, proxy: 'nginx', auth });
  writeFileSync(path.join(home, 'asteroid.conf'), addServers(lines, asteroid.port, others));
  writeFileSync(
    path.join(home, 'asteroid-secret.conf'),
    `set $asteroid_secret "${UPSTREAM_SECRET}";`,
  );
  return startNginxWith('asteroid.conf', listen, home);
}

/** @param file of its folder: what stands in the block of `http`, with servers of which one listens on the port. */
export function startNginxWith(file: string, port: number, home: string): Promise<Running> {
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const name of bodies) mkdirSync(path.join(home, name));
  writeFileSync(
    path.join(home, 'nginx.conf'),
    `daemon off;
master_process off;
pid ${home}/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  ${bodies.map((name) => `${name}_temp_path ${path.join(home, name)};`).join('\n  ')}
  include ${file};
}
`,
  );
  const args = ['-p', home, '-c', path.join(home, 'nginx.conf'), '-e', 'stderr'];
  return start('nginx', args, { port, cwd: home });
}

/** The lines with more servers beside the first one. */
function addServers(lines: string, first: number, others: readonly number[]): string {
  if (others.length === 0) return lines;
  const [before, after, ...rest] = lines.split(`server 127.0.0.1:${first};`);
  if (after === undefined || rest.length > 0) throw new Error('one server was expected');
  return [before, ...[first, ...others].map((port) => `server 127.0.0.1:${port};`), after].join(
    ' ',
  );
}

const PEOPLE: { readonly [cookie: string]: http.OutgoingHttpHeaders } = {
  'cookie-of-alice': {
    'X-Auth-Request-User': 'alice',
    'X-Auth-Request-Email': 'alice@example.test',
    'X-Auth-Request-Groups': 'engineering,admins',
  },
  // A yes that does not say to whom.
  'cookie-of-nobody': {},
  'cookie-of-carol': { 'X-Auth-Request-User': 'carol' },
  'cookie-of-bob': { 'X-Auth-Request-User': 'bob', 'X-Auth-Request-Email': 'bob@example.test' },
};

/** The cookie that the auth service takes for this End-User. */
export const cookieOf = (name: 'alice' | 'bob' | 'carol' | 'nobody'): string =>
  `session=cookie-of-${name}`;

/**
 * Answers what oauth2-proxy answers on `/oauth2/auth`, `/oauth2/start` and `/oauth2/sign_out`; starting
 * signs alice in without a question.
 */
export async function startAuthService(): Promise<number> {
  const port = await findFreePort();
  const server = http.createServer((request, response) => {
    const person = PEOPLE[/\bsession=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''];
    if (request.url === '/oauth2/auth') {
      response.writeHead(person === undefined ? 401 : 202, person).end();
    } else if (request.url?.startsWith('/oauth2/start')) {
      const { searchParams } = new URL(request.url, 'http://auth');
      const back = searchParams.get('rd') ?? request.headers['x-auth-request-redirect'];
      const cookie = `${cookieOf('alice')}; Path=/; HttpOnly`;
      response.writeHead(302, { Location: `${back}`, 'Set-Cookie': cookie }).end();
    } else if (request.url?.startsWith('/oauth2/sign_out')) {
      const back = new URL(request.url, 'http://auth').searchParams.get('rd');
      const cookie = 'session=; Path=/; Max-Age=0';
      response.writeHead(302, { Location: `${back}`, 'Set-Cookie': cookie }).end();
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}
