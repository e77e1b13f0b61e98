import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import { findFreePort } from '../support/free-port.ts';
import {
  type Folder,
  type Metadata,
  makeFolder,
  runProgram,
  spawnProgram,
  startProgram,
} from '../support/program.ts';
import { basic } from '../support/requests.ts';
import { signIn, submit } from './threats.fixture.ts';

const NOBODY = 65_534;

const serve = (...folders: readonly Folder[]): readonly string[] => [
  'serve',
  ...folders.flatMap(({ configFile }) => ['--config', configFile]),
];
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

describe.concurrent('the words of the program', () => {
  for (const { given, args } of [
    { given: 'an unknown command', args: ['sevre'] },
    { given: 'an unknown option', args: ['serve', '--confg', 'x'] },
    { given: 'serve without a configuration', args: ['serve'] },
    {
      given: 'keys of an unknown kind',
      args: ['keys', 'generate', '--dir', '/x', '--alg', 'HS256'],
    },
    {
      given: 'a rotation without a unit',
      args: ['keys', 'rotate', '--dir', '/x', '--publish-ahead', '5'],
    },
    { given: 'no command at all', args: [] },
  ]) {
    it(`are explained and end with 2: ${given}`, async () => {
      const { code, stderr } = await runProgram(args);

      expect(code).toBe(2);
      expect(stderr).not.toBe('');
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  }

  it('are listed by --help, which ends with 0', async () => {
    const { code, stdout } = await runProgram(['--help']);

    expect(code).toBe(0);
    for (const word of ['serve', 'dev', 'check', 'keys', 'hash', 'health']) {
      expect(stdout).toContain(word);
    }
  });
});

describe.concurrent('a configuration that cannot be used ends with 78', () => {
  it('names file, line, key and problem when nothing is trusted', async () => {
    const folder = await makeFolder();
    await folder.write(
      'asteroid.yaml',
      'issuer: https://sso.example\n\nupstream:\n  preset: custom\nclients: { file: clients.yaml }\n' +
        'userinfo: { backends: [{ type: headers }] }\n',
    );
    const { code, stdout, stderr } = await runProgram(serve(folder));

    expect(code).toBe(78);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/asteroid\.yaml:3: upstream\.trust: is missing, and anybody could/),
    ]);
    expect(stdout).toBe('');
  });

  it('names every problem of every file at once', async () => {
    const folder = await makeFolder({ config: { isuer: 'x', log: { level: 'loud' } } });
    await folder.write(
      'clients.yaml',
      [
        'clients:',
        '  - client_id: one',
        '    client_secret: what-only-one-knows-0123456789',
        '    redirect_uris: [https://one.example/cb#fragment]',
        '  - client_id: one',
        '    redirect_uri: [https://two.example/cb]',
        '    token_endpoint_auth_method: none',
        '  - client_id: three',
        '    redirect_uris: ["https://*.three.example/cb"]',
        '',
      ].join('\n'),
    );
    const { code, stderr } = await runProgram(serve(folder));
    const said = lines(stderr);

    expect(code).toBe(78);
    expect(said.length).toBeGreaterThanOrEqual(6);
    for (const line of said) expect(line).toMatch(/^\S+\.yaml:\d+: \S+: .+/);
    for (const place of [
      'clients.yaml:4:',
      'clients.yaml:5:',
      'clients.yaml:6:',
      'asteroid.yaml:1:',
    ]) {
      expect(stderr).toContain(place);
    }
    expect(stderr).toContain('did you mean issuer?');
  });

  for (const { given, content } of [
    { given: 'is cut off', content: 'clients:\n  - client_id: "app' },
    { given: 'is empty', content: '' },
    { given: 'is a list', content: '- client_id: app\n' },
    { given: 'is no text', content: 'clients: \u0000\u0001' },
  ]) {
    it(`says so when clients.yaml ${given}`, async () => {
      const folder = await makeFolder();
      await folder.write('clients.yaml', content);
      const config = { clients: { file: folder.file('clients.yaml') } };

      await expect(startProgram({ config })).rejects.toThrow(/^\S+clients\.yaml:\d+: \S+: .+$/);
    });
  }

  it('says which file is not there', async () => {
    const folder = await makeFolder();
    const missing = folder.file('overlay.yaml');
    const { code, stderr } = await runProgram([...serve(folder), '--config', missing]);

    expect(code).toBe(78);
    expect(lines(stderr)).toEqual([expect.stringMatching(/overlay\.yaml:1: .*does not exist/)]);
  });

  it('says that the key directory may not be read', async () => {
    const folder = await makeFolder({ config: { keys: { source: 'file', dir: 'keys' } } });
    await mkdir(folder.file('keys'), { mode: 0o700 });
    const isRoot = process.getuid?.() === 0;
    const bundle = isRoot ? await bundleProgram(folder.file('program')) : undefined;
    if (isRoot) await giveAway(folder);
    else await chmod(folder.file('keys'), 0);
    const asNobody = bundle === undefined ? {} : { uid: NOBODY, bundle };
    const { code, stderr } = await runProgram(serve(folder), asNobody);
    await chmod(folder.file('keys'), 0o700);

    expect(code).toBe(78);
    expect(lines(stderr)).toEqual([expect.stringMatching(/keys.*(EACCES|permission|may not)/i)]);
  });
});

