import { chmod, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, printProblem } from '../../internal/loader/problem.ts';
import {
  CONFIG,
  createFolder,
  loadFolder,
  problemsOf,
  SECRET,
  warningsOf,
} from './loader.fixture.ts';

describe('loading: problems', () => {
  it('prints each as file:line: key: problem', () => {
    const problem = { file: 'a.yaml', line: 3, key: 'log.level', problem: 'has to be info' };

    expect(printProblem(problem)).toBe('a.yaml:3: log.level: has to be info');
    expect(new ConfigError([problem, problem]).message.split('\n')).toHaveLength(2);
  });

  it('reports those of every file at once, in the order of the lines', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `isuer: https://sso.example
listen:
  public: { port: 99999 }
  admin: { port: "8881", hots: localhost }
${CONFIG}lifetimes: { access_token: 300, id_token: 1x }
log: { level: verbos }
store: redis
keys:
`,
      'clients.yaml': `clients:
  - client_id: a
    client_secret: ${SECRET}
    redirect_uri: https://a.example/cb
  - client_id: b
    client_secret: changeme
    redirect_uris: [http://b.example/cb]
`,
      'users.yaml': 'users:\n  - sub: 7\n  - { sub: bob, sid: x }\n',
      'proxy-secret': 'short',
    });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:1: isuer: is not a known key; did you mean issuer?',
      'asteroid.yaml:3: listen.public.port: has to be at most 65535',
      'asteroid.yaml:4: listen.admin.port: has to be a whole number',
      'asteroid.yaml:4: listen.admin.hots: is not a known key; did you mean host?',
      'asteroid.yaml:6: upstream.trust.secret.files[0]: proxy-secret is shorter than 32 bytes; use openssl rand -base64 32',
      'asteroid.yaml:9: lifetimes.access_token: has to be a length of time with its unit, as in 500ms, 30s, 5m, 8h or 30d',
      'asteroid.yaml:9: lifetimes.id_token: has to be a length of time with its unit, as in 500ms, 30s, 5m, 8h or 30d',
      'asteroid.yaml:10: log.level: has to be one of debug, info, warn, error, silent',
      'asteroid.yaml:11: store: has to be a map of keys and values',
      'asteroid.yaml:12: keys: has no value; give it one, or remove the key',
      'clients.yaml:4: clients[0].redirect_uri: is not a known key; did you mean redirect_uris?',
      'clients.yaml:6: clients[1].client_secret: is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them',
      'clients.yaml:7: clients[1].redirect_uris[0]: is plain http beyond this machine; use https, or set allow_http_redirect: true',
      'users.yaml:2: users[0].sub: has to be text, and YAML reads a number here: put it in quotes',
      'users.yaml:3: users[1].sid: is a claim that only Asteroid may set; remove or rename it',
    ]);
  });

  it('loads what has none', async () => {
    const { config, clients, upstreamSecrets } = await loadFolder(await createFolder());

    expect(config.issuer).toBe('http://localhost:8880');
    expect([...clients.keys()]).toEqual(['app']);
    expect(upstreamSecrets.map((secret) => Buffer.from(secret).toString())).toEqual([SECRET]);
  });

  it('does not invent problems that only follow from others', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG.replace('trust:', 'trus:')}lifetimes: { refresh_token: 1, refresh_token_max: 1d }\n`,
    });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:2: upstream.trus: is not a known key; did you mean trust?',
      'asteroid.yaml:5: lifetimes.refresh_token: has to be a length of time with its unit, as in 500ms, 30s, 5m, 8h or 30d',
    ]);
  });

  it('never shows a secret, not even one that became part of a key', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}store: { driver: redis, redis: { url: "redis://:${SECRET}@h:6379/0#x" } }\n`,
      'clients.yaml': `clients:
  - { client_id: a, client_secret:${SECRET}, redirect_uris: [https://a.example/cb] }
  - { client_id: b, client_secret: "${SECRET} ", redirect_uris: [https://a.example/cb] }
  - { client_id: c, client_secret_hash: $scrypt$${SECRET}, redirect_uris: [https://a.example/cb] }
  - { client_id: d, client_secret: 0123456789, redirect_uris: [https://a.example/cb] }
`,
    });

    const problems = await problemsOf(folder);

    expect(problems.length).toBeGreaterThan(4);
    expect(problems.join('\n')).not.toMatch(/kK2w8|123456789/);
  });
});

