import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  makeFolder,
  type Program,
  REDIRECT_URI,
  spawnProgram,
  startProgram,
} from '../support/program.ts';
import { openRaw, type RawTarget } from '../support/raw-http.ts';
import { startRedis } from '../support/redis-server.ts';
import {
  ALICE,
  APP,
  ask,
  attempt,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  redirected,
  refresh,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  submit,
  unproven,
} from './threats.fixture.ts';

const clientOf = (id: string, more: object = {}): Metadata => ({
  client_id: id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  ...more,
});
const APPS = ['app', 'second', 'third', 'fourth'].map((id) => clientOf(id));

async function spawnServe(options: Parameters<typeof makeFolder>[0] = {}) {
  const folder = await makeFolder(options);
  const child = spawnProgram(['serve', '--config', folder.configFile]);
  return { folder, child, target: await child.at('public'), admin: await child.at('admin') };
}

const get = (target: RawTarget, path: string) => ask(target, [`GET ${path} HTTP/1.1`, HOST]);

async function until<Value>(find: () => Promise<Value>, isIt: (value: Value) => boolean) {
  for (;;) {
    const value = await find();
    if (isIt(value)) return value;
    await pause(20);
  }
}

/** A token request whose last byte is not sent yet. */
async function openRequest(target: RawTarget) {
  const body = 'grant_type=refresh_token&refresh_token=rt_unknown';
  const connection = await openRaw(target);
  const lines = ['POST /token HTTP/1.1', HOST, FORM, `Authorization: ${APP}`];
  const head = [...lines, `Content-Length: ${body.length}`].join('\r\n');
  connection.write(`${head}\r\n\r\n${body.slice(0, -1)}`);
  return { connection, finish: () => connection.write(body.slice(-1)) };
}

/** What the log says of the end. */
const storyOf = (child: Pick<Program, 'logged'>) =>
  child
    .logged()
    .map(({ msg }) => String(msg))
    .filter((msg) => /^(draining|asked again|stopped)/.test(msg));

describe.concurrent('SIGTERM', () => {
  it('turns readiness red at once, lets a request under way finish, and ends with 0', async () => {
    const { child, target, admin } = await spawnServe();
    expect((await get(admin, '/readyz')).status).toBe(200);
    const { connection, finish } = await openRequest(target);
    await pause(50);

    child.process.kill('SIGTERM');
    const red = await until(
      () => get(admin, '/readyz'),
      ({ status }) => status !== 200,
    );
    expect({ status: red.status, draining: JSON.parse(red.body).draining }).toEqual({
      status: 503,
      draining: true,
    });
    await until(
      () => get(target, '/jwks.json').catch(() => 'refused'),
      (answer) => answer === 'refused',
    );
    expect((await get(admin, '/readyz')).status).toBe(503);
    expect((await get(admin, '/livez')).status).toBe(200);
    finish();
    const { status, body, headers } = await connection.next();

    expect({ status, error: JSON.parse(body).error }).toEqual({
      status: 400,
      error: 'invalid_grant',
    });
    expect(headers['connection']).toBe('close');
    expect(await child.exit).toBe(0);
    expect(storyOf(child)).toEqual(['draining', 'stopped']);
    expect(child.stderr()).toBe('');
  });

  it('gives up on a request that does not finish, within shutdown.grace', async () => {
    const { child, target } = await spawnServe({ config: { shutdown: { grace: '1s' } } });
    const { connection } = await openRequest(target);
    await pause(50);
    const since = performance.now();

    child.process.kill('SIGTERM');
    await connection.closed;

    expect(await child.exit).toBe(0);
    expect(performance.now() - since).toBeLessThan(3000);
  });

  for (const { given, shutdown } of [
    { given: 'while requests are under way', shutdown: { grace: '1h' } },
    { given: 'during shutdown.delay', shutdown: { grace: '1h', delay: '10m' } },
  ]) {
    it(`sent twice ends everything at once, ${given}`, async () => {
      const { child, target } = await spawnServe({ config: { shutdown } });
      await openRequest(target);
      await pause(50);

      child.process.kill('SIGTERM');
      await pause(100);
      child.process.kill('SIGINT');

      expect(await child.exit).toBe(0);
      expect(storyOf(child)).toEqual([
        'draining',
        'asked again to stop: everything ends at once',
        'stopped',
      ]);
    });
  }

  it('keeps accepting for shutdown.delay, while readiness is red already', async () => {
    const { child, target, admin } = await spawnServe({ config: { shutdown: { delay: '1s' } } });

    child.process.kill('SIGTERM');
    await until(
      () => get(admin, '/readyz'),
      ({ status }) => status === 503,
    );

    const { status, headers } = await get(target, '/jwks.json');
    expect({ status, connection: headers['connection'] }).toEqual({
      status: 200,
      connection: 'close',
    });
    expect(await child.exit).toBe(0);
  });
});

