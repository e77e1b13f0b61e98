// Where one promise meets another: keys in a store whose replicas lag, workers that share keys, two issuers
// that share a Redis, and a reload under somebody who waits.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { JWT_BEARER } from '../support/assertions.ts';
import { findFreePort } from '../support/free-port.ts';
import { CLIENT_SECRET, type Metadata, REDIRECT_URI, startProgram } from '../support/program.ts';
import { tell } from '../support/redis-client.ts';
import { startReplicatedRedis } from '../support/redis-replica.ts';
import { startRedis } from '../support/redis-server.ts';
import { createSigner, setOf } from '../support/signer.ts';
import { until, untilTrue } from '../support/until.ts';
import { APP, ask, codeOf, honest, redeem, signIn, submit } from './threats.fixture.ts';
import { get, spawnWorkers, stopRedis, type Workers } from './workers.fixture.ts';

const PATIENT = { timeout: 90_000 };
const BASIC = `Authorization: ${APP}`;
const [OLD, NEW] = ['what-was-the-secret-of-the-keys-0123', 'what-is-the-secret-of-the-keys-4567'];
const IN_STORE = { source: 'store', secret_file: 'seal' };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(stopRedis);

async function start(config: Metadata, more: Parameters<typeof startProgram>[0] = {}) {
  const program = await startProgram({ ...more, config, files: { seal: OLD } });
  cleanups.push(() => program.stop());
  return program;
}

type Target = Pick<Workers, 'public'>;

async function kidsOf({ public: target }: Target): Promise<readonly string[]> {
  const { keys } = JSON.parse((await get(target, '/jwks.json')).body);
  return keys.map(({ kid }: { readonly kid: string }) => kid);
}

const isActive = async ({ public: target }: Target, token: string): Promise<boolean> =>
  JSON.parse((await submit(target, '/introspect', { token }, BASIC)).body).active;

describe('keys in a store whose replica lags', () => {
  it('are made once, and nothing is issued before the replica has them', PATIENT, async () => {
    const redis = await startReplicatedRedis();
    cleanups.push(() => redis.stop());
    redis.partition();
    const store = { driver: 'redis', redis: { url: redis.url, durability: 'acknowledged' } };
    const program = await start({ store, keys: IN_STORE });
    const ready = async () => (await get(program.at('admin'), '/readyz')).status === 200;

    expect(await ready()).toBe(false);
    expect(codeOf(await ask(program.public, honest()))).toBeUndefined();

    redis.heal();
    await untilTrue('the issuer is ready', ready);
    const other = await start({ store, keys: IN_STORE });

    expect((await signIn(program)).access_token).toBeDefined();
    expect(await kidsOf(program)).toHaveLength(1);
    expect(await kidsOf(other)).toEqual(await kidsOf(program));
  });
});

