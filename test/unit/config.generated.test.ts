import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientSchema } from '../../internal/config/client.ts';
import { configSchema } from '../../internal/config/config.ts';
import { renderGenerated } from '../../internal/config/generated.ts';
import { listOptions, type Option } from '../../internal/config/options.ts';
import { findNode, type Tree, toValue } from '../../internal/loader/tree.ts';
import { parseYaml } from '../../internal/loader/yaml.ts';
import { createSelfSigned } from '../support/certificates.ts';
import { createFolder, loadFolder, SECRET } from './loader.fixture.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFile(path.join(ROOT, file), 'utf8');

function parse(text: string): Tree {
  const { tree, problems } = parseYaml('asteroid.yaml', text);
  expect(problems).toEqual([]);
  if (tree === undefined) throw new Error('not YAML');
  return tree;
}

const keyOf = (line: string): string | undefined => /^[ #]*([a-z_]+):/.exec(line)?.[1];

/** What stands in comments, put in force: options, and what is inside of a section in comments. */
const uncomment = (text: string): string =>
  text
    .split('\n')
    // A second line for the same key shows an example beside the default.
    .filter(
      (line, index, lines) =>
        index === 0 || !/# \w+:/.test(line) || keyOf(line) !== keyOf(lines[index - 1] ?? ''),
    )
    .map((line) => line.replace(/^( *)# ( *(?:[a-z_]+:(?: .*)?|# .*))$/, '$1$2'))
    .join('\n');

const options = listOptions(configSchema).filter(({ isInside }) => !isInside);
const leaves = options.filter(({ isSection }) => !isSection);
const nameOf = ({ path: steps }: Option): string => steps.join('.');

describe('generated files', () => {
  for (const [file, text] of renderGenerated()) {
    it(`${file} is what npm run docs writes`, async () => {
      expect(await read(file)).toBe(text);
    });
  }

  it('are five, and the schemas describe every key', () => {
    expect([...renderGenerated().keys()].sort()).toEqual([
      'config/asteroid.schema.json',
      'config/asteroid.yaml',
      'config/clients.schema.json',
      'config/users.schema.json',
      'docs/configuration.md',
    ]);
    for (const option of [...listOptions(configSchema), ...listOptions(clientSchema)]) {
      if (option.path.at(-1) !== '[]')
        expect(option).toMatchObject({ description: expect.stringMatching(/\S/) });
    }
  });

  it('name every option and its variable in the reference', async () => {
    const reference = await read('docs/configuration.md');

    for (const { path: steps } of leaves) {
      expect(reference).toContain(`\`${steps.join('.')}\``);
      expect(reference).toContain(`\`ASTEROID_${steps.join('_').toUpperCase()}\``);
    }
  });
});

describe('config/asteroid.yaml', () => {
  it('has every default in force, as the schema has it', async () => {
    const text = await read('config/asteroid.yaml');
    const tree = parse(text);
    const hidden = parse(
      uncomment(text).replace(/^( *)# (deny|extra|backends|\w+_sans):.*$/gm, ''),
    );
    const examples = ['upstream.trust.peers', 'upstream.headers.name.encoding'];

    let compared = 0;
    for (const option of leaves.filter(({ default: standard }) => standard !== undefined)) {
      if (examples.includes(nameOf(option))) continue;
      const node = findNode(tree, option.path) ?? findNode(hidden, option.path);
      const value: unknown = node === undefined ? undefined : toValue(node);
      expect([nameOf(option), JSON.parse(JSON.stringify(value ?? null))]).toEqual([
        nameOf(option),
        option.default,
      ]);
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(45);
  });

  it('names every option, those without a default in comments', async () => {
    const { tree } = parseYaml('a', uncomment(await read('config/asteroid.yaml')));
    if (tree === undefined) throw new Error('not YAML');

    const missing = options.filter(({ path: steps }) => findNode(tree, steps) === undefined);

    expect(missing.map(nameOf)).toEqual([]);
  });

  it('has a comment line above every option', async () => {
    const lines = (await read('config/asteroid.yaml')).split('\n');

    for (const { description } of options) {
      expect(lines.map((line) => line.replace(/^[ #]*/, ''))).toContain(description);
    }
  });

  it('points editors at its schema', async () => {
    for (const [file, schema] of [
      ['config/asteroid.yaml', 'asteroid.schema.json'],
      ['clients.yaml', 'config/clients.schema.json'],
      ['users.yaml', 'config/users.schema.json'],
    ] as const) {
      expect(await read(file)).toContain(`# yaml-language-server: $schema=${schema}\n`);
    }
  });

  it('starts, with the samples of clients and users beside it', async () => {
    const folder = await createFolder({
      'config/asteroid.yaml': await read('config/asteroid.yaml'),
      'clients.yaml': await read('clients.yaml'),
      'users.yaml': await read('users.yaml'),
    });
    const secret = path.join(folder, 'proxy-secret');

    const { config, clients, warnings } = await loadFolder(folder, {
      files: ['config/asteroid.yaml'],
      env: { ASTEROID_UPSTREAM_TRUST_SECRET_FILES: `[${secret}]` },
    });

    expect([...clients.keys()]).toEqual(['test-client', 'spa', 'machine']);
    expect(config.upstream.trust.peers).toEqual(['127.0.0.1/32', '::1/128']);
    expect(warnings.filter((line) => line.includes('asteroid.yaml'))).toEqual([]);
  });
});

const NAMES_FILE = /(?:^|_)files?$|^dir$|^socket$/;

function fileNames(value: unknown, key: string): readonly string[] {
  if (typeof value === 'string') return NAMES_FILE.test(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => fileNames(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([inner, item]) => fileNames(item, inner));
}

describe('names of files', () => {
  it('are absolute after loading, wherever an option names one', async () => {
    const file = 'proxy-secret';
    const tls = '{ cert_file: tls.crt, key_file: tls.key }';
    const { cert, key } = createSelfSigned();
    const folder = await createFolder({
      'asteroid.yaml': `
listen:
  public: { port: 1, tls: ${tls} }
  browser: { port: 2, tls: ${tls} }
  admin: { socket: a.sock, tls: ${tls} }
  health: { port: 4, tls: ${tls} }
upstream: { trust: { secret: { files: [${file}, ${file}] }, mtls: { ca_file: tls.crt, dns_sans: [a] } } }
store: { driver: redis, redis: { url_file: url, password_file: ${file}, tls: { ca_file: ${file}, cert_file: ${file}, key_file: ${file} } } }
clients: { file: clients.yaml }
userinfo:
  backends:
    - { type: yaml, file: users.yaml }
    - { type: http, url: "https://u.example/{sub}", bearer_file: ${file} }
    - { type: http, url: "https://u.example/{sub}", basic: { username: u, password_file: ${file} } }
    - { type: ldap, urls: ["ldaps://l.example"], base: dc=x, bind: { dn: cn=a, password_file: ${file} }, tls: { ca_file: ${file}, cert_file: ${file}, key_file: ${file} } }
    - { type: sql, url: "postgres://u@p.example/db", query: "select 1 where $1 = ''", password_file: ${file}, tls: { ca_file: ${file}, cert_file: ${file}, key_file: ${file} } }
    - { type: scim, url: "https://s.example", ca_file: ${file}, bearer_file: ${file} }
    - { type: scim, url: "https://s.example", basic: { username: u, password_file: ${file} } }
    - { type: scim, url: "https://s.example", oauth: { token_url: "https://s.example/t", client_id: c, client_secret_file: ${file} } }
token_hook: { url: "https://h.example/", secret_file: ${file} }
keys: { dir: keys }
`,
      url: 'redis://127.0.0.1',
      'tls.crt': cert,
      'tls.key': key,
    });

    const { config } = await loadFolder(folder);

    const found = fileNames(config, '');

    // 4 × TLS of two, the socket, two secrets, a CA, five of Redis, clients, fifteen of backends, the hook,
    // keys.
    expect(found).toHaveLength(8 + 1 + 2 + 1 + 5 + 1 + 15 + 1 + 1);
    for (const name of found) expect(name.startsWith(`${folder}/`)).toBe(true);
  });

  it('are looked for beside the working directory where no file says anything', async () => {
    const folder = await createFolder();
    const { config } = await loadFolder(folder, {
      files: [],
      mode: 'dev',
      base: path.join(folder, 'config'),
    });

    expect(config.clients.file).toBe(path.join(folder, 'clients.yaml'));
    expect(config.keys.dir).toBe(path.join(folder, 'keys'));
  });
});

describe('docs/clients.md', () => {
  it('explains every option of a client', async () => {
    const text = await read('docs/clients.md');
    const names = listOptions(clientSchema).flatMap(({ path: steps }) => steps.at(-1) ?? []);

    for (const name of names.filter((step) => !/^\W/.test(step))) expect(text).toContain(name);
  });

  it('has a row for every member of a client, and for no other', async () => {
    const [, options = ''] = (await read('docs/clients.md')).split(/^## /m);
    const cells = [...options.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
    const rows = cells.flatMap((cell) => cell.replaceAll('`', '').split(', '));

    expect(rows.toSorted()).toEqual(Object.keys(clientSchema.shape).toSorted());
  });

  it('has examples that load', async () => {
    const blocks = [...(await read('docs/clients.md')).matchAll(/```yaml\n([\s\S]*?)```/g)];
    const whole = blocks
      .map(([, text = '']) => text)
      .filter((text) => /^clients:$/m.test(text) && !text.includes('…'));
    expect(whole).toHaveLength(2);

    for (const text of whole) {
      const folder = await createFolder({
        'clients.yaml': text.replaceAll('/run/secrets/', ''),
        ...Object.fromEntries(['grafana', 'nightly', 'legacy'].map((name) => [name, SECRET])),
      });
      expect((await loadFolder(folder)).clients.size).toBeGreaterThan(0);
    }
  });
});
