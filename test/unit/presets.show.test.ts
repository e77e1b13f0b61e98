import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderPresetFiles } from '../../internal/app/presets/generated.ts';
import { listPresets, showPreset } from '../../internal/app/presets/show.ts';
import { resolveUpstream } from '../../internal/app/upstream-options.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import type { Config } from '../../internal/config/config.ts';
import { toValue } from '../../internal/loader/tree.ts';
import { parseYaml } from '../../internal/loader/yaml.ts';
import { PRESET_NAMES } from '../../internal/protocol/presets.ts';
import { PRESETS } from '../../internal/upstream/presets/table.ts';
import { createAuthority } from '../support/certificates.ts';
import { createFolder, loadFolder } from './loader.fixture.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

function parse(text: string): unknown {
  const { tree, problems } = parseYaml('shown.yaml', text);
  expect(problems).toEqual([]);
  if (tree === undefined) throw new Error('not YAML');
  return toValue(tree);
}

/** @param tree as in asteroid.yaml. */
function toConfig(tree: object): Config {
  const { config, problems } = readConfig(
    { issuer: 'https://sso.example', ...tree },
    { mode: 'serve', exposed: false },
  );
  expect(problems).toEqual([]);
  return config;
}

const secrets = () => [];
const assertionKeys = () => '';

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Without functions, which are another one each time; no further claims are said in two ways. */
const comparable = ({ upstream }: Config): unknown =>
  JSON.parse(
    JSON.stringify(
      resolveUpstream(upstream, { secrets, assertionKeys, trustsLoopback: false }),
      (key, value: unknown) => (key === 'extra' && isEmptyMap(value) ? undefined : value),
    ),
  );

const authority = createAuthority('a front proxy');
const leaf = authority.issue({ dns: ['sso.example.com'] });

describe('the list of presets', () => {
  it('has every one, with its source and its proof', () => {
    expect(listPresets().map(({ name }) => name)).toEqual(PRESET_NAMES);
    expect(listPresets()).toContainEqual({
      name: 'pomerium',
      source: 'assertion',
      proof: 'any',
      about: 'Pomerium, with its signed assertion',
    });
  });
});

