import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiRoute, createApi } from '../../internal/admin/api/api.ts';
import type { Question } from '../../internal/app/others.ts';
import { createPeople } from '../../internal/app/people.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { Claims, JsonValue } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import type { Backend } from '../../internal/userinfo/backend.ts';
import { lookUp } from '../../internal/userinfo/look-up.ts';
import { SourceError } from '../../internal/userinfo/source-error.ts';
import { createStoreBackend } from '../../internal/userinfo/store.ts';
import { createUserinfo } from '../../internal/userinfo/userinfo.ts';
import { notAskedFor } from '../support/admin-ports.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { until } from '../support/keys.ts';

const BOB = { subject: toSubject('bob'), claims: {} };
const ACTOR = 'token:ops';
const IN_SESSION = { scope: 'openid email' };
const OFFLINE = { scope: 'openid email offline_access' };

type Asked = {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly role?: 'read' | 'write';
};

type World = {
  readonly issuer: TestIssuer;
  readonly ask: (line: string, asked?: Asked) => ReturnType<ApiRoute['answer']>;
  readonly directory: Map<string, Claims>;
  readonly directoryFails: { is: boolean };
  readonly asked: Question[];
};

/** An issuer with the backend `store` before a directory, and the Admin API over it. */
function createWorld(maxUsers: number | undefined = 5, hasStore = true): World {
  const directory = new Map<string, Claims>([['alice', { name: 'Alice of the directory' }]]);
  const directoryFails = { is: false };
  const asked: Question[] = [];
  let store: Deps['store'] | undefined;
  const findUser = async (subject: Subject) => (await store?.findUser(subject))?.text;
  const backends: readonly Backend[] = [
    ...(hasStore ? [createStoreBackend({ findUser })] : []),
    {
      type: 'http',
      provesExistence: true,
      remote: true,
      async find(subject) {
        if (directoryFails.is)
          throw new Unavailable('userinfo', 'ask', new SourceError('timeout', 'hunter2'));
        return directory.get(subject);
      },
      recall: () => ({ age: 7, isFresh: true, isKnown: true }),
      forget: (subject) => (subject === undefined ? 3 : 1),
      close: async () => undefined,
    },
  ];
  const issuer = createTestIssuer({ deps: { userinfo: createUserinfo(backends) } });
  store = issuer.deps.store;
  const routes = createApi({
    ...notAskedFor,
    clients: { ...notAskedFor.clients, remove: async (id) => issuer.clients.delete(id) },
    audit: (event) => issuer.deps.audit(event),
    ...createPeople({
      deps: () => issuer.deps,
      backends: () => ({
        lookUp: (subject) => lookUp(backends, subject),
        forget: (subject) => backends.reduce((sum, one) => sum + (one.forget?.(subject) ?? 0), 0),
      }),
      maxUsers: () => (hasStore ? maxUsers : undefined),
      others: {
        identityKey: '',
        ask: async (question) => {
          asked.push(question);
          return [2, undefined];
        },
      },
    }),
  });
  const ask: World['ask'] = async (line, { query = {}, body, ifMatch, role = 'write' } = {}) => {
    const [method, path = ''] = line.split(' ');
    for (const route of routes) {
      const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
      const found = route.method === method ? pattern.exec(`/admin/v1${path}`) : null;
      if (found === null) continue;
      const names = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, value]) => [
          name,
          decodeURIComponent(value),
        ]),
      );
      const request = {
        ...{ names, query: Object.entries(query), body, ifMatch, requestId: 'r-1' },
        caller: { name: ACTOR, role },
      };
      route.admit?.(request);
      return route.answer(request);
    }
    throw new Error(`there is no ${line}`);
  };
  return { issuer, ask, directory, directoryFails, asked };
}

type Listed = { readonly [name: string]: JsonValue };

const listOf = (answer: { readonly body?: JsonValue }, name: string): readonly Listed[] =>
  ((answer.body as Listed)[name] ?? []) as readonly Listed[];

