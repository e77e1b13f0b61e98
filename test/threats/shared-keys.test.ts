// Two replicas whose keys are in the store, as their operator, their clients and probes see them.

import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { APP, ask, codeOf, HOST, honest, redeem, redirected, submit } from './threats.fixture.ts';

const SECRET = 'what-only-the-replicas-know-0123456789';
const WRONG = 'what-nobody-here-knows-0123456789-abcd';

const started: RedisServer[] = [];
afterAll(async () => {
  for (const redis of started) await redis.stop();
});

const RSA = {
  ...{ client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
  ...{
    id_token_signed_response_alg: 'RS256',
    grant_types: ['authorization_code', 'refresh_token'],
  },
};

async function startServer(port?: number): Promise<RedisServer> {
  const redis = await startRedis([], port);
  started.push(redis);
  return redis;
}

const start = (url: string, secret = SECRET): Promise<Program> =>
  startProgram({
    clients: [RSA],
    config: {
      keys: { source: 'store', secret_file: 'seal' },
      store: { driver: 'redis', redis: { url, deadline: '300ms' } },
    },
    files: { seal: secret },
  });

const get = (program: Program, path: string) =>
  ask(path === '/readyz' ? program.at('admin') : program.public, [`GET ${path} HTTP/1.1`, HOST]);

async function untilReady(...programs: readonly Program[]): Promise<void> {
  for (const program of programs)
    while ((await get(program, '/readyz')).status !== 200) await pause(20);
}

const tokensOf = async (program: Program) =>
  redeem(program.public, codeOf(await ask(program.public, honest())) ?? '');

async function jwksOf(program: Program) {
  const { keys } = JSON.parse((await get(program, '/jwks.json')).body) as {
    readonly keys: readonly { readonly kid: string; readonly kty: string }[];
  };
  return keys;
}

/** Waits for the keys that are made ahead for the clients. */
async function untilPublished(program: Program, count: number) {
  while ((await jwksOf(program)).length < count) await pause(20);
  return jwksOf(program);
}

describe('replicas with keys.source: store (F-31, JW-5)', () => {
  let replicas: readonly [Program, Program];
  beforeAll(async () => {
    const { url } = await startServer();
    replicas = await Promise.all([start(url), start(url)]);
    await untilReady(...replicas);
  });

  it('publish the same keys after a first start at the same time, those of clients too', async () => {
    const [a, b] = await Promise.all(replicas.map((program) => untilPublished(program, 2)));

    expect(a).toEqual(b);
    expect(a?.map(({ kty }) => kty)).toEqual(['EC', 'RSA']);
  });

  it('honour what the other one signed', async () => {
    const [a, b] = replicas;
    const { access_token, id_token } = await tokensOf(a);

    const userinfo = await ask(b.public, [
      ...['GET /userinfo HTTP/1.1', HOST],
      `Authorization: Bearer ${access_token}`,
    ]);
    const keySet = createLocalJWKSet({ keys: structuredClone([...(await jwksOf(b))]) });

    expect(userinfo.status).toBe(200);
    expect((await jwtVerify(id_token, keySet)).payload.sub).toBe('alice');
  });

  it('say nothing of the secret in their logs', () => {
    const logs = replicas.map((program) => program.logText()).join('');

    expect(logs).toContain('key.created');
    expect(logs).not.toContain(SECRET);
    expect(logs).not.toContain('PRIVATE KEY');
  });
});

describe('a replica that cannot read the keys', () => {
  const cannot = async (program: Program) => {
    const ready = await get(program, '/readyz');
    return {
      ready: ready.status,
      keys: JSON.parse(ready.body).dependencies.keys,
      discovery: (await get(program, '/.well-known/openid-configuration')).status,
      jwks: (await get(program, '/jwks.json')).status,
      sent: redirected(await ask(program.public, honest()))['error'],
      introspection: (
        await submit(program.public, '/introspect', { token: 'a.b.c' }, `Authorization: ${APP}`)
      ).status,
    };
  };

  it('because its secret is another one: is not ready, signs nothing, and is when the file is right', async () => {
    const { url } = await startServer();
    await untilReady(await start(url));
    const program = await start(url, WRONG);

    expect(await cannot(program)).toEqual({
      ...{
        ready: 503,
        keys: 'not ready',
        discovery: 200,
        jwks: 503,
        sent: 'temporarily_unavailable',
      },
      introspection: 503,
    });
    const told = program.logged().filter(({ msg }) => msg === 'keys.not_loaded');
    expect(told.map(({ reason, error }) => ({ reason, error }))).toEqual([
      { reason: 'the keys in the store are sealed with another secret than keys.secret_file' },
    ]);
    expect(program.logText()).not.toContain(WRONG);
    await program.folder.write('seal', SECRET);
    await untilReady(program);

    expect((await tokensOf(program)).access_token).toBeDefined();
    expect(await untilPublished(program, 2)).toHaveLength(2);
  });

  it('has them when the configuration names the right file, and says that no restart is needed', async () => {
    const { url } = await startServer();
    await untilReady(await start(url));
    const program = await start(url, WRONG);
    const { folder } = program;
    await folder.write('right', SECRET);
    const config = JSON.parse(await readFile(folder.configFile, 'utf8'));
    const keys = { ...config.keys, secret_file: 'right', further_secret_files: ['seal'] };
    await folder.write('asteroid.yaml', JSON.stringify({ ...config, keys }));
    await untilReady(program);

    expect((await tokensOf(program)).access_token).toBeDefined();
    const told = program.logged().filter(({ msg }) => msg === 'reloaded');
    expect(told.map(({ restart_needed }) => restart_needed)).toEqual([[]]);
  });

  it('because Redis is away since its start: the same, until Redis is there', async () => {
    const port = await findFreePort();
    const program = await start(`redis://127.0.0.1:${port}`);

    expect(await cannot(program)).toMatchObject({ ready: 503, keys: 'not ready', discovery: 200 });
    await startServer(port);
    await untilReady(program);

    expect((await tokensOf(program)).access_token).toBeDefined();
    expect(await untilPublished(program, 2)).toHaveLength(2);
  });

  it('any more keeps those it has', async () => {
    const redis = await startServer();
    const program = await start(redis.url);
    await untilReady(program);
    const published = await untilPublished(program, 2);
    await redis.kill();
    while (!program.logText().includes('keys.reload_failed')) await pause(20);
    const [told] = program.logged().filter(({ msg }) => msg === 'keys.reload_failed');
    expect(told?.['reason']).toMatch(/^store did not answer: read keys \(.+\)$/);
    expect(told).not.toHaveProperty('error');

    expect(await jwksOf(program)).toEqual(published);
    expect(JSON.parse((await get(program, '/readyz')).body).dependencies).toEqual({
      ...{ store: 'not ready', keys: 'ready' },
    });
  });
});
