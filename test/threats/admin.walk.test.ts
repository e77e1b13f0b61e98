// Every operation of the Admin API, asked of the whole program wherever it can live: one process that
// remembers by itself, and two workers with another replica beside them on one Redis. Each answer is held
// against the description.

import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../internal/admin/api/table.ts';
import { type AdminCaller, callAdmin, startAdminApi, TOKENS } from '../support/admin-api.ts';
import { type Folder, type Metadata, REDIRECT_URI } from '../support/program.ts';
import type { RawTarget } from '../support/raw-http.ts';
import { basic } from '../support/requests.ts';
import { until } from '../support/until.ts';
import {
  ask,
  authorize,
  codeOf,
  honest,
  redeem,
  refresh,
  submit,
  user,
} from './threats.fixture.ts';
import { spawnWorkers, stopRedis, type Workers } from './workers.fixture.ts';

afterAll(stopRedis);

const CONFIG: Metadata = {
  admin: { tokens: TOKENS },
  userinfo: { backends: [{ type: 'store', max_users: 4 }] },
};
const MACHINE = { grant_types: ['client_credentials'], client_name: 'Machine' };

/** Where the issuer is asked, and by whom it is looked after. */
type World = {
  readonly admin: AdminCaller;
  readonly target: RawTarget;
  readonly folder: Folder;
  readonly logged: () => readonly { readonly [name: string]: unknown }[];
};

/** Clients show what is so at any worker: each connection is another one. */
const AGAIN = 6;

async function authenticates({ target }: Pick<World, 'target'>, id: string, secret: string) {
  const line = `Authorization: ${basic(id, secret)}`;
  const statuses = await Promise.all(
    Array.from({ length: AGAIN }, async () => {
      const fields = { grant_type: 'client_credentials' };
      return (await submit(target, '/token', fields, line)).status;
    }),
  );
  expect(new Set(statuses).size, 'all workers say the same').toBe(1);
  return statuses[0] === 200;
}

async function signIn({ target }: World, name: string) {
  const [request = '', host = '', secret = ''] = honest();
  const code = codeOf(await ask(target, [request, host, secret, user(name)]));
  if (code === undefined) throw new Error(`${name} was not signed in`);
  return redeem(target, code);
}

/** What an operator did, in turn, as it is on record. */
const changesOf = (...worlds: readonly World[]): readonly unknown[] =>
  worlds
    .flatMap(({ logged }) => logged())
    .filter(({ actor }) => actor === 'token:writer')
    .map(({ msg }) => msg);

async function lookAfterClients(world: World, other: World): Promise<void> {
  const { grant } = world.admin;
  const made = await grant('POST', '/clients', MACHINE);
  const { client_id: id, client_secret: first } = made;
  const at = `/clients/${id}`;
  expect(await authenticates(world, id, first)).toBe(true);
  expect(await authenticates(other, id, first)).toBe(true);
  expect((await grant('GET', '/clients')).clients).toHaveLength(2);
  await grant('PUT', at, { ...MACHINE, client_name: 'Other' });
  expect((await other.admin.grant('GET', at)).metadata.client_name).toBe('Other');
  const { client_secret: second } = await grant('POST', `${at}/secrets`);
  expect(await authenticates(other, id, second)).toBe(true);
  await other.admin.grant('DELETE', `${at}/secrets/first`);
  expect(await authenticates(world, id, first)).toBe(false);
  expect(await authenticates(world, id, second)).toBe(true);
  const { etag } = Object.fromEntries((await world.admin.ask('GET', at)).headers);
  await other.admin.grant('PUT', at, MACHINE);
  const headers = { 'If-Match': etag ?? '' };
  expect((await world.admin.ask('DELETE', at, { headers })).status).toBe(412);
  expect(await authenticates(other, id, second)).toBe(true);
  await grant('DELETE', at);
  expect(await authenticates(other, id, second)).toBe(false);
}

