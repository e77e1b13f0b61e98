import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClientSet, loadClients } from '../../internal/loader/clients.ts';
import { ConfigError } from '../../internal/loader/problem.ts';
import { decideReload } from '../../internal/loader/reload.ts';
import { createFolder, SECRET, TERMS } from './loader.fixture.ts';

const entry = (id: string, rest = '') =>
  `  - client_id: ${id}\n    client_secret: ${SECRET}\n    redirect_uris: [https://${id}.example/]\n${rest}`;
const fileOf = (...ids: readonly string[]) => `clients:\n${ids.map((id) => entry(id)).join('')}`;

async function createReader(): Promise<(text: string) => Promise<ClientSet>> {
  const file = path.join(await createFolder(), 'clients.yaml');
  return async (text) => {
    await writeFile(file, text);
    return loadClients({ ...TERMS, file, env: {}, mode: 'dev' });
  };
}

/** What a running issuer has after the file became this text. */
async function reload(
  read: (text: string) => Promise<ClientSet>,
  current: ClientSet,
  text: string,
) {
  try {
    const next = await read(text);
    return decideReload(current, next) === 'accept' ? next : current;
  } catch (error) {
    if (error instanceof ConfigError) return current;
    throw error;
  }
}

describe('reload of clients.yaml: what is believed', () => {
  const cases: readonly {
    readonly name: string;
    readonly before: string;
    readonly after: string;
    readonly refuse?: RegExp;
  }[] = [
    { name: 'a new client', before: fileOf('a', 'b'), after: fileOf('a', 'b', 'c') },
    {
      name: 'a client that is gone from the middle',
      before: fileOf('a', 'b', 'c'),
      after: fileOf('a', 'c'),
    },
    {
      name: 'half of the clients gone',
      before: fileOf('a', 'b', 'c', 'd'),
      after: fileOf('c', 'd'),
    },
    {
      name: 'more than half of the clients gone',
      before: fileOf('a', 'b', 'c'),
      after: fileOf('c'),
      refuse:
        /^2 of 3 clients would be gone; confirm it by clients_count: N as the last line of the file$/,
    },
    {
      name: 'all clients renamed',
      before: fileOf('a', 'b'),
      after: fileOf('c', 'd'),
      refuse: /^2 of 2 clients would be gone; /,
    },
    {
      name: 'only the beginning of the file before',
      before: fileOf('a', 'b', 'c'),
      after: fileOf('a', 'b'),
      refuse: /^the file is only the beginning of the one before; confirm it by clients_count/,
    },
    {
      name: 'a last client without the lines that protect it',
      before: `${fileOf('a')}${entry('b', '    allow: { groups: [admins] }\n')}`,
      after: `${fileOf('a')}${entry('b')}`,
      refuse: /^the file is only the beginning of the one before; /,
    },
    {
      name: 'a comment gone from the end',
      before: `${fileOf('a', 'b')}# end\n`,
      after: fileOf('a', 'b'),
    },
    { name: 'blank lines at the end', before: fileOf('a'), after: `${fileOf('a')}\n\n` },
    {
      name: 'most clients gone, as clients_count confirms',
      before: fileOf('a', 'b', 'c'),
      after: `${fileOf('a')}clients_count: 1\n`,
    },
    {
      name: 'an end without the clients_count of before',
      before: `${fileOf('a', 'b')}clients_count: 2\n`,
      after: fileOf('a', 'b', 'c'),
      refuse: /^clients_count is gone from the end of the file: it seems to be cut off$/,
    },
  ];
  for (const { name, before, after, refuse } of cases) {
    it(`${refuse === undefined ? 'accepts' : 'refuses'} ${name}`, async () => {
      const read = await createReader();

      const decision = decideReload(await read(before), await read(after));

      expect(decision).toEqual(
        refuse === undefined ? 'accept' : { refuse: expect.stringMatching(refuse) },
      );
    });
  }

  it('accepts the first client of an issuer that had none', async () => {
    const read = await createReader();

    expect(decideReload(await read('clients: []\n'), await read(fileOf('a')))).toBe('accept');
  });
});

describe('reload of clients.yaml: files that were cut off (CF-3)', () => {
  const sample = path.resolve(import.meta.dirname, '../../clients.yaml');

  for (const { name, edit } of [
    { name: 'as it is', edit: (text: string) => text },
    { name: 'with clients_count', edit: (text: string) => `${text}clients_count: 3\n` },
  ]) {
    it(`keeps the old set or takes the whole one, for every prefix of the sample ${name}`, async () => {
      const read = await createReader();
      const whole = Buffer.from(edit(await readFile(sample, 'utf8')));
      const complete = await read(whole.toString());
      expect(complete.clients.size).toBe(3);

      for (let length = 0; length <= whole.length; length += 1) {
        const after = await reload(read, complete, whole.subarray(0, length).toString('latin1'));
        expect(after.clients, `${length} bytes`).toEqual(complete.clients);
      }
    });
  }

  it('keeps the old set for every prefix of a file that is being rewritten, if both count', async () => {
    const read = await createReader();
    const old = await read(`# v1\n${fileOf('a', 'b')}clients_count: 2\n`);
    const text = `# v2\n${fileOf('a', 'b', 'c')}clients_count: 3\n`;

    for (let length = 0; length < text.trimEnd().length; length += 1) {
      expect(await reload(read, old, text.slice(0, length))).toBe(old);
    }
    expect((await reload(read, old, text)).clients.size).toBe(3);
  });
});

describe('reload of clients.yaml: what is loaded', () => {
  it('reports warnings as lines, and throws with problems', async () => {
    const folder = await createFolder({ 'clients.yaml': fileOf('a') });
    const file = path.join(folder, 'clients.yaml');
    const terms = { ...TERMS, file, env: {}, mode: 'serve' } as const;

    expect((await loadClients(terms)).warnings).toEqual([
      `${file}:3: clients[0].client_secret: is plain text; replace it by client_secret_hash (asteroid hash) or client_secret_file`,
    ]);
    await writeFile(file, fileOf('a', 'a'));
    await expect(loadClients(terms)).rejects.toMatchObject({
      problems: [{ file, line: 5, key: 'clients[1].client_id' }],
    });
  });

  it('does not show the text of the file to whoever prints the set', async () => {
    const read = await createReader();

    expect(JSON.stringify(await read(fileOf('a')))).not.toContain(SECRET);
  });
});