/** Everything but the keys. */
async function giveAway({ path, file }: Folder): Promise<void> {
  await chmod(path, 0o755);
  for (const name of await readdir(path)) {
    if (name !== 'keys') await chown(file(name), NOBODY, NOBODY);
  }
}

describe.concurrent('what fails at run time ends with 1', () => {
  it('says which port is taken, in one line', async () => {
    const running = await startProgram();
    const { public: target } = running;
    const port = 'port' in target ? target.port : 0;
    const folder = await makeFolder({
      config: { listen: { public: { port }, admin: { port: 0 } } },
    });
    const { code, stderr } = await runProgram(serve(folder));

    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      `cannot listen on http://127.0.0.1:${port}: another program listens there already`,
    ]);
  });

  it('leaves nothing open when the second listener fails', async () => {
    const running = await startProgram();
    const { public: target } = running;
    const taken = 'port' in target ? target.port : 0;
    const free = await findFreePort();
    const config = (admin: number) => ({
      listen: { public: { port: free }, admin: { port: admin } },
    });
    await expect(startProgram({ config: config(taken) })).rejects.toThrow('cannot listen');

    const second = await startProgram({ config: config(0) });

    expect(second.public).toEqual({ port: free });
  });
});

describe.concurrent('check', () => {
  it('prints warnings, counts clients, serves nothing, and ends with 0', async () => {
    const folder = await makeFolder({ config: { listen: { public: { port: 1 } } } });
    const { code, stdout, stderr } = await runProgram(['check', '--config', folder.configFile]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 clients?, issuer https:\/\/sso\.example: no problems\n$/);
    expect(stderr).toMatch(/^warning: .*clients\.yaml:1: .*client_secret: is plain text/m);
    expect(stderr).toMatch(/^warning: .*keys\.source: forgets the keys at a restart/m);
  });

  it('merges configurations in order, and the environment goes over all of them', async () => {
    const base = await makeFolder();
    const overlay = await makeFolder();
    await overlay.write(
      'asteroid.yaml',
      'issuer: https://second.example\nlog: { format: pretty }\n',
    );
    const args = ['check', ...serve(base, overlay).slice(1)];
    const env = { ASTEROID_ISSUER: 'https://third.example' };
    const [merged, overridden] = await Promise.all([
      runProgram(args, { env: { ASTEROID_ISUER: 'x', ASTEROID_SERVICE_HOST: '10.0.0.1' } }),
      runProgram(args, { env }),
    ]);

    expect(merged.stdout).toContain('issuer https://second.example');
    expect(overridden.stdout).toContain('issuer https://third.example');
    expect(merged.code).toBe(0);
    expect(merged.stderr).toMatch(/ASTEROID_ISUER.*did you mean ASTEROID_ISSUER\?/);
    expect(merged.stderr).not.toContain('SERVICE_HOST');
  });
});

