import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openFileKeys } from '../../internal/keys/file/file.ts';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import {
  HOUR,
  newDirectory,
  newP256,
  openDirectory,
  putKey,
  RSA_PEM,
  removeDirectories,
  START,
  toPem,
} from '../support/keys.ts';
import { until } from '../support/until.ts';

afterEach(removeDirectories);

const namesIn = (dir: string) => readdirSync(dir).sort();

describe('key directory: first start', () => {
  it('fills an empty directory with a signing and a sealing key, for their owner only (JW-6)', async () => {
    const dir = newDirectory();

    const { events } = await openDirectory(dir);

    expect(namesIn(dir)).toEqual(['20270115T080000Z.ES256.pem', '20270115T080000Z.seal.key']);
    for (const name of namesIn(dir)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    expect(events.map(({ type }) => type)).toEqual(['key.created', 'key.created']);
  });

  it('makes the directory itself, for its owner only, and nothing above it', async () => {
    const parent = newDirectory();

    await openDirectory(join(parent, 'keys'));

    expect(statSync(join(parent, 'keys')).mode & 0o777).toBe(0o700);
    await expect(openDirectory(join(parent, 'a', 'b'))).rejects.toThrow(
      `${join(parent, 'a', 'b')}: the key directory cannot be made (ENOENT)`,
    );
  });

  it('makes one set of keys when ten start at once (F-31)', async () => {
    const dir = newDirectory();

    const opened = await Promise.all(Array.from({ length: 10 }, () => openDirectory(dir)));

    expect(namesIn(dir)).toHaveLength(2);
    const sets = opened.map(({ keys }) => JSON.stringify(keys.publicKeys()));
    expect(new Set(sets).size).toBe(1);
    const [first, second] = opened;
    const sealed = first?.keys.seal('cookie', 'text') ?? '';
    expect(second?.keys.unseal('cookie', sealed)).toBe('text');
  });

  it('adds what is missing: an ES256 key beside an RS256 key, a sealing key beside both', async () => {
    const dir = newDirectory();
    putKey(dir, 'RS256', START - HOUR, RSA_PEM);

    const { keys } = await openDirectory(dir);

    expect(namesIn(dir)).toHaveLength(3);
    expect(keys.publicKeys().map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
  });

  it('uses what an operator put there, and looks at nothing that is no key', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START - HOUR);
    mkdirSync(join(dir, 'lost+found'));
    writeFileSync(join(dir, 'README'), 'keys');
    writeFileSync(join(dir, '.new-left-by-a-crash'), 'half a key');

    const { keys } = await openDirectory(dir);

    expect(keys.publicKeys()).toHaveLength(1);
    expect(existsSync(join(dir, '.new-left-by-a-crash'))).toBe(false);
  });

  it('signs with the first key to come when every key is still to come', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START + HOUR);
    putKey(dir, 'ES256', START + 2 * HOUR);

    const { keys } = await openDirectory(dir);

    expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
    expect(keys.publicKeys()).toHaveLength(2);
  });
});

describe('key directory: restart', () => {
  it('keeps every live token and everything sealed', async () => {
    const dir = newDirectory();
    const first = await openDirectory(dir);
    const tokens = [
      await first.keys.sign('ES256', 'JWT', { sub: 'alice' }),
      await first.keys.sign('RS256', 'JWT', { sub: 'alice' }),
    ];
    const sealed = first.keys.seal('cookie', 'text');
    await first.keys.close();

    const second = await openDirectory(dir);

    for (const token of tokens)
      expect(await second.keys.verify(token)).toEqual({ typ: 'JWT', claims: { sub: 'alice' } });
    expect(second.keys.unseal('cookie', sealed)).toBe('text');
    expect(second.keys.publicKeys()).toEqual(first.keys.publicKeys());
    expect(await second.keys.sign('RS256', 'JWT', { sub: 'alice' })).toBe(tokens[1]);
  });

  it('does not open what another directory sealed', async () => {
    const first = await openDirectory(newDirectory());
    const second = await openDirectory(newDirectory());

    const sealed = first.keys.seal('cookie', 'text');

    expect(second.keys.unseal('cookie', sealed)).toBeUndefined();
    expect(first.keys.unseal('cookie', sealed)).toBe('text');
  });
});