describe('a preset that is shown', () => {
  for (const name of PRESET_NAMES) {
    it(`${name} is a section of asteroid.yaml that loads, and comes to the same`, async () => {
      const { upstream } = showPreset({ preset: name }, undefined);
      const { example } = PRESETS[name];
      const listen = JSON.stringify({ ...Object(example.listen ?? {}), admin: { port: 0 } });
      const folder = await createFolder({
        'asteroid.yaml': `issuer: https://sso.example.com
listen: ${listen.replaceAll('/run/tls/', '').replaceAll('/run/asteroid/', '')}
clients: { file: clients.yaml }
userinfo: { backends: [{ type: yaml, file: users.yaml }] }
${upstream.replaceAll('/run/secrets/upstream', 'proxy-secret').replaceAll('/run/tls/', '')}`,
        'tls.crt': leaf.cert,
        'tls.key': leaf.key,
        'front-proxy-ca.crt': authority.cert,
      });

      const { config } = await loadFolder(folder);

      const { listen: _, ...told } = example;
      const before = toConfig({
        listen: example.listen ?? {},
        upstream: { preset: name, ...told },
      });
      expect(comparable(config)).toEqual(comparable(before));
      // Nothing is left to the preset: what it says today is what was written down.
      expect(parse(upstream)).toHaveProperty(
        before.upstream.assertion === undefined
          ? 'upstream.headers.subject'
          : 'upstream.assertion.header',
      );
    });
  }

  it('writes down everything that an operator may say about headers', () => {
    const upstream = {
      trust: {
        peers: ['10.42.7.0/24'],
        allow_wide: true,
        secret: { header: 'X-Proof', files: ['/run/secrets/a', '/run/secrets/b'] },
      },
      headers: {
        subject: { name: 'X-S', encoding: 'percent', pattern: '[a-z: #]+' },
        email: { name: 'X-E', verified: { header: 'X-V' } },
        preferred_username: { name: 'X-P', on_invalid: 'reject' },
        name: null,
        groups: { name: 'X-G', format: 'json', allow: ['a b', 'null'], prefix: 'corp:' },
        auth_time: { name: 'X-At' },
        acr: { name: 'X-Acr' },
        amr: { name: 'X-Amr', format: 'space' },
        sid: { name: 'X-Sid' },
        extra: { 'urn:team': { name: 'X-Team', type: 'json' } },
        required: ['subject', 'email'],
        reject_values: ['guest', '-'],
        aliases: 'ignore',
      },
      login_url: 'https://login.example/?rd=\u0024{url}',
      logout_url: null,
      subject: { namespace: 'corp:', transform: 'strip-domain:corp.example', deny: ['root'] },
    };
    for (const preset of ['custom', 'oauth2-proxy', 'nginx-auth-request'] as const) {
      const given = toConfig({ upstream: { ...upstream, preset } });

      const shown = toConfig(Object(parse(showPreset({ preset }, given).upstream)));

      expect(comparable(shown)).toEqual(comparable(given));
      expect(shown.upstream.subject).toEqual(given.upstream.subject);
      expect(shown.upstream.headers.required).toEqual(['subject', 'email']);
      expect(shown.upstream.trust).toEqual(given.upstream.trust);
    }
  });

  it('writes down everything that an operator may say about an assertion', () => {
    const assertion = {
      ...{ header: 'X-Jwt', scheme: 'bearer', algorithms: ['EdDSA'], issuer: 'https://i.example' },
      ...{ audience: ['a', 'b'], jwks_file: '/etc/keys.json', max_age: '5m', clock_skew: '0s' },
      ...{ require: { type: 'app', level: 2, ok: true }, groups: { allow: ['x'], prefix: 'p:' } },
      ...{ required: ['subject', 'email'], reject_plain_headers: ['X-User'] },
      claims: {
        subject: 'oid',
        email_verified: true,
        name: null,
        amr: 'amr',
        extra: { team: 't' },
      },
    };
    const given = toConfig({
      upstream: { preset: 'custom', trust: { secret: { files: ['/s'] } }, assertion },
    });

    const shown = toConfig(
      Object(parse(showPreset({ preset: 'custom', proxy: 'nginx' }, given).upstream)),
    );

    expect(comparable(shown)).toEqual(comparable(given));
    expect(shown.upstream.assertion).toMatchObject({
      jwks_file: '/etc/keys.json',
      required: ['subject', 'email'],
    });
  });

  it('keeps a header of the preset unread where the operator said null', () => {
    const trust = { unix_socket: true };
    const given = toConfig({
      listen: { public: { socket: '/run/a.sock' } },
      upstream: { preset: 'oauth2-proxy', trust, headers: { groups: null } },
    });

    expect(parse(showPreset({ preset: 'oauth2-proxy' }, given).upstream)).toMatchObject({
      upstream: { headers: { groups: null, email: { name: 'X-Forwarded-Email' } } },
    });
  });

  it('refuses what is not there', () => {
    const show = (choice: { preset: string; proxy?: string; authService?: string }) => () =>
      showPreset(choice, undefined);

    expect(show({ preset: 'nginx' })).toThrow(/^there is no preset nginx; there are custom, /);
    expect(show({ preset: 'toString' })).toThrow(/^there is no preset toString/);
    expect(show({ preset: 'oauth2-proxy', proxy: 'caddy' })).toThrow(
      'the preset oauth2-proxy has no lines for caddy; it has them for oauth2-proxy',
    );
    expect(show({ preset: 'custom', proxy: 'constructor' })).toThrow(
      /has no lines for constructor/,
    );
    expect(show({ preset: 'custom', authService: 'http://a:1; include x' })).toThrow(
      /has to be like/,
    );
  });

  it('refuses a socket whose name some proxy would read as something else', () => {
    const config = toConfig({
      listen: { public: { socket: '/run/a b;.sock' } },
      upstream: { preset: 'custom', trust: { unix_socket: true } },
    });

    expect(() => showPreset({ preset: 'custom' }, config)).toThrow(/quote differently/);
  });

  it('says what contradicts the preset', () => {
    const config = toConfig({
      upstream: { trust: { mtls: undefined, secret: { files: ['/s'] } } },
    });

    expect(() => showPreset({ preset: 'k8s-front-proxy' }, config)).toThrow(
      'upstream.trust: the preset k8s-front-proxy needs mtls',
    );
  });
});

describe('files made from the presets', () => {
  for (const [file, text] of renderPresetFiles()) {
    it(`${file} is what npm run docs writes`, async () => {
      expect(await readFile(path.join(ROOT, file), 'utf8')).toBe(text);
    });
  }
});
