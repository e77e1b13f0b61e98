import { chmod, chown, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  makeFolder,
  type Program,
  REDIRECT_URI,
  spawnProgram,
  startProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  honest,
  redeem,
  refresh,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
} from './threats.fixture.ts';

const clientOf = (id: string, more: object = {}): Metadata => ({
  client_id: id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  ...more,
});
const APPS = ['app', 'second', 'third'].map((id) => clientOf(id));
const EXCHANGER = clientOf('exchanger', {
  grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
  redirect_uris: [],
  token_exchange: { issuers: ['self'], clients: ['app'], audiences: ['orders'] },
});

type Logged = Pick<Program, 'logged'>;

const countOf = (program: Logged, message: string): number =>
  program.logged().filter(({ msg }) => msg === message).length;

/** Whether somebody can sign in to this client. */
const knows = async (program: Program, id: string): Promise<boolean> =>
  codeOf(await ask(program.public, [authorize({ client_id: id }), HOST, SECRET, ALICE])) !==
  undefined;

const configurationOf = async (program: Pick<Program, 'at'>): Promise<unknown> =>
  JSON.parse((await ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST])).body).configuration;

/** Rewrites asteroid.yaml with other sections. */
async function rewrite(program: Pick<Program, 'folder'>, sections: Metadata): Promise<void> {
  const { folder } = program;
  const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...before, ...sections }));
}

/** Answers when it is told to. */
async function startSlowHook() {
  let release = (): void => undefined;
  const asked: unknown[] = [];
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer(async (request, response) => {
    for await (const chunk of request) asked.push(chunk);
    await held;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"allow":true}');
  });
  onTestFinished(() => {
    release();
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, asked, release: () => release() };
}

describe('a request during a reload', () => {
  it('ends with the configuration with which it began, whatever it waits for (F-28)', async () => {
    const { url, asked, release } = await startSlowHook();
    const program = await startProgram({
      clients: APPS,
      config: { token_hook: { url, timeout: '30s', secret_file: 'hook' } },
      files: { hook: 'a-secret-of-the-hook-0123456789abcdef\n' },
    });
    const under = redeem(program.public, codeOf(await ask(program.public, honest())) ?? '');
    await until(() => asked.length > 0);

    // From here on ID Tokens say which authorization they belong to, since some may be exchanged.
    await program.folder.writeClients([
      ...APPS.slice(1),
      clientOf('app', { id_token_claims: 'minimal' }),
      EXCHANGER,
    ]);
    await program.reload();
    // Whoever watches the file may have been first, and SIGHUP is told in any case.
    expect(countOf(program, 'reloaded')).toBeGreaterThan(0);
    release();
    const before = claimsOf((await under).id_token);
    const after = claimsOf((await signIn(program)).id_token);

    expect(before['sub']).toBe('alice');
    expect(before['authorization_id']).toBeUndefined();
    expect(after['authorization_id']).toEqual(expect.any(String));
  });

  it('is answered, and by one set or the other, however often files change (F-28)', async () => {
    const program = await startProgram({ clients: APPS });
    let isOver = false;
    const seen: string[] = [];
    const asking = async (): Promise<void> => {
      const tokens = await signIn(program);
      let { refresh_token } = tokens;
      while (!isOver) {
        const { status, body } = await refresh(program.public, refresh_token);
        seen.push(status === 200 ? 'refreshed' : `${status} ${body}`);
        refresh_token = JSON.parse(body).refresh_token;
        const { subject } = await attempt(program, honest());
        seen.push(subject === 'alice' ? 'signed in' : 'not signed in');
      }
    };
    const clients = Array.from({ length: 4 }, asking);
    const good = JSON.stringify({ clients: APPS });
    for (let count = 0; count < 50; count += 1) {
      const end = count % 2 === 0 ? good.length : Math.floor((good.length * count) / 50);
      await program.folder.write('clients.yaml', `${good.slice(0, end)}\n# ${count}\n`);
      await pause(20);
    }
    await program.folder.writeClients([...APPS, clientOf('last')]);
    await until(() => knows(program, 'last'));
    isOver = true;
    await Promise.all(clients);

    expect(new Set(seen)).toEqual(new Set(['refreshed', 'signed in']));
    await until(async () => (await configurationOf(program)) === 'current');
  });
});