describe('loading: files that are not there or not readable (CF-3)', () => {
  it('says so of a configuration file', async () => {
    expect(await problemsOf(await createFolder(), { files: ['none.yaml'] })).toEqual([
      'none.yaml:1: file: does not exist; create it, or name another file',
    ]);
  });

  for (const { name, prepare, problem } of [
    {
      name: 'missing',
      prepare: (file: string) => rm(file),
      problem: 'does not exist; create it, or name another file',
    },
    {
      name: 'a directory',
      prepare: async (file: string) => {
        await rm(file);
        await mkdir(file);
      },
      problem: 'is a directory; name a file in it',
    },
    {
      name: 'a dangling link',
      prepare: async (file: string) => {
        await rm(file);
        await symlink('nowhere', file);
      },
      problem: 'does not exist; create it, or name another file',
    },
  ]) {
    it(`says so of a clients.yaml that is ${name}`, async () => {
      const folder = await createFolder();
      await prepare(path.join(folder, 'clients.yaml'));

      expect(await problemsOf(folder)).toEqual([`clients.yaml:1: file: ${problem}`]);
    });
  }

  for (const { name, text } of [
    { name: 'empty', text: '' },
    { name: 'nothing but blanks', text: '  \n\n' },
    { name: 'nothing but comments', text: '# clients\n' },
  ]) {
    it(`refuses a clients.yaml that is ${name}`, async () => {
      const folder = await createFolder({ 'clients.yaml': text });

      expect(await problemsOf(folder)).toEqual(['clients.yaml:1: file: is empty']);
    });
  }

  it('names the option that names a missing file', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}listen:
  public:
    port: 8880
    tls:
      cert_file: tls/crt.pem
      key_file: tls/key.pem
`,
    });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:9: listen.public.tls.cert_file: tls/crt.pem does not exist; create it, or name another file',
      'asteroid.yaml:10: listen.public.tls.key_file: tls/key.pem does not exist; create it, or name another file',
    ]);
  });
});

describe('loading: the secret of the proxy', () => {
  for (const { name, text, problem } of [
    {
      name: 'empty',
      text: '',
      problem: 'is empty; give a secret, as openssl rand -base64 32 makes them',
    },
    {
      name: 'a line end only',
      text: '\n',
      problem: 'is empty; give a secret, as openssl rand -base64 32 makes them',
    },
    {
      name: 'blank',
      text: ' '.repeat(40),
      problem: 'is nothing but blanks; give a secret, as openssl rand -base64 32 makes them',
    },
    {
      name: 'of 31 bytes',
      text: SECRET.slice(1),
      problem: 'is shorter than 32 bytes; use openssl rand -base64 32',
    },
    {
      name: 'one letter over and over',
      text: 'a'.repeat(64),
      problem:
        'is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them',
    },
    {
      name: 'a placeholder over and over',
      text: 'changeme-'.repeat(6),
      problem:
        'is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them',
    },
    {
      name: 'of two lines',
      text: `${SECRET}\n${SECRET}\n`,
      problem: 'has control characters, line ends or characters outside ASCII in it',
    },
  ]) {
    it(`is refused when it is ${name}`, async () => {
      expect(await problemsOf(await createFolder({ 'proxy-secret': text }))).toEqual([
        `asteroid.yaml:2: upstream.trust.secret.files[0]: proxy-secret ${problem}`,
      ]);
    });
  }

  it('is refused when everybody on the machine may read it, and accepted for the group', async () => {
    const folder = await createFolder();
    const file = path.join(folder, 'proxy-secret');

    await chmod(file, 0o644);
    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:2: upstream.trust.secret.files[0]: proxy-secret may be read by everybody on this machine; chmod o-r, or in Kubernetes defaultMode: 0440',
    ]);

    await chmod(file, 0o640);
    expect(await problemsOf(folder)).toEqual([]);
  });

  it('is read from every file, for rotation, without one line end', async () => {
    const other = `${SECRET.split('').reverse().join('')}`;
    const folder = await createFolder({
      'asteroid.yaml': CONFIG.replace('[proxy-secret]', '[proxy-secret, next]'),
      next: `${other}\r\n`,
    });

    const { upstreamSecrets } = await loadFolder(folder);

    expect(upstreamSecrets.map((secret) => Buffer.from(secret).toString())).toEqual([
      SECRET,
      other,
    ]);
  });
});

describe('loading: the way to Redis', () => {
  const withRedis = (redis: string) => `${CONFIG}store: { driver: redis, redis: ${redis} }\n`;

  it('takes the URL and the password from files', async () => {
    const folder = await createFolder({
      'asteroid.yaml': withRedis('{ url_file: url, password_file: pw, username: me }'),
      url: 'rediss://redis.example:6380/2\n',
      pw: 'p\n',
    });

    expect((await loadFolder(folder)).redis).toEqual({
      url: 'rediss://redis.example:6380/2',
      username: 'me',
      password: 'p',
      tls: undefined,
    });
  });

  it('refuses two URLs, and a file without one', async () => {
    const folder = await createFolder({
      'asteroid.yaml': withRedis('{ url: "redis://a", url_file: url }'),
      url: 'http://redis\n',
    });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:5: store.redis.url_file: cannot be combined with url; remove one of the two',
      'asteroid.yaml:5: store.redis.url_file: url has to begin with redis://, rediss:// or unix:///, as in redis://127.0.0.1:6379',
    ]);
  });

  it('reads no file of Redis while the store is another', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}store: { redis: { url_file: none } }\n`,
    });

    expect((await loadFolder(folder)).redis).toBeUndefined();
  });
});