describe('Admin API: what was granted', () => {
  let world: World;
  let issuer: TestIssuer;
  let ask: World['ask'];

  beforeEach(() => {
    world = createWorld();
    ({ issuer, ask } = world);
    world.directory.set('bob', { name: 'Bob' });
  });

  const refresh = async (token: string) => (await issuer.refresh(token)).status;

  it('is listed with who, which client and for how long, and never with a hash, a code or a token', async () => {
    const tokens = await issuer.signIn(OFFLINE);
    await issuer.signIn({}, BOB);

    const answer = await ask('GET /authorizations', { query: { subject: 'alice' }, role: 'read' });

    const [one, ...others] = listOf(answer, 'authorizations');
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      ...{ client_id: 'conf', subject: 'alice', offline: true },
      scope: OFFLINE.scope.split(' '),
      used_at: expect.any(Number),
      expires_at: expect.any(Number),
      sid: expect.any(String),
    });
    expect(Object.keys(one ?? {}).toSorted()).toEqual([
      ...['client_id', 'expires_at', 'granted_at', 'id', 'offline', 'redirect_uri'],
      ...['scope', 'sid', 'subject', 'used_at'],
    ]);
    const secret = tokens.refresh_token.split('.').at(-1) ?? 'none';
    expect(JSON.stringify(answer.body)).not.toContain(secret);
    expect((await ask(`GET /authorizations/${one?.['id']}`)).body).toEqual(one);
  });

  it('is ended one at a time: that refresh token stops, that of another End-User and client goes on', async () => {
    const [mine, ofBob] = [await issuer.signIn(), await issuer.signIn({}, BOB)];
    const answer = await ask('GET /authorizations', { query: { subject: 'alice' } });
    const [one] = listOf(answer, 'authorizations');

    expect(await ask(`DELETE /authorizations/${one?.['id']}`)).toEqual({ status: 204 });

    expect(await refresh(mine.refresh_token)).toBe(400);
    expect(await refresh(ofBob.refresh_token)).toBe(200);
    expect((await issuer.introspect(mine.access_token)).json).toMatchObject({ active: false });
    await expect(ask(`DELETE /authorizations/${one?.['id']}`)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(issuer.events).toContainEqual({
      type: 'authorization.ended',
      authorizationId: one?.['id'],
      reason: 'ended_by_operator',
      ...{ clientId: 'conf', actor: ACTOR, requestId: 'r-1' },
    });
  });

  it('is ended by End-User or by client, for whoever says whose, and for nobody who only reads', async () => {
    const [mine, ofBob] = [await issuer.signIn(), await issuer.signIn({}, BOB)];

    await expect(ask('DELETE /authorizations')).rejects.toMatchObject({ code: 'invalid_request' });
    const query = { subject: 'alice' };
    await expect(ask('DELETE /authorizations', { query, role: 'read' })).rejects.toMatchObject({
      code: 'insufficient_role',
    });
    expect((await ask('DELETE /authorizations', { query: { client_id: 'other' } })).body).toEqual({
      ...{ authorizations: 0, consents: 0 },
    });
    const answer = await ask('DELETE /authorizations', { query: { ...query, thorough: 'true' } });

    expect(answer.body).toEqual({ authorizations: 1, consents: 0 });
    expect(await refresh(mine.refresh_token)).toBe(400);
    const { refresh_token } = (await issuer.refresh(ofBob.refresh_token)).json as {
      readonly refresh_token: string;
    };
    const ofClient = await ask('DELETE /authorizations', { query: { client_id: 'conf' } });
    expect(ofClient.body).toMatchObject({ authorizations: 1 });
    expect(await refresh(refresh_token)).toBe(400);
  });

  it('is ended for good, whatever is refreshed or redeemed at that moment', async () => {
    const all = [];
    for (let n = 0; n < 6; n += 1) all.push(await issuer.signIn(OFFLINE));
    const codes = [await issuer.code(), await issuer.code()];

    const [refreshed, redeemed] = await Promise.all([
      Promise.all(all.map(({ refresh_token }) => issuer.refresh(refresh_token))),
      Promise.all(codes.map((code) => issuer.redeem(code))),
      ask('DELETE /authorizations', { query: { client_id: 'conf' } }),
    ]);

    const tokens = [...refreshed, ...redeemed].flatMap(({ status, json }) =>
      status === 200 ? [(json as { readonly refresh_token: string }).refresh_token] : [],
    );
    for (const token of tokens) expect(await refresh(token)).toBe(400);
    for (const { refresh_token } of all) expect(await refresh(refresh_token)).toBe(400);
    expect(listOf(await ask('GET /authorizations'), 'authorizations')).toEqual([]);
  });

  it('says when a cursor leads nowhere, and what a query may not say', async () => {
    for (const query of [
      { after: 'nonsense' },
      { limit: '0' },
      { limit: '101' },
      { nobody: 'x' },
    ]) {
      await expect(ask('GET /authorizations', { query })).rejects.toMatchObject({
        code: 'invalid_request',
      });
    }
  });

  it('tells clients from server to server, as after a sign-out', async () => {
    const rp = makeClient('rp', { backchannelLogoutUri: 'https://rp.example/logout' });
    issuer.clients.set('rp', rp);
    await issuer.signIn({ client_id: 'rp', ...IN_SESSION });
    await issuer.signIn({ client_id: 'rp', ...IN_SESSION }, BOB);
    const delivered = () => issuer.events.filter(({ type }) => type === 'logout.delivered');

    await ask('DELETE /authorizations', { query: { client_id: 'rp' } });
    await until(() => delivered().length === 2);
    await issuer.signIn({ client_id: 'rp', ...IN_SESSION });
    await ask('DELETE /sessions', { query: { subject: 'alice' } });
    await until(() => delivered().length === 3);

    const told = issuer.receivers.requests.map(({ url }) => url);
    expect(told).toEqual(Array.from({ length: 3 }, () => 'https://rp.example/logout'));
  });

  it('tells a client that an operator deletes, and none that has no URI for it or is of nobody any more', async () => {
    const rp = { backchannelLogoutUri: 'https://rp.example/logout' };
    issuer.clients.set('rp', makeClient('rp', rp));
    issuer.clients.set('quiet', makeClient('quiet'));
    for (const client_id of ['rp', 'quiet']) {
      await issuer.signIn({ client_id, ...IN_SESSION });
      await issuer.signIn({ client_id, ...OFFLINE }, BOB);
    }
    const delivered = () => issuer.events.filter(({ type }) => type === 'logout.delivered');

    for (const client_id of ['quiet', 'rp', 'rp', 'nobody']) {
      await ask(`DELETE /clients/${client_id}`);
    }

    await until(() => delivered().length === 2);
    expect(issuer.receivers.requests.map(({ url }) => url)).toEqual([
      ...[rp.backchannelLogoutUri, rp.backchannelLogoutUri],
    ]);
    expect(issuer.events.filter(({ type }) => type === 'client.deleted')).toHaveLength(2);
    expect(listOf(await ask('GET /authorizations'), 'authorizations')).toEqual([]);
  });

  it('is turned over page by page', async () => {
    for (let n = 0; n < 5; n += 1) await issuer.signIn();
    const seen: unknown[] = [];
    let after: string | undefined;
    do {
      const query = { client_id: 'conf', limit: '2', ...(after === undefined ? {} : { after }) };
      const answer = await ask('GET /authorizations', { query });
      const page = listOf(answer, 'authorizations');
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map(({ id }) => id));
      after = (answer.body as { readonly next?: string }).next;
    } while (after !== undefined);
    expect(new Set(seen).size).toBe(5);
  });

  describe('sessions', () => {
    it('are seen whole, with what is in them, by End-User and by client', async () => {
      await issuer.signIn(IN_SESSION);
      await issuer.signIn(OFFLINE);
      await issuer.signIn(IN_SESSION, BOB);

      const own = listOf(await ask('GET /sessions', { query: { subject: 'alice' } }), 'sessions');
      const all = listOf(await ask('GET /sessions', { query: { client_id: 'conf' } }), 'sessions');

      expect(own).toHaveLength(2);
      expect(own.map(({ client_ids }) => client_ids)).toEqual([['conf'], ['conf']]);
      expect(own.map(({ offline }) => offline).toSorted()).toEqual([0, 1]);
      expect(all.map(({ subject }) => subject).toSorted()).toEqual(['alice', 'alice', 'bob']);
      const query = { subject: 'alice', limit: '1' };
      const first = await ask('GET /sessions', { query });
      const { next = '' } = first.body as { readonly next?: string };
      const second = await ask('GET /sessions', { query: { ...query, after: next } });
      expect([...listOf(first, 'sessions'), ...listOf(second, 'sessions')]).toEqual(
        own.toSorted((one, other) => (String(one['sid']) < String(other['sid']) ? -1 : 1)),
      );
    });

    it('end one by one, and nobody but their End-User names them', async () => {
      const [first, second] = [await issuer.signIn(IN_SESSION), await issuer.signIn(IN_SESSION)];
      const own = listOf(await ask('GET /sessions', { query: { subject: 'alice' } }), 'sessions');
      const sid = own[0]?.['sid'];

      await ask(`DELETE /sessions/${sid}`, { query: { subject: 'bob' } });
      expect(
        listOf(await ask('GET /sessions', { query: { subject: 'alice' } }), 'sessions'),
      ).toHaveLength(2);
      await ask(`DELETE /sessions/${sid}`, { query: { subject: 'alice' } });

      const outcomes = [await refresh(first.refresh_token), await refresh(second.refresh_token)];
      expect(outcomes.toSorted()).toEqual([200, 400]);
      expect(issuer.events).toContainEqual({
        ...{ type: 'session.ended', sid, subject: 'alice', reason: 'ended_by_operator' },
        ...{ actor: ACTOR, requestId: 'r-1' },
      });
    });

    it('end all of one End-User, but for what is meant to outlive them', async () => {
      const [first, offline] = [await issuer.signIn(IN_SESSION), await issuer.signIn(OFFLINE)];
      const ofBob = await issuer.signIn(IN_SESSION, BOB);

      const answer = await ask('DELETE /sessions', { query: { subject: 'alice' } });

      expect(answer.body).toEqual({ sessions: 2 });
      expect(await refresh(first.refresh_token)).toBe(400);
      expect(await refresh(offline.refresh_token)).toBe(200);
      expect(await refresh(ofBob.refresh_token)).toBe(200);
      await expect(ask('DELETE /sessions')).rejects.toMatchObject({ code: 'invalid_request' });
    });
  });
});

