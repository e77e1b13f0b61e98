import { scryptSync } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  hashSecret,
  parseSecretHash,
  printSecretHash,
  sha256Secret,
} from '../../internal/config/secret-hash.ts';
import { createFolder, loadFolder, problemsOf, SECRET, warningsOf } from './loader.fixture.ts';

describe('secret hashes', () => {
  it('come back from a $sha256$ text as they went in', async () => {
    const text = await hashSecret(SECRET, 'sha256');

    expect(text).toMatch(/^\$sha256\$[A-Za-z0-9+/]{43}$/);
    expect(parseSecretHash(text)).toEqual(sha256Secret(SECRET));
  });

  it('are scrypt with 32 MiB and a salt of their own by default', async () => {
    const text = await hashSecret('chosen by somebody');
    const parsed = parseSecretHash(text);
    if (typeof parsed === 'string' || parsed.kind !== 'scrypt') throw new Error('not scrypt');
    const { salt, hash, cost, blockSize, parallelization } = parsed;
    const terms = { cost, blockSize, parallelization, maxmem: 2 ** 27 };

    expect(text).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
    expect(scryptSync('chosen by somebody', salt, 32, terms).equals(hash)).toBe(true);
    expect(printSecretHash(parsed)).toBe(text);
    expect(await hashSecret('chosen by somebody')).not.toBe(text);
  });

  const salt = 'c2FsdHNhbHRzYWx0';
  const hash = 'A'.repeat(43);
  for (const { name, text, problem } of [
    {
      name: 'bcrypt',
      text: '$2b$10$abcdefghijklmnopqrstuu',
      problem: 'is a kind of hash that is not supported; let asteroid hash make it',
    },
    {
      name: 'argon2',
      text: '$argon2id$v=19$m=65536$x$y',
      problem: 'is a kind of hash that is not supported; let asteroid hash make it',
    },
    {
      name: 'plain text',
      text: 'hunter2',
      problem: 'has to begin with $scrypt$ or $sha256$; let asteroid hash make it',
    },
    {
      name: 'half a digest',
      text: `$sha256$${'A'.repeat(20)}`,
      problem: 'is not a whole SHA-256 digest; let asteroid hash make it',
    },
    {
      name: 'a digest in another spelling',
      text: `$sha256$${'A'.repeat(42)}B`,
      problem: 'is not a whole SHA-256 digest; let asteroid hash make it',
    },
    {
      name: 'a cheap scrypt',
      text: `$scrypt$ln=10,r=8,p=1$${salt}$${hash}`,
      problem: 'is too cheap to guess; let asteroid hash make it',
    },
    {
      name: 'an scrypt that would stop the process',
      text: `$scrypt$ln=30,r=8,p=1$${salt}$${hash}`,
      problem: 'is too expensive to check; let asteroid hash make it',
    },
    {
      name: 'an scrypt without salt',
      text: `$scrypt$ln=15,r=8,p=1$AA$${hash}`,
      problem: 'has too short a salt or hash; let asteroid hash make it',
    },
  ]) {
    it(`refuses ${name}`, () => {
      expect(parseSecretHash(text)).toBe(problem);
    });
  }
});

const client = (secret: string, rest = '') =>
  `clients:\n  - client_id: my-app\n    redirect_uris: [https://a.example/]\n${rest}${secret}`;

const secretsOf = async (folder: string, env = {}) => {
  const { clients } = await loadFolder(folder, { env });
  return clients.get('my-app')?.secrets;
};

describe('client secrets: where they may stand', () => {
  it('reads one from a file, named from clients.yaml, without one line end', async () => {
    const folder = await createFolder({
      'asteroid.yaml':
        'upstream: { trust: { secret: { files: [proxy-secret] } } }\nclients: { file: sub/clients.yaml }\nuserinfo: { backends: [] }\n',
      'sub/clients.yaml': client('    client_secret_file: secret\n'),
      'sub/secret': `${SECRET}\n`,
    });

    expect(await secretsOf(folder)).toEqual([sha256Secret(SECRET)]);
  });

  it('reads a hash', async () => {
    const text = await hashSecret(SECRET, 'sha256');
    const folder = await createFolder({
      'clients.yaml': client(`    client_secret_hash: ${text}\n`),
    });

    expect(await secretsOf(folder)).toEqual([sha256Secret(SECRET)]);
  });

  it('keeps several live at once (CA-12)', async () => {
    const other = `${SECRET}2`;
    const folder = await createFolder({
      'clients.yaml': client(
        `    client_secrets:\n      - client_secret_file: next\n      - client_secret: ${SECRET}\n`,
      ),
      next: other,
    });

    expect(await secretsOf(folder)).toEqual([sha256Secret(other), sha256Secret(SECRET)]);
  });

  it('takes one from the environment instead of those of the file', async () => {
    const folder = await createFolder({
      'clients.yaml': client('    client_secret: test-secret\n'),
    });

    expect(await secretsOf(folder, { ASTEROID_CLIENT_SECRET_MY_APP: SECRET })).toEqual([
      sha256Secret(SECRET),
    ]);
  });

  it('needs none of a file when the environment has one', async () => {
    const folder = await createFolder({ 'clients.yaml': client('') });

    expect(await secretsOf(folder, { ASTEROID_CLIENT_SECRET_MY_APP: SECRET })).toHaveLength(1);
  });
});