describe('loading: names that mean something to JavaScript (CF-4)', () => {
  afterAll(() => {
    expect('polluted' in {}).toBe(false);
  });

  it('refuses __proto__ as a key wherever it stands', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}__proto__: { polluted: yes }\n`,
      'clients.yaml': 'clients: [{ __proto__: { polluted: yes } }]\n',
      'users.yaml': 'users: [{ sub: a, address: { __proto__: { polluted: yes } } }]\n',
    });

    const keys = (await problemsOf(folder)).map((line) => line.split(': ')[1]);

    expect(keys).toContain('__proto__');
    expect(keys).toContain('clients[0].__proto__');
    expect(keys).toContain('users[0].address.__proto__');
    expect('polluted' in {}).toBe(false);
  });

  it('takes such names as ids of clients like any other', async () => {
    const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const entries = ids.map(
      (id) =>
        `  - { client_id: ${id}, client_secret: ${SECRET}, redirect_uris: [https://a.example/] }\n`,
    );
    const folder = await createFolder({ 'clients.yaml': `clients:\n${entries.join('')}` });

    const { clients } = await loadFolder(folder);

    expect([...clients.keys()]).toEqual(ids);
    expect(clients.get('prototype')).toBeUndefined();
  });

  it('says of keys such as constructor that they are not known', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}constructor: 1\ntoString: 2\n`,
    });

    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^asteroid\.yaml:5: constructor: is not a known key/),
      expect.stringMatching(/^asteroid\.yaml:6: toString: is not a known key/),
    ]);
  });
});

describe('loading: several files', () => {
  it('merges maps, replaces lists, and lets the later file win', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}listen: { public: { port: 1111 }, admin: { port: 2222 } }\nlog: { level: debug }\n`,
      'prod/over.yaml': `issuer: https://sso.example
listen: { public: { port: 3333 } }
upstream: { headers: { reject_values: [nobody] } }
`,
    });

    const { config } = await loadFolder(folder, { files: ['asteroid.yaml', 'prod/over.yaml'] });

    expect(config).toMatchObject({
      issuer: 'https://sso.example',
      listen: { public: { port: 3333 }, admin: { port: 2222 } },
      log: { level: 'debug' },
      upstream: { headers: { reject_values: ['nobody'] } },
    });
  });

  it('resolves names of files against the file that names them', async () => {
    const folder = await createFolder({
      'prod/over.yaml': 'clients: { file: other.yaml }\nkeys: { dir: ./keys }\n',
      'prod/other.yaml': `clients: [{ client_id: other, client_secret: ${SECRET}, redirect_uris: [https://a.example/] }]\n`,
    });

    const { config, clients } = await loadFolder(folder, {
      files: ['asteroid.yaml', 'prod/over.yaml'],
    });

    expect([...clients.keys()]).toEqual(['other']);
    expect(config.keys.dir).toBe(path.join(folder, 'prod/keys'));
    expect(config.userinfo.backends).toEqual([
      { type: 'yaml', file: path.join(folder, 'users.yaml') },
    ]);
  });

  it('says of a merged option in which file its problem stands', async () => {
    const folder = await createFolder({ 'over.yaml': '# only this\nlog: { level: x }\n' });

    expect(await problemsOf(folder, { files: ['asteroid.yaml', 'over.yaml'] })).toEqual([
      expect.stringMatching(/^over\.yaml:2: log\.level: /),
    ]);
  });

  it('takes an empty file as one that changes nothing', async () => {
    const folder = await createFolder({ 'over.yaml': '# nothing yet\n' });

    expect(await problemsOf(folder, { files: ['asteroid.yaml', 'over.yaml'] })).toEqual([]);
  });

  it('reports the YAML of all broken files, and does not guess beyond it', async () => {
    const folder = await createFolder({ 'asteroid.yaml': 'a: b: c\n' });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:1: file: has a second key in one line; put values with ": " in quotes',
    ]);
  });
});