describe.concurrent('SIGHUP and changed files', () => {
  it('are a reload each, which says what changed and what waits for a restart', async () => {
    const { child, folder, target } = await spawnServe({ clients: APPS });
    child.process.kill('SIGHUP');
    const first = await child.logs('reloaded');
    await folder.writeClients([...APPS.slice(1), clientOf('fifth'), clientOf('app', LONGER)]);
    const second = await child.logs('reloaded', 2);
    const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
    const moved = { ...config, issuer: 'https://moved.example', log: { level: 'info' } };
    await folder.write('asteroid.yaml', JSON.stringify(moved));
    const third = await child.logs('reloaded', 3);
    await ask(target, ['GET /jwks.json HTTP/1.1', HOST, ALICE]);
    const answer = await ask(target, [authorize({ client_id: 'fifth' }), HOST, SECRET, ALICE]);

    expect(first).toMatchObject({ clients_added: [], clients_removed: [], clients_changed: [] });
    expect(second).toMatchObject({ clients_added: ['fifth'], clients_changed: ['app'] });
    expect(third).toMatchObject({ restart_needed: ['issuer'] });
    expect(child.logged().filter(({ level }) => level === 'debug')).toEqual([]);
    expect(redirected(answer)).toMatchObject({ iss: 'https://sso.example' });
    expect(codeOf(answer)).toBeDefined();
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);
  });
});

const LONGER = { scope: 'openid email' };
const start = () => startProgram({ clients: APPS });
const waitFor = (program: Program, message: string) =>
  until(
    async () => program.logged().filter(({ msg }) => msg === message),
    (lines) => lines.length > 0,
  );

