// Recipes for proxies, read by the proxies themselves, or by the schemas that they come with. The ones for
// nginx, Apache, HAProxy, Caddy and oauth2-proxy are moreover run, and attacked, by `make e2e`.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cleanUp, temporaryFolder } from '../e2e/rig.ts';
import { inProject, type Outcome, python, run, succeed, TOOLS } from './programs.ts';
import { findSchemaProblems } from './schemas.ts';
import { parseDocuments, type Tree, walk } from './tree.ts';

const recipe = (file: string): string => readFileSync(inProject(`deploy/${file}`), 'utf8');

let home = '';

beforeAll(() => {
  home = temporaryFolder();
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => path.join(home, name));
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=sso.example.com',
    '-days',
    '2',
  ];
  succeed('openssl', [...args, '-keyout', key ?? '', '-out', cert ?? '']);
  writeFileSync(
    path.join(home, 'tls.pem'),
    `${readFileSync(cert ?? '', 'utf8')}${readFileSync(key ?? '', 'utf8')}`,
  );
  writeFileSync(path.join(home, 'asteroid-secret.conf'), 'set $asteroid_secret "a secret";\n');
});
afterAll(cleanUp);

/** Certificates and scripts are where this machine has some. */
const placed = (text: string): string =>
  text
    .replaceAll('/etc/haproxy/check.lua', inProject('deploy/haproxy/check.lua'))
    .replaceAll(/\/etc\/\w+\/tls\/\S+\.pem/g, `${home}/tls.pem`)
    .replaceAll(/\/etc\/\w+\/tls\/[^\s;]+\.crt/g, `${home}/tls.crt`)
    .replaceAll(/\/etc\/\w+\/tls\/[^\s;]+\.key/g, `${home}/tls.key`);

const write = (name: string, text: string): string => {
  const file = path.join(home, name);
  writeFileSync(file, text);
  return file;
};

function nginx(text: string): Outcome {
  const own = `pid ${home}/nginx.pid; error_log stderr; events {} http { access_log off;\n${placed(text)}\n}`;
  return run('nginx', ['-t', '-p', home, '-c', write('nginx.conf', own)]);
}

function haproxy(text: string): Outcome {
  const own = write(
    'haproxy.cfg',
    'defaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nuserlist asteroid\n  user alice insecure-password x\n',
  );
  return run('haproxy', ['-c', '-f', own, '-f', write('asteroid.cfg', placed(text))], {
    env: { ASTEROID_UPSTREAM_SECRET: 'a secret' },
  });
}

const caddy = (text: string): Outcome =>
  run('caddy', ['validate', '--adapter', 'caddyfile', '--config', write('Caddyfile', text)], {
    env: { ASTEROID_UPSTREAM_SECRET: 'a secret', HOME: home },
  });

// The published protocol buffers are older than `path_override`, which envoy/check.yaml is for.
const envoy = (text: string): Outcome =>
  python([inProject('test/deploy/read-envoy.py')], {
    input: text.replace(/^ +path_override: \/check\?\S+\n/m, ''),
  });

/** What Istio's CustomResourceDefinitions say, as an outcome. */
function istio(text: string): Outcome {
  const problems = findSchemaProblems(parseDocuments(text), '1.37').join('\n');
  return { status: problems === '' ? 0 : 1, stdout: '', output: problems };
}

// Traefik publishes, made from its own types, a file that has every key once. Names that people choose
// (of routers, middlewares and services) are left out on both sides.
const keysOf = (tree: Tree): ReadonlySet<string> =>
  new Set(
    [...walk(tree)].map(([where]) =>
      where
        .replaceAll(/\[\d+\]/g, '[]')
        .replace(/^(\.http\.(?:routers|middlewares|services))\.[^.]+/, '$1.*'),
    ),
  );

function traefik(text: string): Outcome {
  const known = keysOf(parse(readFileSync(path.join(TOOLS, 'crds/file.yaml'), 'utf8')));
  const open = /\.customRequestHeaders\.|\.tls$/;
  const unknown = [...keysOf(parse(text))].filter((key) => !known.has(key) && !open.test(key));
  return { status: unknown.length === 0 ? 0 : 1, stdout: '', output: unknown.join('\n') };
}

type Recipe = readonly [file: string, read: (text: string) => Outcome, from: string, to: string];

/** Each with a slip of the pen that has to be found. */
const RECIPES: readonly Recipe[] = [
  ['nginx/asteroid.conf', nginx, 'auth_request /oauth2/auth;', 'auth_requests /oauth2/auth;'],
  ['nginx/check.conf', nginx, 'auth_request /_check;', 'auth_request;'],
  [
    'haproxy/asteroid.cfg',
    haproxy,
    'http-request del-header Connection',
    'http-request del-headers Connection',
  ],
  ['haproxy/check.cfg', haproxy, 'http-request lua.check', 'http-request lua.checks'],
  ['caddy/Caddyfile', caddy, 'forward_auth', 'forwards_auth'],
  ['caddy/check.Caddyfile', caddy, 'copy_headers', 'copies_headers'],
  ['envoy/asteroid.yaml', envoy, 'failure_mode_allow: false', 'failure_mode_allowed: false'],
  ['envoy/check.yaml', envoy, 'failure_mode_allow: false', 'failure_mode_allow: maybe'],
  ['istio/asteroid.yaml', istio, 'forwardOriginalToken: true', 'forwardOriginalTokens: true'],
  ['istio/check.yaml', istio, 'mode: STRICT', 'mode: STRICTLY'],
  ['traefik/asteroid.yaml', traefik, 'authResponseHeaders', 'authResponseHeader'],
  ['traefik/check.yaml', traefik, 'trustForwardHeader', 'trustForwardHeaders'],
];

describe('a recipe', () => {
  for (const [file, read, from, to] of RECIPES) {
    it(`is read without an error: ${file}`, () => {
      const { status, output } = read(recipe(file));

      expect(status, output).toBe(0);
    });

    it(`with a slip of the pen is not: ${file}`, () => {
      expect(recipe(file)).toContain(from);
      expect(read(recipe(file).replace(from, to)).status).not.toBe(0);
    });
  }
});
