import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeFolder,
  type Program,
  type ProgramOptions,
  spawnProgram,
  startProgram,
} from '../support/program.ts';
import { sendRaw } from '../support/raw-http.ts';
import {
  ALICE,
  attempt,
  HOST,
  honest,
  query,
  refused,
  SIGNED_IN,
  unproven,
  user,
} from './threats.fixture.ts';

const ADMIN = { port: 0 };
const SOCKET = { trust: { unix_socket: true } };

const onSocket = (socket: object, more: ProgramOptions = {}): Promise<Program> =>
  startProgram({
    ...more,
    config: { listen: { public: { ...socket }, admin: ADMIN }, upstream: SOCKET },
  });

const permissionsOf = async (target: object) => {
  const { mode, gid } = await stat('path' in target ? String(target.path) : '');
  return { mode: mode & 0o777, gid };
};

describe('a Unix socket as the proof (T04, T33)', () => {
  it('passes whoever may open it, and nobody has to send a secret', async () => {
    const program = await onSocket({ socket: 'asteroid.sock' });

    expect(await attempt(program, unproven(ALICE))).toEqual(SIGNED_IN);
    expect(await attempt(program, unproven())).toEqual(refused(401));
  });

  it('is for its owner and its group only, unless the configuration says otherwise', async () => {
    const group = process.getuid?.() === 0 ? 1 : (process.getgid?.() ?? 0);
    const plain = await onSocket({ socket: 'asteroid.sock' });
    const narrow = await onSocket({ socket: 'asteroid.sock', mode: '0600', group });

    expect(await permissionsOf(plain.public)).toMatchObject({ mode: 0o660 });
    expect(await permissionsOf(narrow.public)).toEqual({ mode: 0o600, gid: group });
  });

  it('is needed beside a secret that is configured too', async () => {
    const program = await startProgram({
      config: {
        listen: { public: { socket: 'asteroid.sock' }, admin: ADMIN },
        upstream: { trust: { unix_socket: true, secret: { files: ['upstream'] } } },
      },
    });

    expect(await attempt(program, unproven(ALICE))).toEqual(refused(403, 'upstream_secret'));
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('proves every request on a connection, which is why a secret beside it is better', async () => {
    const program = await onSocket({ socket: 'asteroid.sock' });
    const lines = [`GET /authorize?${query()} HTTP/1.1`, HOST, user('root')].join('\r\n');

    const { answers } = await sendRaw(program.public, `${lines}\r\n\r\n${lines}\r\n\r\n`, {
      answers: 2,
    });

    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  });

  it('is never opened where everybody could put another in its place', async () => {
    const { path: home } = await makeFolder();
    const open = path.join(home, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    const socket = path.join(open, 'asteroid.sock');

    await expect(onSocket({ socket })).rejects.toThrow(/everybody may write to .*open/);

    await chmod(open, 0o750);
    expect(await attempt(await onSocket({ socket }), unproven(ALICE))).toEqual(SIGNED_IN);
  });

  it('is no proof when everybody may write to it', async () => {
    const socket = 'asteroid.sock';

    await expect(onSocket({ socket, mode: '0666' })).rejects.toThrow(
      /listen\.public\.mode: lets everybody write to the socket/,
    );
    await expect(onSocket({ socket, mode: '0662' })).rejects.toThrow(/everybody/);
  });

  it('takes no place where a file is, or somebody listens, or a group that does not exist', async () => {
    const running = await onSocket({ socket: 'asteroid.sock' });
    const taken = running.folder.file('asteroid.sock');
    const file = running.folder.file('a-file');
    await writeFile(file, 'kept');

    await expect(onSocket({ socket: taken })).rejects.toThrow(/another program listens there/);
    await expect(onSocket({ socket: file })).rejects.toThrow(/no socket/);
    await expect(onSocket({ socket: 'x.sock', group: 'no-such-group' })).rejects.toThrow(
      /there is no group no-such-group/,
    );
    expect((await stat(file)).size).toBe(4);
    expect(await attempt(running, unproven(ALICE))).toEqual(SIGNED_IN);
  });

  it('takes the place that a killed process left behind', async () => {
    const { path: home } = await makeFolder();
    const socket = path.join(home, 'left.sock');
    const before = spawnProgram(['serve', '--config', (await deadConfig(socket)).configFile]);
    await before.at('public');
    before.process.kill('SIGKILL');
    await before.exit;

    expect((await stat(socket)).isSocket()).toBe(true);
    expect(await attempt(await onSocket({ socket }), unproven(ALICE))).toEqual(SIGNED_IN);
  });

  it('stands below RUNTIME_DIRECTORY when its name is relative', async () => {
    const { path: home } = await makeFolder();
    const program = await onSocket(
      { socket: 'asteroid.sock' },
      { env: { RUNTIME_DIRECTORY: home } },
    );

    expect(program.public).toEqual({ path: path.join(home, 'asteroid.sock') });
  });
});

const deadConfig = (socket: string) =>
  makeFolder({ config: { listen: { public: { socket }, admin: ADMIN }, upstream: SOCKET } });

describe('a TCP peer where the socket is the proof (T33, T34)', () => {
  it('cannot be: a TCP listener that reads identity is refused at start', async () => {
    await expect(onSocket({ port: 0 })).rejects.toThrow(
      /asteroid\.yaml:\d+: upstream\.trust\.unix_socket: proves nothing, since listen\.public is not a Unix socket/,
    );
  });

  it('is 403 on a TCP socket that systemd hands over in place of the configured one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const descriptor: unknown = Reflect.get(Object(Reflect.get(server, '_handle')), 'fd');
    const { configFile } = await deadConfig('asteroid.sock');
    const child = spawnProgram(['serve', '--config', configFile], {
      env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'public' },
      descriptors: [Number(descriptor)],
    });
    await child.logs('listening');
    server.close();

    const { answers } = await sendRaw({ port }, `${unproven(ALICE).join('\r\n')}\r\n\r\n`);

    expect(answers.map(({ status }) => status)).toEqual([403]);
    expect((await child.logs('identity.refused'))['reason']).toBe('untrusted_peer');
  });
});