describe('key directory: damage (F-27, JW-6)', () => {
  const whole = toPem(newP256());
  const put = (content: string | Buffer) => (dir: string) => putKey(dir, 'ES256', START, content);
  const DAMAGE: readonly (readonly [string, (dir: string) => string, string])[] = [
    ['no bytes', put(''), 'is empty'],
    ['zero bytes', put(Buffer.alloc(241)), 'holds no PEM block'],
    ['half a key', put(whole.slice(0, 120)), 'is damaged or truncated'],
    ['two keys', put(whole + whole), 'holds 2 PEM blocks'],
    ['an RSA key under the name of ES256', put(RSA_PEM), 'is an RSA key of 2048 bits'],
    ['a megabyte', put('x'.repeat(1 << 20)), 'is larger than 65536 bytes'],
    [
      'an EC key under the name of RS256',
      (dir) => putKey(dir, 'RS256', START, whole),
      'is an EC key on prime256v1',
    ],
    [
      'a damaged sealing key',
      (dir) => putKey(dir, 'seal', START, 'abc'),
      'is damaged or truncated',
    ],
    [
      'a directory',
      (dir) => {
        const path = join(dir, '20270115T080000Z.ES256.pem');
        mkdirSync(path);
        return path;
      },
      'is not a regular file',
    ],
    [
      'a link to nothing',
      (dir) => {
        const path = join(dir, '20270115T080000Z.ES256.pem');
        symlinkSync('nowhere', path);
        return dir;
      },
      'the key directory cannot be read (ENOENT)',
    ],
    [
      'a key under another name',
      (dir) => {
        const path = join(dir, 'tls.pem');
        writeFileSync(path, whole, { mode: 0o600 });
        return path;
      },
      'is not named <activation UTC>',
    ],
    [
      'a key that everybody may write',
      (dir) => {
        const path = putKey(dir, 'ES256', START);
        chmodSync(path, 0o602);
        return path;
      },
      'may be written by everybody (mode 0602)',
    ],
  ];
  for (const [given, damage, problem] of DAMAGE) {
    it(`refuses to start with ${given}, naming the file`, async () => {
      const dir = newDirectory();
      putKey(dir, 'ES256', START - HOUR);
      const path = damage(dir);

      const error: unknown = await openDirectory(dir).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(KeyConfigError);
      expect(String(error)).toContain(`${path}: ${problem}`);
      expect(String(error)).not.toContain(whole.slice(40, 60));
    });

    it(`keeps the loaded keys when it meets ${given} while running, and reports it`, async () => {
      const dir = newDirectory();
      putKey(dir, 'ES256', START - HOUR);
      const { keys, events } = await openDirectory(dir);
      const token = await keys.sign('ES256', 'JWT', {});
      const before = keys.publicKeys();
      damage(dir);

      await keys.reload();

      expect(keys.publicKeys()).toBe(before);
      expect(await keys.verify(token)).toBeDefined();
      const failure = events.find(({ type }) => type === 'keys.reload_failed');
      expect(failure).toMatchObject({ error: { message: expect.stringContaining(problem) } });
    });
  }

  it('names every bad file at once', async () => {
    const dir = newDirectory();
    const paths = [putKey(dir, 'ES256', START, ''), putKey(dir, 'RS256', START, '')];

    const error = await openDirectory(dir).catch(String);

    for (const path of paths) expect(error).toContain(`${path}: is empty`);
  });

  it('refuses one key under two names, as no kid may stand for two times', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START, whole);
    putKey(dir, 'ES256', START + 1, whole);

    await expect(openDirectory(dir)).rejects.toThrow('two files hold the same key');
  });

  it('refuses a file in place of the directory', async () => {
    const path = join(newDirectory(), 'keys');
    writeFileSync(path, '');

    await expect(openDirectory(path)).rejects.toThrow(`${path}: the key directory cannot be read`);
  });

  for (const [given, lose] of [
    ['its last key of a kind deleted', (dir: string, path: string) => rmSync(join(dir, path))],
    ['the whole directory gone', (dir: string) => rmSync(dir, { recursive: true })],
  ] as const)
    it(`signs on with ${given} while running, and publishes what it published`, async () => {
      const dir = newDirectory();
      const { keys, events } = await openDirectory(dir);
      const before = keys.publicKeys();
      lose(dir, '20270115T080000Z.ES256.pem');

      await keys.reload();

      expect(keys.publicKeys()).toBe(before);
      expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
      expect(events.at(-1)).toMatchObject({ type: 'keys.reload_failed' });
    });

  it('recovers with the next sound state', async () => {
    const dir = newDirectory();
    const { keys } = await openDirectory(dir);
    const path = putKey(dir, 'ES256', START + HOUR, 'half');
    await keys.reload();
    writeFileSync(path, whole);

    await keys.reload();

    expect(keys.publicKeys()).toHaveLength(2);
  });
});

describe('key directory: permissions', () => {
  for (const mode of [0o640, 0o644, 0o440, 0o660])
    it(`loads a key of mode ${mode.toString(8)} and warns once`, async () => {
      const dir = newDirectory();
      const path = putKey(dir, 'ES256', START);
      chmodSync(path, mode);

      const { keys, events } = await openDirectory(dir);
      await keys.reload();

      expect(events.filter(({ type }) => type === 'key.exposed')).toEqual([
        { type: 'key.exposed', file: path, mode: `0${mode.toString(8)}` },
      ]);
    });

  it('warns of a directory that everybody may write to, and not of a sticky one', async () => {
    const exposed = newDirectory();
    const sticky = newDirectory();
    putKey(exposed, 'ES256');
    putKey(sticky, 'ES256');
    chmodSync(exposed, 0o777);
    chmodSync(sticky, 0o1777);

    const seen = (await openDirectory(exposed)).events;
    const unseen = (await openDirectory(sticky)).events;

    expect(seen).toContainEqual({ type: 'key.exposed', file: exposed, mode: '0777' });
    expect(unseen.filter(({ type }) => type === 'key.exposed')).toEqual([]);
  });
});

