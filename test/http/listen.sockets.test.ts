import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { HOST, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const JWKS = ['GET /jwks.json HTTP/1.1', HOST];
const AUTHORIZE = ['GET /authorize HTTP/1.1', HOST];

describe('listening on TCP', () => {
  it('tells the port it got', async () => {
    const { listener, target } = await startHttp();

    expect(listener.port).toBeGreaterThan(0);
    expect(listener.name).toBe(`http://127.0.0.1:${listener.port}`);
    expect((await ask(target, JWKS)).status).toBe(200);
  });

  it('says that a port is taken', async () => {
    const { listener } = await startHttp();
    const address = { kind: 'tcp', host: '127.0.0.1', port: listener.port ?? 0 } as const;

    await expect(startHttp({ address })).rejects.toThrow(
      `cannot listen on http://127.0.0.1:${address.port}: another program listens there already`,
    );
  });

  it('says that the machine has no such address', async () => {
    const address = { kind: 'tcp', host: '192.0.2.1', port: 0 } as const;

    await expect(startHttp({ address })).rejects.toThrow('this machine has no such address');
  });

  it('names an IPv6 address in brackets', async () => {
    const address = { kind: 'tcp', host: '2001:db8::1', port: 1 } as const;

    await expect(startHttp({ address })).rejects.toThrow(
      'cannot listen on http://[2001:db8::1]:1: ',
    );
  });

  it('says that nothing was handed over', async () => {
    await expect(startHttp({ address: { kind: 'fd', fd: 987 } })).rejects.toThrow(
      'cannot listen on fd:987: ',
    );
  });
});

describe('listening on a Unix socket', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sockets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const at = (name = 'asteroid.sock', mode = 0o660) =>
    ({ kind: 'unix', path: path.join(folder, name), mode }) as const;

  it('tells the upstream that the peer came by the socket, and has no address', async () => {
    const address = at();
    const { listener, identified } = await startHttp({ address });

    const { status } = await ask({ path: address.path }, AUTHORIZE);

    expect(status).toBe(303);
    expect(listener.name).toBe(`unix:${address.path}`);
    expect(listener.port).toBeUndefined();
    expect(identified[0]?.peer).toEqual({
      address: undefined,
      unixSocket: true,
      certificate: undefined,
    });
  });

  for (const mode of [0o600, 0o660, 0o666]) {
    it(`gives the file the mode ${mode.toString(8)} whatever the umask is, and leaves that as it was`, async () => {
      const before = process.umask(0o027);

      await startHttp({ address: at('a.sock', mode) });

      expect(process.umask(before)).toBe(0o027);
      expect(statSync(path.join(folder, 'a.sock')).mode & 0o777).toBe(mode);
    });
  }

  it('gives the file to a group, by number or by name', async () => {
    const own = process.getgid?.() ?? 0;
    const name = spawnSync('id', ['-gn']).stdout.toString().trim();

    await startHttp({ address: { ...at('a.sock'), group: own } });
    await startHttp({ address: { ...at('b.sock'), group: name } });

    expect(statSync(path.join(folder, 'a.sock')).gid).toBe(own);
    expect(statSync(path.join(folder, 'b.sock')).gid).toBe(own);
  });

  it('refuses a group that does not exist before it listens', async () => {
    const address = { ...at(), group: 'no-such-group' };

    await expect(startHttp({ address })).rejects.toThrow('there is no group no-such-group');
    await expect(ask({ path: address.path }, JWKS)).rejects.toThrow('ENOENT');
  });

  it('refuses a directory that everybody may write to, unless it is sticky', async () => {
    chmodSync(folder, 0o777);
    await expect(startHttp({ address: at() })).rejects.toThrow(`everybody may write to ${folder}`);

    chmodSync(folder, 0o1777);
    const address = at();
    await startHttp({ address });
    expect((await ask({ path: address.path }, JWKS)).status).toBe(200);
  });

  it('says that the directory does not exist', async () => {
    await expect(startHttp({ address: at('no/such.sock') })).rejects.toThrow(
      'the directory does not exist',
    );
  });

  it('takes the place of a socket that a killed process left behind', async () => {
    const address = at();
    const script = `require('net').createServer().listen(${JSON.stringify(address.path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(statSync(address.path).isSocket()).toBe(true);

    await startHttp({ address });

    expect((await ask({ path: address.path }, JWKS)).status).toBe(200);
  });

  it('leaves a socket alone that somebody answers on', async () => {
    const address = at();
    await startHttp({ address });

    await expect(startHttp({ address })).rejects.toThrow('another program listens there already');
    expect((await ask({ path: address.path }, JWKS)).status).toBe(200);
  });

  it('leaves a file alone that is no socket', async () => {
    writeFileSync(path.join(folder, 'asteroid.sock'), 'precious');

    await expect(startHttp({ address: at() })).rejects.toThrow('that is no socket');
    expect(statSync(path.join(folder, 'asteroid.sock')).size).toBe(8);
  });

  it('removes the file when it is done', async () => {
    const { listener } = await startHttp({ address: at() });

    await listener.drain(0);

    expect(statSync(path.join(folder, 'asteroid.sock'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('listening on a socket that was handed over (LISTEN_FDS)', () => {
  const program = path.join(import.meta.dirname, '../support/inherited-socket.ts');

  /** Hands the socket of `owner` to a process of its own, as systemd does. */
  async function handOver(owner: Server): Promise<ChildProcess> {
    const handle: unknown = Reflect.get(owner, '_handle');
    const fd = Number(Reflect.get(Object(handle), 'fd'));
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout ?? child, 'data');
    owner.close();
    return child;
  }

  it('knows the peers of a TCP socket by their address', async () => {
    const owner = createServer().listen(0, '127.0.0.1');
    await once(owner, 'listening');
    const address = owner.address();
    await handOver(owner);

    const { body } = await ask(
      { port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
      JWKS,
    );

    expect(JSON.parse(body)).toEqual({ remoteAddress: '127.0.0.1', unixSocket: false });
  });

  it('knows the peers of a Unix socket as such', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sockets-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const owner = createServer().listen(path.join(folder, 'own'));
    await once(owner, 'listening');
    linkSync(path.join(folder, 'own'), path.join(folder, 'kept')); // the owner removes its name
    await handOver(owner);

    const { body } = await ask({ path: path.join(folder, 'kept') }, JWKS);

    expect(JSON.parse(body)).toEqual({ unixSocket: true });
  });
});
