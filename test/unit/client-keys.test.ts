import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decideReload } from '../../internal/loader/reload.ts';
import { createFolder, loadFolder, problemsOf } from './loader.fixture.ts';

const ec = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
const jwkOf = (pair: ReturnType<typeof ec>, kid = 'k1'): JsonWebKey & { readonly kid: string } => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid,
});

const ONE = jwkOf(ec());
const TWO = jwkOf(ec(), 'k2');
const setOf = (...keys: readonly unknown[]) => JSON.stringify({ keys });

const withKeys = (keys: object) =>
  JSON.stringify({
    clients: [
      { client_id: 'app', client_secret_file: 'app-secret', redirect_uris: ['https://a.example/'] },
      { client_id: 'b', client_secret_file: 'app-secret', grant_types: ['refresh_token'], ...keys },
    ],
  });

const sourceOf = async (keys: object, files = {}) => {
  const folder = await createFolder({ 'clients.yaml': withKeys(keys), ...files });
  return (await loadFolder(folder)).clients.get('b')?.keys;
};

describe('the keys of a client', () => {
  it('stand in its entry, in YAML', async () => {
    const folder = await createFolder({
      'clients.yaml': [
        'clients:',
        '  - client_id: app',
        '    client_secret_file: app-secret',
        '    redirect_uris: [https://app.example/cb]',
        '    jwks:',
        '      keys:',
        ...[ONE, TWO].map(
          ({ kid, crv, x, y }) =>
            `        - { kty: EC, kid: ${kid}, crv: ${crv}, x: "${x}", y: "${y}" }`,
        ),
      ].join('\n'),
    });
    const { clients } = await loadFolder(folder);
    const source = clients.get('app')?.keys;

    expect(source?.kind === 'inline' && JSON.parse(source.text)).toEqual({
      keys: [ONE, TWO].map(({ kid, crv, x, y }) => ({ kty: 'EC', kid, crv, x, y })),
    });
  });

  it('stand in a file beside clients.yaml', async () => {
    const text = setOf(ONE);

    expect(await sourceOf({ jwks_file: 'b.json' }, { 'b.json': text })).toEqual({
      kind: 'inline',
      text,
    });
  });

  it('are behind a URL, which a client may not lead to private addresses by', async () => {
    expect(await sourceOf({ jwks_uri: 'https://b.example/jwks' })).toEqual({
      kind: 'uri',
      uri: 'https://b.example/jwks',
      writtenBy: 'client',
    });
  });

  it('are nowhere unless it says where', async () => {
    expect(await sourceOf({})).toBeUndefined();
  });

  it('may be of every kind that can sign or be encrypted for', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const keys = [
      ONE,
      jwkOf(ec('P-384'), 'k3'),
      jwkOf(ec('P-521'), 'k5'),
      rsa.export({ format: 'jwk' }),
      generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }),
      generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }),
    ];

    expect(await sourceOf({ jwks: { keys } })).toMatchObject({ kind: 'inline' });
  });

  it('are read again on a reload, and the change is seen as one', async () => {
    const clients = withKeys({ jwks_file: 'b.json' });
    const folder = await createFolder({ 'clients.yaml': clients, 'b.json': setOf(ONE) });
    const first = await loadFolder(folder);
    const same = await loadFolder(folder);
    await writeFile(path.join(folder, 'b.json'), setOf(TWO));
    const second = await loadFolder(folder);

    expect(first.clientSet.files).toEqual([path.join(folder, 'b.json')]);
    expect(decideReload(first.clientSet, second.clientSet)).toBe('accept');
    expect(same.clients).toEqual(first.clients);
    expect(second.clients.get('b')?.keys).toEqual({ kind: 'inline', text: setOf(TWO) });
  });
});

describe('the keys of a client are refused at start', () => {
  const LINE = 'clients.yaml:1: clients[1].';
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

  it.each([
    [{ jwks: { keys: [ONE] }, jwks_uri: 'https://b.example/jwks' }, 'jwks_uri: cannot be combined'],
    [{ jwks: { keys: [ONE] }, jwks_file: 'k' }, 'jwks_file: cannot be combined with jwks;'],
    [{ jwks_uri: 'https://b.example/jwks', jwks_file: 'k' }, 'jwks_file: cannot be combined'],
    [{ jwks_uri: 'http://b.example/jwks' }, 'jwks_uri: has to be https'],
    [{ jwks: { keys: [] } }, 'jwks.keys: is empty'],
    [{ jwks: { keys: [ec().privateKey.export({ format: 'jwk' })] } }, 'jwks.keys[0]: is a private'],
    [{ jwks: { keys: [ONE, { ...TWO, q: 'AQ' }] } }, 'jwks.keys[1]: is a private key'],
    [{ jwks: { keys: [{ ...ONE, k: 'AQ' }] } }, 'jwks.keys[0]: is a private key'],
    [{ jwks: { keys: [{ kty: 'oct', k: 'AQ' }] } }, 'jwks.keys[0]: is a symmetric key'],
    [{ jwks: { keys: [{ kty: 'AKP', pub: 'AQ' }] } }, 'jwks.keys[0]: has a kty that is of no use'],
    [{ jwks: { keys: [jwkOf(ec('secp256k1'))] } }, 'jwks.keys[0]: has a crv that is of no use'],
    [{ jwks: { keys: [weak.export({ format: 'jwk' })] } }, 'jwks.keys[0]: is shorter than 2048'],
    [{ jwks: { keys: [{ ...ONE, x: 'AQ' }] } }, 'jwks.keys[0]: cannot be read'],
    [{ jwks: { keys: [{ ...ONE, kid: 1 }] } }, 'jwks.keys[0]: has a kid that is no text'],
    [{ jwks: { keys: [ONE, { ...TWO, kid: 'k1' }] } }, 'jwks.keys[1]: has the kid of an earlier'],
    [{ jwks: { keys: ['k1'] } }, 'jwks.keys[0]: has to be a map'],
    [{ jwks: { keys: [ONE], more: 1 } }, 'jwks.more: is not a known key'],
  ])('%j: %s', async (keys, problem) => {
    const folder = await createFolder({ 'clients.yaml': withKeys(keys), k: setOf(ONE) });

    expect(await problemsOf(folder)).toEqual([expect.stringContaining(`${LINE}${problem}`)]);
  });

  it.each([
    ['nothing', undefined, 'b.json does not exist'],
    ['no JSON', '{', 'b.json is no JWK Set'],
    ['no text', new Uint8Array([0xff]), 'b.json is not UTF-8'],
    ['no key', setOf(), 'b.json has no key in it'],
    [
      'a private key',
      setOf(ec().privateKey.export({ format: 'jwk' })),
      'b.json has a key that is a private key',
    ],
    ['twins', setOf(ONE, { ...TWO, kid: 'k1' }), 'has the kid of an earlier key'],
  ])('in a file with %s', async (_what, content, problem) => {
    const files = content === undefined ? {} : { 'b.json': content };
    const folder = await createFolder({
      'clients.yaml': withKeys({ jwks_file: 'b.json' }),
      ...files,
    });

    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(new RegExp(`^clients.yaml:1: clients\\[1\\].jwks_file: .*${problem}`)),
    ]);
  });

  it('without repeating any of a private key', async () => {
    const key = ec().privateKey.export({ format: 'jwk' });
    const folder = await createFolder({ 'clients.yaml': withKeys({ jwks: { keys: [key] } }) });

    expect((await problemsOf(folder)).join()).not.toContain(key.d);
  });
});