/** A client that End-Users granted something to, and what is left of that when it is deleted. */
async function deleteClient(world: World, other: World): Promise<void> {
  const { grant } = world.admin;
  const made = await grant('POST', '/clients', {
    redirect_uris: [REDIRECT_URI],
    // An address that nothing here may reach: that it was to be told is on record all the same.
    backchannel_logout_uri: 'https://127.0.0.1/logout',
  });
  const { client_id: id } = made;
  const [, host = '', secret = ''] = honest();
  const request = authorize({ client_id: id, scope: 'openid' });
  const code = codeOf(await ask(other.target, [request, host, secret, user('ada')]));
  expect(code).toBeDefined();
  expect((await grant('GET', `/authorizations?client_id=${id}`)).authorizations).toHaveLength(1);
  await grant('DELETE', `/clients/${id}`);
  const left = await other.admin.grant('GET', `/authorizations?client_id=${id}`);
  expect(left.authorizations).toEqual([]);
  expect(changesOf(world)).toContain('authorization.ended');
  await until(async () =>
    world.logged().some(({ msg, client_id }) => msg === 'logout.failed' && client_id === id),
  );
}

async function lookAfterPeople(world: World, other: World): Promise<void> {
  const { grant, ask: askAdmin } = world.admin;
  const users = ['ada', 'bob'].map((sub) => ({ sub, name: sub }));
  expect(await grant('POST', '/users', { users })).toEqual({
    ...{ created: 2, changed: 0, unchanged: 0 },
  });
  const many = ['bob', 'eve', 'fay', 'gus', 'hal'].map((sub) => ({ sub, name: 'New' }));
  const refused = await askAdmin('POST', '/users', { body: { users: many } });
  expect([refused.status, refused.json.error]).toEqual([409, 'conflict']);
  const kept = (await grant('GET', '/users')).users;
  expect(kept.map(({ sub, claims }: Metadata) => [sub, claims])).toEqual([
    ['ada', { name: 'ada' }],
    ['bob', { name: 'bob' }],
  ]);

  await deleteClient(world, other);
  const [first, second] = [await signIn(world, 'ada'), await signIn(other, 'ada')];
  const ofBob = await signIn(world, 'bob');
  const listed = await grant('GET', '/authorizations?subject=ada');
  expect(listed.authorizations).toHaveLength(2);
  const [one] = listed.authorizations;
  expect(await grant('GET', `/authorizations/${one.id}`)).toEqual(one);
  await grant('DELETE', `/authorizations/${one.id}`);
  const statuses = [
    (await refresh(world.target, first.refresh_token)).status,
    (await refresh(other.target, second.refresh_token)).status,
  ];
  expect(statuses.toSorted()).toEqual([200, 400]);

  const { sessions } = await grant('GET', '/sessions?subject=ada');
  expect(sessions).toHaveLength(1);
  await grant('DELETE', `/sessions/${sessions[0].sid}?subject=ada`);
  expect((await grant('GET', '/sessions?subject=ada')).sessions).toEqual([]);
  expect(await grant('DELETE', '/sessions?subject=bob')).toEqual({ sessions: 1 });
  expect((await refresh(other.target, ofBob.refresh_token)).status).toBe(400);
  await signIn(world, 'bob');
  expect(await grant('DELETE', '/authorizations?client_id=app')).toMatchObject({
    authorizations: 1,
  });

  expect(await grant('GET', '/users/ada')).toMatchObject({ exists: true });
  expect(await grant('DELETE', '/userinfo/cache')).toEqual({ answers: 0, silent_workers: 0 });
  await grant('PUT', '/users/ada', { claims: { name: 'Ada' }, disabled: true });
  expect(await other.admin.grant('GET', '/users/ada')).toMatchObject({ exists: false });
  await grant('DELETE', '/users/ada');
  expect((await other.admin.grant('GET', '/users')).users).toMatchObject([{ sub: 'bob' }]);
  await other.admin.grant('DELETE', '/users/bob');
}

