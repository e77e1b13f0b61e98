// The Compose file: held to the schema of the Compose specification, read by podman-compose, and its very
// services run as plain processes, with a sign-in as docs/compose.md describes it.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openBrowser } from '../e2e/browser.ts';
import { choose } from '../e2e/fronts.ts';
import { startIdentityProvider } from '../e2e/oauth2-proxy.ts';
import { ask, cleanUp, PROGRAM } from '../e2e/rig.ts';
import { findFreePort } from '../support/free-port.ts';
import { copyProject, parseConfig, readConfig, SOURCE, startProject } from './compose.ts';
import { followPage } from './page.ts';
import { succeed, TOOLS } from './programs.ts';
import { listAt, mapAt, type Tree, textAt } from './tree.ts';

afterAll(cleanUp);

const ENV = readFileSync(path.join(SOURCE, '.env.example'), 'utf8');
const read = (file: string): string => readFileSync(path.join(SOURCE, file), 'utf8');

const SPECIFICATION: Record<string, Tree> = JSON.parse(
  readFileSync(path.join(TOOLS, 'compose/compose-spec.json'), 'utf8'),
);

function problemsOf(text: string): readonly string[] {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(SPECIFICATION);
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the Compose files', () => {
  for (const file of ['compose.yaml', 'compose.demo.yaml']) {
    it(`are what the specification allows: ${file}`, () => {
      expect(problemsOf(read(file))).toEqual([]);
    });
  }

  it('that are got wrong are found', () => {
    expect(
      problemsOf(read('compose.yaml').replace('read_only: true', 'readonly: true')),
    ).not.toEqual([]);
    expect(problemsOf(read('compose.yaml').replace('interval: 2s', 'interval: [2]'))).not.toEqual(
      [],
    );
  });

  it('say which variable is missing when .env does not name the identity provider', () => {
    const { status, output } = readConfig(copyProject(''), 'compose.yaml');

    expect([status === 0, output]).toEqual([false, expect.stringContaining('OIDC_ISSUER_URL')]);
  });

  it('have every file, volume, network and secret that they name', () => {
    const folder = copyProject(`${ENV}DEMO_CLIENT_SECRET=x\n`);
    const config = parseConfig(readConfig(folder, 'compose.yaml', 'compose.demo.yaml'));
    const services = mapAt(config, 'services');

    expect(Object.keys(services).toSorted()).toEqual(['asteroid', 'dex', 'oauth2-proxy', 'redis']);
    for (const [name, service] of Object.entries(services)) {
      const networks = Object.keys(mapAt(service, 'networks'));
      const joined = networks.length > 0 ? networks : listAt(service, 'networks').map(String);
      expect(Object.keys(mapAt(config, 'networks')), name).toEqual(expect.arrayContaining(joined));
      const secrets = listAt(service, 'secrets').map((one) =>
        typeof one === 'string' ? one : textAt(one, 'source'),
      );
      expect(Object.keys(mapAt(config, 'secrets')), name).toEqual(expect.arrayContaining(secrets));
    }
  });

  it('are whole for whoever followed their page, and nobody else reads the secrets', () => {
    const folder = followPage('compose.md', 'docker compose up -d --wait');
    const config = parseConfig(readConfig(folder, 'compose.yaml'));

    for (const [name, secret] of Object.entries(mapAt(config, 'secrets'))) {
      const text = readFileSync(path.resolve(folder, textAt(secret, 'file')), 'utf8');
      expect(text, name).toMatch(/^[\x21-\x7e ]{16,}\n?$/);
    }
    expect(statSync(path.join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  });

  it('let nobody but the machine itself in, and give no service a privilege it does not use', () => {
    const services = mapAt(parse(read('compose.yaml')), 'services');

    for (const [name, service] of Object.entries(services)) {
      expect(listAt(service, 'cap_drop'), name).toEqual(['ALL']);
      expect(listAt(service, 'security_opt'), name).toEqual(['no-new-privileges:true']);
      for (const port of listAt(service, 'ports')) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    expect(listAt(services, 'redis', 'networks')).toEqual(['store']);
  });
});

const replaceIn = (file: string, from: string, to: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));

/** The lines for the proxy that go with the configuration of the Compose file. */
function printed(): { readonly alpha: Tree; readonly flags: readonly string[] } {
  const folder = copyProject(ENV);
  const config = path.join(folder, 'asteroid/asteroid.yaml');
  const secrets = path.join(folder, 'secrets');
  for (const name of ['asteroid.yaml', 'clients.yaml'])
    replaceIn(path.join(folder, 'asteroid', name), '/run/secrets', secrets);
  const args = ['preset', 'show', 'oauth2-proxy', '--proxy', 'oauth2-proxy', '--config', config];
  const [, lines = ''] = succeed(process.execPath, [PROGRAM, ...args]).split('\n\n');
  return { alpha: parse(lines), flags: lines.match(/--skip-auth-route='[^']*'/g) ?? [] };
}

describe('the proxy of the Compose files', () => {
  it('is told what asteroid preset show prints', () => {
    const { alpha, flags } = printed();
    const command = listAt(parse(read('compose.yaml')), 'services', 'oauth2-proxy', 'command');
    const own = command.map(String).filter((arg) => arg.startsWith('--skip-auth-route='));

    expect(own.map((arg) => arg.replaceAll('$$', '$'))).toEqual(
      flags.map((flag) => flag.replaceAll("'", '')),
    );
    for (const file of ['oauth2-proxy/alpha.yaml', 'dex/alpha/alpha.yaml']) {
      const text = read(file).replaceAll('http://asteroid:8880', 'http://127.0.0.1:8880');
      expect(parse(text).upstreamConfig, file).toEqual(mapAt(alpha, 'upstreamConfig'));
      expect(parse(text).injectRequestHeaders, file).toEqual(listAt(alpha, 'injectRequestHeaders'));
    }
  });
});

describe('the services of compose.yaml as plain processes', () => {
  it('sign alice in to Grafana, and give her new tokens for her refresh token', async () => {
    const port = await findFreePort();
    const origin = `http://localhost:${port}`;
    const provider = await startIdentityProvider(`${origin}/oauth2/callback`);
    const env = `OIDC_ISSUER_URL=${provider.issuer}\nOIDC_CLIENT_ID=${provider.clientId}\n`;
    const folder = copyProject(env, { 'oidc-client': provider.clientSecret });
    const config = parseConfig(readConfig(folder, 'compose.yaml'));
    const ports = await startProject({ folder, config }, port);
    const callback = 'http://localhost:3000/login/generic_oauth';
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'grafana',
      redirect_uri: callback,
      scope: 'openid profile email offline_access',
      state: 'a state of Grafana, which is long',
    });
    const browser = openBrowser();

    const visit = await choose(
      browser,
      await browser.visit(`${origin}/authorize?${query}`, callback),
      'alice',
      callback,
    );

    const code = new URL(visit.url).searchParams.get('code') ?? '';
    const secret = readFileSync(path.join(folder, 'secrets/grafana'), 'utf8');
    const headers = {
      authorization: `Basic ${Buffer.from(`grafana:${encodeURIComponent(secret)}`).toString('base64')}`,
    };
    // As a container would: discovery says http://asteroid:8880, which is this port here.
    const token = `http://127.0.0.1:${ports.get('8880')}/token`;
    const first = await ask(token, {
      headers,
      form: { grant_type: 'authorization_code', code, redirect_uri: callback },
    });
    expect([first.status, first.body]).toEqual([200, expect.stringContaining('refresh_token')]);
    const again = {
      grant_type: 'refresh_token',
      refresh_token: JSON.parse(first.body).refresh_token,
    };
    expect((await ask(token, { headers, form: again })).status).toBe(200);
    const [, payload = ''] = JSON.parse(first.body).id_token.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      iss: origin,
      sub: 'alice',
      aud: 'grafana',
    });
  });
});