describe('client secrets: what is refused (CA-5, CF-5)', () => {
  it('refuses a client that authenticates without any', async () => {
    expect(await problemsOf(await createFolder({ 'clients.yaml': client('') }))).toEqual([
      'clients.yaml:2: clients[0].client_secret: is missing; add client_secret_hash or client_secret_file, set ASTEROID_CLIENT_SECRET_MY_APP, or make the client public by token_endpoint_auth_method: none',
    ]);
  });

  const placeholder =
    'is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them';
  for (const { secret, problem } of [
    { secret: '""', problem: 'is empty; give a secret, as openssl rand -base64 32 makes them' },
    {
      secret: '"   "',
      problem: 'is nothing but blanks; give a secret, as openssl rand -base64 32 makes them',
    },
    { secret: `" ${SECRET}"`, problem: 'begins or ends with a blank; remove it' },
    {
      secret: `"${SECRET}\\n"`,
      problem: 'has control characters, line ends or characters outside ASCII in it',
    },
    {
      secret: `"${SECRET}é"`,
      problem: 'has control characters, line ends or characters outside ASCII in it',
    },
    { secret: 'changeme', problem: placeholder },
    { secret: 'Change-Me-123', problem: placeholder },
    { secret: 'secret', problem: placeholder },
    { secret: 'my-client-secret', problem: placeholder },
    { secret: 'password1', problem: placeholder },
    { secret: '"<your secret here>"', problem: placeholder },
    { secret: '"$'.concat('{CLIENT_SECRET}"'), problem: placeholder },
    { secret: 'xxxxxxxxxxxxxxxxxxxx', problem: placeholder },
  ]) {
    it(`refuses ${secret}`, async () => {
      const folder = await createFolder({
        'clients.yaml': client(`    client_secret: ${secret}\n`),
      });

      expect(await problemsOf(folder)).toEqual([
        `clients.yaml:4: clients[0].client_secret: ${problem}`,
      ]);
    });
  }

  it('refuses the same in a file and in the environment, by name', async () => {
    const inFile = await createFolder({
      'clients.yaml': client('    client_secret_file: empty\n'),
      empty: '\n',
    });
    const folder = await createFolder({ 'clients.yaml': client('') });
    const env = { ASTEROID_CLIENT_SECRET_MY_APP: 'changeme' };

    expect(await problemsOf(inFile)).toEqual([
      'clients.yaml:4: clients[0].client_secret_file: is empty; give a secret, as openssl rand -base64 32 makes them',
    ]);
    expect(await problemsOf(folder, { env })).toEqual([
      `ASTEROID_CLIENT_SECRET_MY_APP:1: environment: ${placeholder}`,
    ]);
  });

  it('refuses a secret for a public client, also from the environment', async () => {
    const text = client('    token_endpoint_auth_method: none\n');
    const env = { ASTEROID_CLIENT_SECRET_MY_APP: SECRET };

    expect(await problemsOf(await createFolder({ 'clients.yaml': text }), { env })).toEqual([
      'clients.yaml:2: clients[0]: has a secret in ASTEROID_CLIENT_SECRET_MY_APP, and token_endpoint_auth_method: none; remove one of the two',
    ]);
  });

  it('refuses a file that is not there', async () => {
    const folder = await createFolder({ 'clients.yaml': client('    client_secret_file: none\n') });

    expect(await problemsOf(folder)).toEqual([
      'clients.yaml:4: clients[0].client_secret_file: none does not exist; create it, or name another file',
    ]);
  });

  it('refuses a hash that is none', async () => {
    const folder = await createFolder({
      'clients.yaml': client('    client_secret_hash: hunter2\n'),
    });

    expect(await problemsOf(folder)).toEqual([
      'clients.yaml:4: clients[0].client_secret_hash: has to begin with $scrypt$ or $sha256$; let asteroid hash make it',
    ]);
  });
});

describe('client secrets: what is warned about', () => {
  it('names a file that everybody may read', async () => {
    const folder = await createFolder({
      'clients.yaml': client('    client_secret_file: s\n'),
      s: SECRET,
    });
    await chmod(path.join(folder, 's'), 0o644);

    expect(await warningsOf(folder)).toEqual([
      'clients.yaml:4: clients[0].client_secret_file: s may be read by everybody on this machine; chmod o-r',
    ]);
  });

  it('names variables that belong to no client, and the nearest that does', async () => {
    const folder = await createFolder();
    const env = { ASTEROID_CLIENT_SECRET_APPP: SECRET, ASTEROID_CLIENT_SECRET_APP: SECRET };

    expect(await warningsOf(folder, { env })).toEqual([
      'ASTEROID_CLIENT_SECRET_APPP:1: environment: names no client and is ignored; did you mean ASTEROID_CLIENT_SECRET_APP?',
    ]);
  });
});