describe('loading: sockets', () => {
  const text = `${CONFIG}listen: { public: { socket: a.sock } }\n`;

  it('resolves a relative socket against its file', async () => {
    const folder = await createFolder({ 'asteroid.yaml': text });

    expect((await loadFolder(folder)).config.listen.public).toMatchObject({
      socket: path.join(folder, 'a.sock'),
      mode: 0o660,
    });
  });

  it('leaves it relative where RUNTIME_DIRECTORY is its base', async () => {
    const folder = await createFolder({ 'asteroid.yaml': text });
    const { config } = await loadFolder(folder, { env: { RUNTIME_DIRECTORY: '/run/asteroid' } });

    expect(config.listen.public).toMatchObject({ socket: 'a.sock' });
  });
});

describe('loading: warnings', () => {
  it('come in the same form and do not keep Asteroid from starting', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}keys: { source: ephemeral }\n`,
      'clients.yaml':
        'clients: [{ client_id: a, client_secret: abc-def, redirect_uris: [https://a.example/] }]\n',
    });

    expect(await warningsOf(folder)).toEqual([
      'asteroid.yaml:5: keys.source: forgets the keys at a restart, which invalidates every token',
      'clients.yaml:1: clients[0].client_secret: is shorter than 16 characters; use a random one, as openssl rand -base64 32 makes them',
      'clients.yaml:1: clients[0].client_secret: is plain text; replace it by client_secret_hash (asteroid hash) or client_secret_file',
    ]);
    expect(await warningsOf(folder, { mode: 'dev' })).toEqual([]);
  });
});