describe('a reload that names other files', () => {
  it('watches them from then on, and the old ones no more', async () => {
    const program = await startProgram({ clients: APPS });
    await program.folder.write('moved.yaml', JSON.stringify({ clients: APPS }));
    const next = 'the-secret-after-the-rotation-9876543210';
    await program.folder.write('moved-secret', `${UPSTREAM_SECRET}\n`);
    await rewrite(program, {
      clients: { file: 'moved.yaml' },
      upstream: { trust: { secret: { files: ['moved-secret'] } } },
    });
    await until(() => countOf(program, 'reloaded') >= 1);

    await program.folder.write(
      'moved.yaml',
      JSON.stringify({ clients: [...APPS, clientOf('new')] }),
    );
    await until(() => knows(program, 'new'));
    await program.folder.write('moved-secret', `${next}\n`);
    await until(() => countOf(program, 'reloaded') >= 3);
    await program.folder.writeClients([clientOf('old')]);
    await pause(500);

    const rotated = unproven(`X-Asteroid-Upstream-Secret: ${next}`, ALICE);
    expect(await attempt(program, rotated)).toEqual(SIGNED_IN);
    expect(await attempt(program, honest())).toEqual(refused(403, 'upstream_secret'));
    expect(countOf(program, 'reloaded')).toBe(3);
    expect(countOf(program, 'reload failed: everything stays as it was')).toBe(0);
  });

  it('waits for one that is not there yet', async () => {
    const program = await startProgram({ clients: APPS });
    await rewrite(program, { clients: { file: 'later.yaml' } });
    await until(() => /later\.yaml.*does not exist/.test(program.logText()));
    // Nothing more comes of the change that named it.
    await pause(1000);
    expect(await configurationOf(program)).toBe('outdated');
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);

    await program.folder.write(
      'later.yaml',
      JSON.stringify({ clients: [...APPS, clientOf('new')] }),
    );
    await until(() => knows(program, 'new'));

    expect(await configurationOf(program)).toBe('current');
  });

  it('says that a restart is needed until there was one', async () => {
    const program = await startProgram({ clients: APPS });
    const listen = { public: { port: 0 }, admin: { port: 0, host: 'localhost' } };
    await rewrite(program, { listen, keys: { source: 'ephemeral', dir: 'elsewhere' } });
    await until(() => countOf(program, 'reloaded') >= 1);
    await program.folder.writeClients([...APPS, clientOf('new')]);
    await until(() => countOf(program, 'reloaded') >= 2);

    const told = program.logged().filter(({ msg }) => msg === 'reloaded');
    const waiting = ['listen.admin.host', 'keys.dir'];
    expect(told.map(({ restart_needed }) => restart_needed)).toEqual([waiting, waiting]);
  });
});

describe('a ConfigMap that is swapped', () => {
  it('is one reload of all its files together', async () => {
    const program = await startProgram({ clients: APPS });
    const { file } = program.folder;
    const put = async (version: string, ids: readonly string[]): Promise<void> => {
      await mkdir(file(`..${version}`), { recursive: true });
      const clients = ids.map((id) => clientOf(id));
      // The list of clients is one half of what is said, its number the other.
      await writeFile(
        file(`..${version}/clients.yaml`),
        JSON.stringify({ clients, clients_count: ids.length }),
      );
      await symlink(`..${version}`, file('..data_tmp'));
      await rename(file('..data_tmp'), file('..data'));
    };
    await put('v0', ['app']);
    await rewrite(program, { clients: { file: '..data/clients.yaml' } });
    await until(() => countOf(program, 'reloaded') > 0);
    const before = countOf(program, 'reloaded');

    for (const round of [1, 2, 3]) {
      await put(`v${round}`, ['app', `new-${round}`]);
      await rm(file(`..v${round - 1}`), { recursive: true });
      await until(() => knows(program, `new-${round}`));
    }
    await pause(300);

    expect(countOf(program, 'reloaded') - before).toBe(3);
    expect(program.logged().filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a clients.yaml that cannot be read (CF-3)', () => {
  for (const { given, spoil } of [
    {
      given: 'is a folder',
      spoil: async (name: string) => {
        await rm(name);
        await mkdir(name);
      },
    },
    { given: 'is gone', spoil: (name: string) => rm(name) },
    { given: 'is empty', spoil: (name: string) => writeFile(name, '') },
    {
      given: 'is no UTF-8',
      spoil: (name: string) => writeFile(name, Buffer.from([0x63, 0xff, 0xfe, 0x0a])),
    },
    {
      given: 'leads to itself',
      spoil: async (name: string) => {
        await rm(name);
        await symlink(name, name);
      },
    },
  ]) {
    it(`leaves everything as it was when it ${given}, says so, and the next good one counts`, async () => {
      const program = await startProgram({ clients: APPS });
      const name = program.folder.file('clients.yaml');

      await spoil(name);
      await until(async () => (await configurationOf(program)) === 'outdated');
      expect(program.logged().some(({ level }) => level === 'error')).toBe(true);
      expect(await attempt(program, honest())).toEqual(SIGNED_IN);
      await rm(name, { recursive: true, force: true });
      await program.folder.writeClients([...APPS, clientOf('new')]);
      await until(() => knows(program, 'new'));

      expect(await configurationOf(program)).toBe('current');
    });
  }

  it('leaves everything as it was when it may no longer be read', async () => {
    const folder = await makeFolder({
      clients: APPS,
      config: { listen: { public: { port: 0 }, admin: { port: 0 } } },
    });
    const isRoot = process.getuid?.() === 0;
    const bundle = isRoot ? await bundleProgram(folder.file('program')) : undefined;
    await chmod(folder.path, 0o755);
    for (const name of isRoot ? ['asteroid.yaml', 'clients.yaml', 'upstream', 'users.yaml'] : []) {
      await chown(folder.file(name), NOBODY, NOBODY);
    }
    const asNobody = bundle === undefined ? {} : { uid: NOBODY, bundle };
    const child = spawnProgram(['serve', '--config', folder.configFile], asNobody);
    const target = await child.at('public');

    await chmod(folder.file('clients.yaml'), 0);
    child.process.kill('SIGHUP');
    const failed = await child.logs('reload failed: everything stays as it was');
    const answer = await ask(target, honest());

    expect(String(failed['problems'])).toMatch(/clients\.yaml/);
    expect(codeOf(answer)).toBeDefined();
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });
});

const NOBODY = 65_534;