describe('Admin API: End-Users', () => {
  let world: World;
  let issuer: TestIssuer;
  let ask: World['ask'];

  const ADA = { name: 'Ada', email: 'ada@example.test', groups: ['staff'], plan: 'gold' };
  const asAda = { subject: toSubject('ada'), claims: {} };

  beforeEach(() => {
    world = createWorld();
    ({ issuer, ask } = world);
  });

  const put = (sub: string, claims: unknown, more: object = {}, ifMatch?: string) =>
    ask(`PUT /users/${sub}`, {
      body: { claims, ...more },
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });

  it('are kept, and can sign in from the next request on', async () => {
    expect((await issuer.authorize({}, asAda)).location).toContain('error=access_denied');

    const { body, etag } = await put('ada', ADA);

    expect(body).toMatchObject({ sub: 'ada', claims: ADA, disabled: false });
    expect(etag).toMatch(/^"[\w-]+"$/);
    const { access_token } = await issuer.signIn({ scope: 'openid profile email groups' }, asAda);
    expect((await issuer.userinfo(access_token)).json).toMatchObject({
      name: 'Ada',
      groups: ['staff'],
    });
    expect(issuer.events).toContainEqual({
      ...{ type: 'user.created', subject: 'ada', actor: ACTOR, requestId: 'r-1' },
    });
  });

  it('are held to the rules of users.yaml', async () => {
    const faulty = [
      { sid: 'x' },
      { email: 'nobody' },
      { groups: 'admins' },
      { name: null },
      { sub: 'eve' },
    ];
    for (const claims of faulty) {
      await expect(put('ada', claims)).rejects.toMatchObject({ code: 'invalid_request' });
    }
    await expect(put('a,b', ADA)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(listOf(await ask('GET /users'), 'users')).toEqual([]);
  });

  it.each(['disabled', 'deleted'])(
    'get nothing any more when %s, and others go on',
    async (how) => {
      await put('ada', ADA);
      await put('eve', ADA);
      const tokens = await issuer.signIn(OFFLINE, asAda);
      const ofEve = await issuer.signIn(OFFLINE, { subject: toSubject('eve'), claims: {} });
      const code = await issuer.code({}, asAda);

      if (how === 'disabled') await put('ada', ADA, { disabled: true });
      else await ask('DELETE /users/ada');

      const left = await ask('GET /authorizations', { query: { subject: 'ada' } });
      expect(listOf(left, 'authorizations')).toEqual([]);

      expect((await issuer.authorize({}, asAda)).location).toContain('error=access_denied');
      expect((await issuer.redeem(code)).json).toMatchObject({ error: 'invalid_grant' });
      expect((await issuer.refresh(tokens.refresh_token)).json).toMatchObject({
        error: 'invalid_grant',
      });
      expect((await issuer.userinfo(tokens.access_token)).status).toBe(401);
      expect((await issuer.introspect(tokens.access_token)).json).toMatchObject({ active: false });
      expect(
        listOf(await ask('GET /authorizations', { query: { subject: 'ada' } }), 'authorizations'),
      ).toEqual([]);
      expect((await issuer.refresh(ofEve.refresh_token)).status).toBe(200);
      expect(issuer.events.map(({ type }) => type)).toContain(
        how === 'disabled' ? 'user.disabled' : 'user.deleted',
      );
      await put('ada', ADA);
      expect((await issuer.authorize({}, asAda)).location).toContain('code=');
      expect((await issuer.refresh(tokens.refresh_token)).json).toMatchObject({
        error: 'invalid_grant',
      });
    },
  );

  it('are refused while disabled whatever another backend knows', async () => {
    expect((await issuer.authorize()).location).toContain('code=');

    await put('alice', { name: 'Alice' }, { disabled: true });

    expect((await issuer.authorize()).location).toContain('error=access_denied');
    await ask('DELETE /users/alice');
    expect((await issuer.authorize()).location).toContain('code=');
  });

  it('hold nothing that a refresh or a redemption at the moment of disabling brought', async () => {
    await put('ada', ADA);
    const signedIn = [await issuer.signIn(OFFLINE, asAda), await issuer.signIn(OFFLINE, asAda)];
    const codes = [await issuer.code({}, asAda), await issuer.code({}, asAda)];

    const [refreshed, redeemed] = await Promise.all([
      Promise.all(signedIn.map(({ refresh_token }) => issuer.refresh(refresh_token))),
      Promise.all(codes.map((code) => issuer.redeem(code))),
      put('ada', ADA, { disabled: true }),
    ]);

    const brought = [...refreshed, ...redeemed].filter(({ status }) => status === 200);
    for (const { json } of brought) {
      const { refresh_token } = json as { readonly refresh_token: string };
      expect((await issuer.refresh(refresh_token)).json).toMatchObject({ error: 'invalid_grant' });
    }
    expect(listOf(await ask('GET /authorizations'), 'authorizations')).toEqual([]);
  });

  it('are changed by whoever read them last', async () => {
    const { etag = '' } = await put('ada', ADA);
    await put('ada', { ...ADA, plan: 'silver' }, {}, etag);

    await expect(put('ada', ADA, {}, etag)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(put('new', ADA, {}, etag)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(ask('DELETE /users/ada', { ifMatch: etag })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    const read = await ask('GET /users/ada');
    expect(read.body).toMatchObject({ stored: { claims: { plan: 'silver' } } });
    expect(await ask('DELETE /users/ada', { ifMatch: read.etag ?? '' })).toEqual({ status: 204 });
    await expect(ask('DELETE /users/ada')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are imported as users.yaml has them: all of them, or none where one is faulty', async () => {
    const good = [
      { sub: 'ada', ...ADA },
      { sub: 'eve', name: 'Eve' },
    ];
    const bad = [...good, { sub: 'mallory', iss: 'x' }];
    await expect(ask('POST /users', { body: { users: bad } })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('users[2].iss'),
    });
    expect(listOf(await ask('GET /users'), 'users')).toEqual([]);

    const first = await ask('POST /users', { body: { users: good } });
    await put('eve', { name: 'Eve' }, { disabled: true });
    const again = await ask('POST /users', {
      body: { users: [{ ...good[0], plan: 'tin' }, good[1]] },
    });

    expect(first.body).toEqual({ created: 2, changed: 0, unchanged: 0 });
    expect(again.body).toEqual({ created: 0, changed: 1, unchanged: 1 });
    expect(listOf(await ask('GET /users'), 'users')).toMatchObject([
      { sub: 'ada', claims: { plan: 'tin' }, disabled: false },
      { sub: 'eve', disabled: true },
    ]);
  });

  it('are no more than may be kept, and listed page by page', async () => {
    for (const sub of ['a', 'b', 'c', 'd', 'e']) await put(sub, ADA);
    await expect(put('f', ADA)).rejects.toMatchObject({ code: 'conflict' });
    const first = await ask('GET /users', { query: { limit: '3' } });
    const second = await ask('GET /users', { query: { limit: '3', after: 'c' } });

    expect((first.body as { readonly next?: string }).next).toBe('c');
    expect(second.body).not.toHaveProperty('next');
    expect([...listOf(first, 'users'), ...listOf(second, 'users')].map(({ sub }) => sub)).toEqual([
      ...['a', 'b', 'c', 'd', 'e'],
    ]);
  });

  it('are looked up in every backend: what each gives, what was remembered, and which failed', async () => {
    await put('alice', { name: 'Alice of the store' });

    const known = await ask('GET /users/alice', { role: 'read' });
    world.directoryFails.is = true;
    const failing = await ask('GET /users/alice');
    world.directoryFails.is = false;
    const nobody = await ask('GET /users/nobody');

    const cached = { age: 7, fresh: true, known: true };
    expect(known.body).toMatchObject({
      exists: true,
      claims: { name: 'Alice of the store' },
      backends: [
        { type: 'store', outcome: 'known', claims: { name: 'Alice of the store' } },
        { type: 'http', outcome: 'known', claims: { name: 'Alice of the directory' }, cached },
      ],
    });
    expect(failing.body).toMatchObject({
      backends: [{ outcome: 'known' }, { outcome: 'failed', problem: 'timeout' }],
    });
    expect(failing.body).not.toHaveProperty('exists');
    expect(JSON.stringify(failing.body)).not.toContain('hunter2');
    expect(nobody.body).toMatchObject({
      exists: false,
      backends: [{ outcome: 'unknown' }, { outcome: 'unknown' }],
    });
  });

  it('are forgotten by every process, which says so, or is counted as silent', async () => {
    const one = await ask('DELETE /userinfo/cache', { query: { subject: 'alice' } });
    const all = await ask('DELETE /userinfo/cache');

    expect(one.body).toEqual({ answers: 3, silent_workers: 1 });
    expect(all.body).toEqual({ answers: 5, silent_workers: 1 });
    expect(world.asked).toEqual([
      { kind: 'forget_users', subject: 'alice' },
      { kind: 'forget_users', subject: undefined },
    ]);
    expect(issuer.events).toContainEqual({
      ...{ type: 'userinfo.flushed', subject: 'alice', actor: ACTOR, requestId: 'r-1' },
    });
  });

  it('are kept nowhere where no backend of that name is configured, and are looked up all the same', async () => {
    const without = createWorld(undefined, false);
    const body = { claims: ADA };
    await expect(without.ask('PUT /users/ada', { body })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(without.ask('GET /users')).rejects.toMatchObject({ code: 'conflict' });
    expect((await without.ask('GET /users/alice')).body).toMatchObject({ exists: true });
  });
});