describe('key directory: reload while running', () => {
  const open = (dir: string) => openDirectory(dir, { watch: true });

  it('publishes a key as soon as its file is there, and signs with it from its time', async () => {
    const dir = newDirectory();
    const { keys, clock, events } = await open(dir);
    const first = keys.publicKeys()[0]?.kid;

    putKey(dir, 'ES256', START + HOUR);
    await until(() => keys.publicKeys().length === 2);

    expect(keys.publicKeys()[0]?.kid).toBe(first);
    clock.advance(HOUR);
    expect(keys.publicKeys()[0]?.kid).not.toBe(first);
    expect(events).toContainEqual(expect.objectContaining({ type: 'key.added', early: false }));
    await keys.close();
  });

  it('takes a directory that was lost and put back, and its next key, without being told', async () => {
    const dir = newDirectory();
    const { keys, events } = await open(dir);
    const [first] = keys.publicKeys();
    const saved = `${dir}-saved`;

    renameSync(dir, saved);
    await until(() => events.some(({ type }) => type === 'keys.reload_failed'));
    expect(keys.publicKeys()[0]?.kid).toBe(first?.kid);
    putKey(saved, 'ES256', START + HOUR);
    renameSync(saved, dir);
    await until(() => keys.publicKeys().length === 2);
    const next = putKey(dir, 'ES256', START + 2 * HOUR);
    // Changes that follow one another closely are waited out: it is touched again only now and then.
    let touched = 0;
    await until(() => {
      if (performance.now() - touched > 1000) {
        touched = performance.now();
        utimesSync(next, new Date(), new Date());
      }
      return keys.publicKeys().length === 3;
    });

    await keys.close();
  });

  it('says so when a key signs before relying parties can know it', async () => {
    const dir = newDirectory();
    const { keys, events } = await openDirectory(dir);

    putKey(dir, 'ES256', START + 60);
    await keys.reload();

    expect(events).toContainEqual(expect.objectContaining({ type: 'key.added', early: true }));
  });

  it('does not, when it only signs sooner than a rotation would have let it', async () => {
    const dir = newDirectory();
    const { keys, events } = await openDirectory(dir, { cachedFor: 30 });

    putKey(dir, 'ES256', START + 60);
    await keys.reload();

    expect(events).toContainEqual(expect.objectContaining({ type: 'key.added', early: false }));
  });

  it('withdraws a key whose file is removed while another remains', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START - HOUR);
    const leaked = putKey(dir, 'ES256', START);
    const { keys, events } = await open(dir);
    const token = await keys.sign('ES256', 'JWT', {});
    expect(await keys.verify(token)).toBeDefined();

    rmSync(leaked);
    await until(() => keys.publicKeys().length === 1);

    expect(await keys.verify(token)).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ type: 'key.removed', kind: 'ES256' }));
    await keys.close();
  });

  it('follows the symbolic links of a Kubernetes Secret, swap after swap', async () => {
    const dir = newDirectory();
    const mount = (version: number, keys: readonly number[]) => {
      mkdirSync(join(dir, `..v${version}`));
      for (const activeFrom of keys) putKey(join(dir, `..v${version}`), 'ES256', activeFrom);
      symlinkSync(`..v${version}`, join(dir, '..data_tmp'));
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
      const names = readdirSync(join(dir, `..v${version}`));
      for (const name of names.filter((one) => !existsSync(join(dir, one))))
        symlinkSync(join('..data', name), join(dir, name));
      return names.map((name) => readFileSync(join(dir, name), 'utf8'));
    };
    mount(1, [START]);
    const { keys } = await open(dir);
    const kids = [keys.publicKeys()[0]?.kid];

    for (const version of [2, 3, 4]) {
      mount(version, [START]);
      await until(() => keys.publicKeys()[0]?.kid !== kids.at(-1));
      kids.push(keys.publicKeys()[0]?.kid);
    }

    expect(new Set(kids).size).toBe(4);
    await keys.close();
  });

  it('lets go of the directory when it is closed', async () => {
    const dir = newDirectory();
    const { keys, events } = await open(dir);
    await keys.close();
    const before = events.length;

    putKey(dir, 'ES256', START + HOUR);
    await new Promise((resolve) => setTimeout(resolve, 400));

    expect(events).toHaveLength(before);
    expect(keys.publicKeys()).toHaveLength(1);
  });

  it('reads files of the directory only where it is told to', async () => {
    const dir = newDirectory();
    const keys = await openFileKeys({
      dir,
      now: () => START,
      tokenLifetime: () => HOUR,
      publishAhead: 600,
      report: () => undefined,
    });

    putKey(dir, 'ES256', START + HOUR);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(keys.publicKeys()).toHaveLength(1);

    await keys.reload();
    expect(keys.publicKeys()).toHaveLength(2);
  });
});
