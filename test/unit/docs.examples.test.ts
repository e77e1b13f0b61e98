// Every YAML example of the documentation is taken at its word, as `asteroid check` would.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSnapshot } from '../../internal/app/read.ts';
import { hashSecret } from '../../internal/config/secret-hash.ts';
import { readSources } from '../architecture/sources.ts';
import { createAuthority } from '../support/certificates.ts';
import { createFolder, SECRET } from './loader.fixture.ts';

type Tree = Readonly<Record<string, unknown>>;

/** A fenced block, and where it begins. */
type Example = { readonly page: string; readonly line: number; readonly text: string };

const examplesOf = (page: string, text: string): readonly Example[] =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    text: match[1] ?? '',
  }));

type Kind = 'asteroid' | 'clients' | 'entry' | 'members' | 'users' | 'other';

/** What `asteroid check` reads; a block that its first line names otherwise is somebody else's. */
const OURS = ['asteroid.yaml', 'clients.yaml', 'users.yaml'];

/** By the first line that is no comment. */
function kindOf({ text }: Example): Kind {
  const [, named] = /^# (?:\S*\/)?([\w.-]+\.ya?ml)(?: |$)/m.exec(text.split('\n')[0] ?? '') ?? [];
  if (named !== undefined && !OURS.includes(named)) return 'other';
  const first = text.split('\n').find((line) => !line.startsWith('#')) ?? '';
  if (/^ *- client_id:/.test(first)) return 'entry';
  if (first.startsWith(' ')) return 'members';
  if (/^(?:clients|users):/.test(first)) return first.startsWith('c') ? 'clients' : 'users';
  return /^(?:spec|jwt|apiVersion|jenkins|mode|services):/.test(first) ? 'other' : 'asteroid';
}

const BASE: Tree = {
  issuer: 'https://sso.example.com',
  upstream: { trust: { secret: { files: ['proxy-secret'] } } },
  clients: { file: 'clients.yaml' },
  userinfo: { backends: [{ type: 'yaml', file: 'users.yaml' }] },
};

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (one: Tree, other: Tree): Tree => ({
  ...one,
  ...Object.fromEntries(
    Object.entries(other).map(([key, value]) => {
      const old = one[key];
      return [key, isTree(old) && isTree(value) ? merge(old, value) : value];
    }),
  ),
});

/** The listener that a proof of the proxy is for. */
function listenFor(text: string): Tree {
  const tls = { cert_file: 'proxy.crt', key_file: 'proxy.key' };
  if (text.includes('private/browser.sock')) return {};
  if (text.includes('unix_socket: true')) return { listen: { public: { socket: 'a.sock' } } };
  return /^ {4}mtls:/m.test(text) ? { listen: { public: { port: 8880, tls } } } : {};
}

const authority = createAuthority('docs');
const leaf = authority.issue({ dns: ['sso.example.com'] });
const jwk = new X509Certificate(leaf.cert).publicKey.export({ format: 'jwk' });
const x5c = leaf.cert.replace(/-----[A-Z ]+-----|\s/g, '');

/** What a file that an example names holds. */
const CONTENTS: readonly (readonly [RegExp, string])[] = [
  [/bundle\.json$/, JSON.stringify({ keys: [{ ...jwk, kid: 'a', use: 'jwt-svid' }] })],
  [/\.json$/, JSON.stringify({ keys: [{ ...jwk, kid: 'a', use: 'sig' }] })],
  [/\.(?:crt|pem)$/, leaf.cert],
  [/\.key$/, leaf.key],
  [/./, SECRET],
];

const FILE = /(?<=[ [])(?:\/(?:var\/)?run\/[\w./-]+|secrets\/[\w.-]+|[\w-]+\.json)/g;

/** Names of files, all of them in one folder. */
const nameOf = (file: string): string => path.basename(file);

const filesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(FILE)].map(([file]) => [
      nameOf(file),
      CONTENTS.find(([pattern]) => pattern.test(file))?.[1] ?? '',
    ]),
  );

const HASH = await hashSecret(SECRET, 'sha256');

/** What an ellipsis stands for. */
const complete = (text: string): string =>
  text
    .replace(FILE, nameOf)
    .replaceAll('$sha256$…', HASH)
    .replace('x: …, y: …, x5c: [MIIB…]', `x: ${jwk.x}, y: ${jwk.y}, x5c: [${x5c}]`);

/** An entry says what it is about; the rest is as every client has it. */
function finish(entry: Tree): Tree {
  const needsSecret = entry['token_endpoint_auth_method'] === undefined;
  const hasSecret = Object.keys(entry).some((key) => key.startsWith('client_secret'));
  return {
    ...(entry['grant_types'] === undefined ? { redirect_uris: ['https://app.example/cb'] } : {}),
    ...(needsSecret && !hasSecret ? { client_secret_file: 'app-secret' } : {}),
    ...entry,
  };
}

/** Such a client may be under every policy. */
const KEYED: Tree = {
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [jwk] },
};

function clientsOf(example: Example): unknown {
  const text = complete(example.text);
  switch (kindOf(example)) {
    case 'clients':
      return parse(text);
    case 'entry':
      return { clients: (parse(text) as readonly Tree[]).map(finish) };
    case 'members':
      return { clients: [finish({ client_id: 'app', ...(parse(text) as Tree) })] };
    default:
      return { clients: [finish({ client_id: 'app', ...KEYED })] };
  }
}

/** Throws what `asteroid check` would print. */
async function load(asteroid: readonly Example[], one: Example): Promise<void> {
  const config = asteroid.reduce(
    (all, { text }) => merge(merge(all, listenFor(text)), parse(complete(text)) as Tree),
    BASE,
  );
  const folder = await createFolder({
    ...filesOf([...asteroid, one].map(({ text }) => text).join('\n')),
    ...{ 'proxy.crt': leaf.cert, 'proxy.key': leaf.key },
    'asteroid.yaml': JSON.stringify(config),
    'clients.yaml': JSON.stringify(clientsOf(one)),
    ...(kindOf(one) === 'users' ? { 'users.yaml': one.text } : {}),
  });
  await readSnapshot({ files: [path.join(folder, 'asteroid.yaml')], env: {}, mode: 'serve' });
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const pages = [
  { file: 'README.md', text: await readFile(path.join(ROOT, 'README.md'), 'utf8') },
  ...readSources('docs', '.md'),
];

for (const { file, text } of pages) {
  const examples = examplesOf(file, text).filter((example) => kindOf(example) !== 'other');
  const sections = examples.filter((example) => kindOf(example) === 'asteroid');

  describe(file, () => {
    it('closes every block that it opens', () => {
      const fences = text.split('\n').filter((line) => line.trimStart().startsWith('```'));
      const opened = fences.filter((_, index) => index % 2 === 0);
      const closed = fences.filter((_, index) => index % 2 === 1);

      expect([opened.length, closed.filter((line) => line.trim() !== '```')]).toEqual([
        closed.length,
        [],
      ]);
    });

    for (const example of examples) {
      // Sections stand alone; clients stand beside what their page says about the issuer.
      const beside = kindOf(example) === 'asteroid' ? [example] : sections;
      it(`has an example at line ${example.line} that loads`, async () => {
        await expect(load(beside, example)).resolves.toBeUndefined();
      });
    }
  });
}

it('finds the examples', () => {
  expect(pages.flatMap(({ file, text }) => examplesOf(file, text)).length).toBeGreaterThan(40);
});