describe.concurrent('hash', () => {
  for (const options of [[], ['--random']]) {
    it(`makes what client_secret_hash takes: ${['hash', ...options].join(' ')}`, async () => {
      const secret = 'a secret of the client, 0123456789';
      const { code, stdout } = await runProgram(['hash', ...options], { stdin: `${secret}\n` });
      const client: Metadata = {
        client_id: 'app',
        client_secret_hash: stdout.trim(),
        grant_types: ['client_credentials'],
        scope: 'reports.read',
      };
      const program = await startProgram({ clients: [client] });
      const ask = async (presented: string) => {
        const form = { grant_type: 'client_credentials' };
        const authorization = `Authorization: ${basic('app', presented)}`;
        return (await submit(program.public, '/token', form, authorization)).status;
      };

      expect(code).toBe(0);
      expect(stdout).not.toContain(secret);
      expect(await ask(secret)).toBe(200);
      expect(await ask(`${secret}x`)).toBe(401);
      expect(await ask(stdout.trim())).toBe(401);
    });
  }

  it('of nothing ends with 2', async () => {
    expect((await runProgram(['hash'], { stdin: '\n' })).code).toBe(2);
  });
});

describe.concurrent('keys', () => {
  it('are made, listed and rotated in a directory, and an issuer signs with them', async () => {
    const folder = await makeFolder({ config: { keys: { source: 'file', dir: 'keys' } } });
    const dir = folder.file('keys');
    const generated = await runProgram(['keys', 'generate', '--dir', dir]);
    const rotated = await runProgram(['keys', 'rotate', '--dir', dir, '--publish-ahead', '1h']);
    const listed = await runProgram(['keys', 'list', '--dir', dir]);
    const program = await startProgram({ config: { keys: { source: 'file', dir } } });
    const [header = ''] = (await signIn(program)).id_token.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const rows = lines(listed.stdout).filter((line) => line.includes('ES256'));

    expect([generated.code, rotated.code, listed.code]).toEqual([0, 0, 0]);
    expect(rows).toHaveLength(2);
    expect(rows.filter((row) => row.includes(kid))).toHaveLength(1);
    expect(listed.stdout).not.toContain('PRIVATE KEY');
    expect((await readdir(dir)).filter((name) => name.endsWith('.ES256.pem'))).toHaveLength(2);
  });

  it('of a directory that is not there end with 78', async () => {
    const folder = await makeFolder();
    const { code, stderr } = await runProgram(['keys', 'list', '--dir', folder.file('none')]);

    expect(code).toBe(78);
    expect(lines(stderr)).toHaveLength(1);
  });
});

describe.concurrent('health', () => {
  const health = (port: number) =>
    runProgram(['health', '--url', `http://127.0.0.1:${port}/readyz`]);

  it('ends with 0 when the issuer is ready and with 1 when it is not, or not there', async () => {
    const ready = await startProgram();
    const redis = { driver: 'redis', redis: { url: 'redis://127.0.0.1:1' } };
    const unready = await startProgram({ config: { store: redis } });
    const ports = [ready, unready].map((program) => {
      const admin = program.at('admin');
      return 'port' in admin ? admin.port : 0;
    });
    const [good, bad, none] = await Promise.all([...ports, await findFreePort()].map(health));

    expect(good).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('answered 503') });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  });
});

describe.concurrent('dev', () => {
  it('is refused where it would be production, or on the network', async () => {
    const [production, network] = await Promise.all([
      runProgram(['dev'], { env: { NODE_ENV: 'production' } }),
      runProgram(['dev', '--host', '0.0.0.0', '--port', '0']),
    ]);

    expect(production.code).toBe(2);
    expect(network.code).toBe(78);
    expect(network.stderr).toMatch(/listen\.public\.host: is not loopback.*ASTEROID_DEV_EXPOSE=1/);
  });

  it('prints a line that is pasted to get tokens', async () => {
    const [port, admin] = [await findFreePort(), await findFreePort()];
    const child = spawnProgram(['dev', '--port', String(port), '--admin-port', String(admin)]);
    while (!child.stdout().includes('curl')) await new Promise((go) => setTimeout(go, 20));

    expect(child.stdout()).toContain(`http://localhost:${port}/authorize?`);
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });
});