describe('workers with keys in the store', () => {
  const grants = ['authorization_code', 'refresh_token'];
  const rsa = {
    ...{ client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    ...{ id_token_signed_response_alg: 'RS256', grant_types: grants },
  };

  /** Every worker, asked often enough. */
  const everywhere = async <Answer>(question: () => Promise<Answer>) =>
    Promise.all(Array.from({ length: 12 }, question));

  it(
    'share them from their first start on, through another secret and a death',
    PATIENT,
    async () => {
      const [port, adminPort] = [await findFreePort(), await findFreePort()];
      const listen = { public: { port }, admin: { port: adminPort } };
      const workers = await spawnWorkers({
        clients: [rsa],
        config: { listen, keys: { ...IN_STORE, further_secret_files: ['further'] } },
        files: { seal: OLD, further: OLD },
      });
      const tokens = await everywhere(async () =>
        redeem(workers.public, codeOf(await ask(workers.public, honest())) ?? ''),
      );
      const kids = await kidsOf(workers);
      const stay = async () => {
        for (const found of await everywhere(() => kidsOf(workers))) expect(found).toEqual(kids);
        for (const { access_token } of tokens) {
          expect(await isActive(workers, access_token)).toBe(true);
        }
      };
      expect(kids).toHaveLength(2);
      await stay();

      await workers.folder.write('seal', NEW);
      await workers.child.logs('reloaded');
      await pause(2500);
      await workers.folder.write('further', NEW);
      await workers.child.logs('reloaded', 2);
      for (const pid of workers.pids().values()) process.kill(pid, 'SIGKILL');
      await workers.child.logs('a worker ended', 2);
      await until(() => workers.pids().size === 2);
      await until(
        async () => (await get(workers.admin, '/readyz').catch(() => undefined))?.status === 200,
      );

      await stay();
      const failed = workers.child.logged().filter(({ msg }) => String(msg).startsWith('keys.'));
      expect(failed.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );
});

describe('two issuers on one Redis', () => {
  it('share no key, and no token of one is one of the other', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const store = { driver: 'redis', redis: { url: redis.url } };
    const [a, b] = await Promise.all(
      ['sso', 'login'].map((name) =>
        start({ store, keys: IN_STORE, issuer: `https://${name}.example` }),
      ),
    );
    if (a === undefined || b === undefined) throw new Error('two were started');
    const host = 'Host: login.example';
    const { body } = await ask(b.public, ['GET /jwks.json HTTP/1.1', host]);
    const [kid] = await kidsOf(a);
    const { access_token } = await signIn(a);
    const elsewhere = {
      lines: ['GET /userinfo HTTP/1.1', host, `Authorization: Bearer ${access_token}`],
    };

    expect(body).not.toContain(String(kid));
    expect((await ask(b.public, elsewhere.lines)).status).toBe(401);
    expect(await isActive(a, access_token)).toBe(true);
  });
});

describe('a device that waits', () => {
  const tv = {
    ...{ client_id: 'tv', token_endpoint_auth_method: 'none', redirect_uris: [] },
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    response_types: [],
  };

  it('is no client while a reload has removed it, and waits on when it is one again', async () => {
    const app = { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] };
    const other = { ...tv, client_id: 'tv2' };
    const program = await start({}, { clients: [app, tv, other] });
    const fields = { client_id: 'tv', scope: 'openid' };
    const asked = await submit(program.public, '/device_authorization', fields);
    const { device_code } = JSON.parse(asked.body);
    const poll = async () => {
      const [grant_type] = tv.grant_types;
      const form = { grant_type: String(grant_type), device_code, client_id: 'tv' };
      return JSON.parse((await submit(program.public, '/token', form)).body).error;
    };
    expect(await poll()).toBe('authorization_pending');

    await program.folder.writeClients([app, other]);
    await program.reload();
    expect(await poll()).toBe('invalid_client');

    await program.folder.writeClients([app, tv, other]);
    await program.reload();
    expect(['authorization_pending', 'slow_down']).toContain(await poll());
  });
});

const signer = await createSigner('service');

describe('an assertion of a client', () => {
  const client = {
    client_id: 'service',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: JSON.parse(setOf(signer)),
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    resources: ['https://api.example'],
  };

  const assert = () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'service', sub: 'service', aud: 'https://sso.example', iat: now };
    return signer.sign({ ...claims, jti: randomUUID(), exp: now + 60 });
  };

  async function tokenFor({ public: target }: Target, client_assertion: string) {
    const proof = { client_assertion, client_assertion_type: JWT_BEARER };
    const fields = { grant_type: 'client_credentials', resource: 'https://api.example', ...proof };
    return (await submit(target, '/token', fields)).status;
  }

  it('counts once, from the first second of an issuer on, also when Redis has forgotten it', async () => {
    const redis = await startRedis();
    cleanups.push(() => redis.stop());
    const store = { driver: 'redis', redis: { url: redis.url } };
    const program = await start({ store }, { clients: [client] });
    const assertion = await assert();
    expect(await tokenFor(program, assertion)).toBe(200);
    expect(await tokenFor(program, assertion)).toBe(401);

    await tell(redis.port, {}, 'FLUSHALL');

    expect(await tokenFor(program, assertion)).toBe(401);
    const fresh = async () => (await tokenFor(program, await assert())) === 200;
    await untilTrue('assertions count again', fresh);
  });

  it('counts in the first second of a store in memory, too', async () => {
    const program = await start({ store: { driver: 'memory' } }, { clients: [client] });

    expect(await tokenFor(program, await assert())).toBe(200);
  });
});
