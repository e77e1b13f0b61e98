import { beforeEach, describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import type { TestIssuer } from '../support/issuer.ts';
import { ACTOR, createWorld, listOf, OFFLINE, type World } from './admin.people.fixture.ts';

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