describe('a changed clients.yaml (CF-6)', () => {
  it('adds a client, whose sign-ins work without a signal', async () => {
    const program = await start();
    const fifth = [authorize({ client_id: 'fifth' }), HOST, SECRET, ALICE];
    expect(await attempt(program, fifth)).toMatchObject({ status: 400 });

    await program.folder.writeClients([...APPS, clientOf('fifth')]);
    await waitFor(program, 'reloaded');

    expect(codeOf(await ask(program.public, fifth))).toBeDefined();
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('removes a client, whose tokens and codes stop working', async () => {
    const program = await start();
    const { access_token, refresh_token } = await signIn(program);
    const bearer = `Authorization: Bearer ${access_token}`;
    const userinfo = () => ask(program.public, ['GET /userinfo HTTP/1.1', HOST, bearer]);
    expect((await userinfo()).status).toBe(200);

    await program.folder.writeClients(APPS.slice(1));
    await program.reload();

    expect((await userinfo()).status).toBe(401);
    expect((await refresh(program.public, refresh_token)).status).toBe(401);
    expect(await attempt(program, honest())).toMatchObject({ status: 400, subject: undefined });
  });

  it('changes a secret and a redirect URI for codes that are out already', async () => {
    const program = await start();
    const code = codeOf(await ask(program.public, honest()));
    const moved = clientOf('app', {
      client_secret: 'another-secret-of-the-client-0123456789',
      redirect_uris: ['https://moved.example/callback'],
    });
    await program.folder.writeClients([moved, ...APPS.slice(1)]);
    await program.reload();
    const fields = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    const { status } = await submit(program.public, '/token', fields, `Authorization: ${APP}`);

    expect(status).toBe(401);
    expect(await attempt(program, honest())).toMatchObject({ status: 400 });
  });

  for (const { given, content } of [
    { given: 'is no YAML', content: 'clients: [' },
    { given: 'is cut off in the middle', content: JSON.stringify({ clients: APPS }).slice(0, 150) },
    { given: 'is empty', content: '' },
    { given: 'names an unknown key', content: JSON.stringify({ clients: [{ client_idd: 'x' }] }) },
    { given: 'lost most of its clients', content: JSON.stringify({ clients: [APPS[0]] }) },
  ]) {
    it(`changes nothing when it ${given}, and says so`, async () => {
      const program = await start();
      const { refresh_token } = await signIn(program);
      await program.folder.write('clients.yaml', content);
      await program.reload();
      const errors = program.logged().filter(({ level }) => level === 'error');

      expect(errors.length).toBeGreaterThan(0);
      expect(program.logText()).not.toContain(CLIENT_SECRET);
      expect((await refresh(program.public, refresh_token)).status).toBe(200);
      expect(await attempt(program, honest())).toEqual(SIGNED_IN);
    });
  }

  it('that was cut off between two clients changes nothing, and does once it says its size', async () => {
    const program = await start();
    const yaml = (ids: readonly string[]) =>
      `clients:\n${ids
        .map(
          (id) =>
            `  - client_id: ${id}\n    client_secret: ${CLIENT_SECRET}\n    redirect_uris: ["${REDIRECT_URI}"]\n`,
        )
        .join('')}`;
    await program.folder.write('clients.yaml', yaml(['app', 'second', 'third', 'fourth']));
    await program.reload();
    const fourth = [authorize({ client_id: 'fourth' }), HOST, SECRET, ALICE];

    await program.folder.write('clients.yaml', yaml(['app', 'second', 'third']));
    await program.reload();
    expect(codeOf(await ask(program.public, fourth))).toBeDefined();

    await program.folder.write(
      'clients.yaml',
      `${yaml(['app', 'second', 'third'])}clients_count: 3\n`,
    );
    await program.reload();
    expect(codeOf(await ask(program.public, fourth))).toBeUndefined();
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });

  it('fails no request, however often it changes', async () => {
    const program = await start();
    let isOver = false;
    const reloads = (async () => {
      for (let count = 0; count < 30; count += 1) {
        await program.folder.writeClients([...APPS, clientOf(`new-${count}`)]);
        await program.reload();
      }
      isOver = true;
    })();
    const outcomes: unknown[] = [];
    while (!isOver) outcomes.push((await attempt(program, honest())).subject);
    await reloads;

    expect(outcomes.length).toBeGreaterThan(3);
    expect(new Set(outcomes)).toEqual(new Set(['alice']));
  });
});

describe('the secret of the upstream', () => {
  it('rotates by a changed file, without a signal', async () => {
    const program = await start();
    const next = 'the-secret-after-the-rotation-9876543210';
    await program.folder.write('upstream', `${next}\n`);
    await waitFor(program, 'reloaded');
    const rotated = unproven(`X-Asteroid-Upstream-Secret: ${next}`, ALICE);

    expect(await attempt(program, rotated)).toEqual(SIGNED_IN);
    expect(await attempt(program, honest())).toEqual(refused(403, 'upstream_secret'));
  });
});

describe('Redis that is not there', () => {
  const readiness = async (program: Program) =>
    JSON.parse((await get(program.at('admin'), '/readyz')).body);

  it('is waited for: up, not ready, 503, and everything works once it is there', async () => {
    const port = await findFreePort();
    const program = await startProgram({
      config: {
        store: { driver: 'redis', redis: { url: `redis://127.0.0.1:${port}`, deadline: '300ms' } },
      },
    });
    const token = `rt_${'a'.repeat(22)}.${'b'.repeat(22)}.${'c'.repeat(43)}`;

    expect(await readiness(program)).toMatchObject({ dependencies: { store: 'not ready' } });
    expect((await get(program.at('admin'), '/readyz')).status).toBe(503);
    expect((await get(program.public, '/jwks.json')).status).toBe(200);
    expect(await refresh(program.public, token)).toMatchObject({ status: 503 });
    expect(redirected(await ask(program.public, honest()))['error']).toBe(
      'temporarily_unavailable',
    );

    const redis = await startRedis([], port);
    await until(
      () => get(program.at('admin'), '/readyz'),
      ({ status }) => status === 200,
    );
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);

    redis.pause();
    const slow = await refresh(program.public, token);
    expect(slow.status).toBe(503);
    expect(Number(slow.headers['retry-after'])).toBeGreaterThan(0);
    redis.resume();
    await until(
      () => attempt(program, honest()),
      ({ subject }) => subject === 'alice',
    );
    await redis.stop();
  });
});