async function lookAfterKeys({ admin }: World, other: World): Promise<void> {
  const kidsOf = async () => {
    const { body } = await ask(other.target, ['GET /jwks.json HTTP/1.1', 'Host: sso.example']);
    return JSON.parse(body).keys.map(({ kid }: Metadata) => kid);
  };
  const isSigning = ({ alg, state }: Metadata) => alg === 'ES256' && state === 'signing';
  const { keys } = await admin.grant('GET', '/keys');
  const { kid } = keys.find(isSigning);
  expect((await admin.ask('DELETE', `/keys/${kid}`)).status).toBe(409);
  await admin.grant('POST', '/keys/rotate', { alg: 'ES256', immediately: true });
  await until(async () => (await admin.grant('GET', '/keys')).keys.find(isSigning)?.kid !== kid);
  const { kid: successor } = (await admin.grant('GET', '/keys')).keys.find(isSigning);
  await until(async () => (await kidsOf()).includes(successor));
  await until(async () => (await admin.ask('DELETE', `/keys/${kid}`)).status === 204);
  await until(async () => !(await kidsOf()).includes(kid));
  await until(async () => {
    const lists = await Promise.all(Array.from({ length: AGAIN }, kidsOf));
    return lists.every((list) => !list.includes(kid) && list.includes(successor));
  });
}

async function lookAtTheRest({ admin, folder }: World, workers: number): Promise<void> {
  expect(await admin.grant('GET', '/status')).toMatchObject({ ready: true, workers });
  expect(await admin.grant('GET', '/configuration')).toMatchObject({ outdated: false });
  const before = await readFile(folder.configFile, 'utf8');
  const { userinfo, ...rest } = JSON.parse(before);
  await folder.write(
    'asteroid.yaml',
    JSON.stringify({
      ...rest,
      userinfo,
      shutdown: { grace: '7s' },
      issuer: 'https://other.example',
    }),
  );
  expect(await admin.grant('POST', '/reload')).toEqual({ outdated: false });
  expect(await admin.grant('GET', '/configuration')).toMatchObject({
    configuration: { issuer: 'https://sso.example', shutdown: { grace: 7 } },
    restart_needed: ['issuer'],
  });
  await folder.write('asteroid.yaml', before);
  expect(await admin.grant('POST', '/reload')).toEqual({ outdated: false });
  expect(await admin.grant('GET', '/configuration')).toMatchObject({ restart_needed: [] });
  await admin.grant('GET', '/openapi.json');
  expect((await admin.grant('GET', '/audit?limit=5')).records).toHaveLength(5);
}

async function walk(world: World, other: World, workers: number): Promise<void> {
  await lookAfterClients(world, other);
  await lookAfterPeople(world, other);
  await lookAfterKeys(world, other);
  await lookAtTheRest(world, workers);
  const changes = changesOf(...new Set([world, other]));
  const asked = new Set([...world.admin.asked, ...other.admin.asked]);
  expect([...asked].toSorted()).toEqual(OPERATIONS.map(({ id }) => id).toSorted());
  const count = (type: string) => changes.filter((msg) => msg === type).length;
  for (const type of ['client.registered', 'client.changed', 'client.deleted']) {
    expect(count(type), type).toBe(2);
  }
  for (const [type, times] of [
    ...[['client.secret_added', 1] as const, ['user.created', 2] as const],
    ...[['user.disabled', 2] as const, ['user.deleted', 2] as const],
    ...[['userinfo.flushed', 1] as const, ['keys.rotated', 1] as const],
    ...[['key.retired', 1] as const, ['reload.asked', 2] as const],
  ]) {
    expect(count(type), type).toBe(times);
  }
}

const toWorld = ({ admin, public: target, child, folder }: Workers): World => ({
  folder,
  admin: callAdmin(admin),
  target,
  logged: child.logged,
});

describe('the Admin API of the whole program', () => {
  it('does every operation as it is described where one process remembers by itself', async () => {
    const { program, ...admin } = await startAdminApi({ config: CONFIG });
    const world = { ...program, admin, target: program.public };
    await walk(world, world, 1);
  });

  for (const { name, keys } of [
    { name: 'a directory', keys: { source: 'file', dir: 'keys' } },
    { name: 'the store', keys: { source: 'store', secret_file: 'seal' } },
  ]) {
    it(`does so with two workers on Redis and another replica, with keys in ${name}`, async () => {
      const files = { seal: Buffer.alloc(32, 7).toString('base64url') };
      const config = { ...CONFIG, keys };
      const workers = await spawnWorkers({ config, files });
      const dir = workers.folder.file('keys');
      const beside = {
        ...config,
        keys: { ...keys, ...('dir' in keys ? { dir } : {}) },
        workers: 1,
      };
      const replica = await spawnWorkers({ config: beside, files });
      await walk(toWorld(workers), toWorld(replica), 2);
    }, 180_000);
  }
});
