import { beforeEach, describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import type { TestIssuer } from '../support/issuer.ts';
import { START } from '../support/keys.ts';
import { until } from '../support/until.ts';
import { ACTOR, createWorld, listOf, OFFLINE, type World } from './admin.people.fixture.ts';

const BOB = { subject: toSubject('bob'), claims: {} };
const IN_SESSION = { scope: 'openid email' };

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

  // Who registers chooses the algorithm: else one client could keep what it was given, and its End-Users enabled.
  for (const line of [
    'DELETE /clients/rp',
    'DELETE /authorizations?client_id=rp',
    'DELETE /authorizations?subject=alice',
    'DELETE /sessions?subject=alice',
  ]) {
    it(`${line} ends what a client was given of whose algorithm no key can be made`, async () => {
      const keys = createEphemeralKeys({ now: () => START });
      const makes = (alg: string) =>
        alg === 'ES256' ? keys.prepare(alg) : Promise.reject(new Unavailable('keys', 'make'));
      const { issuer: weak, ask: askWeak } = createWorld(5, true, {
        keys: {
          ...keys,
          prepare: makes,
          sign: async (alg, ...rest) => makes(alg).then(() => keys.sign(alg, ...rest)),
        },
      });
      const backchannelLogoutUri = 'https://rp.example/logout';
      weak.clients.set('rp', makeClient('rp', { backchannelLogoutUri }));
      await weak.signIn({ client_id: 'rp', ...IN_SESSION });
      weak.clients.set(
        'rp',
        makeClient('rp', { backchannelLogoutUri, idTokenSignedResponseAlg: 'RS256' }),
      );

      const [path = '', query] = line.split('?');
      await askWeak(path, { query: Object.fromEntries(new URLSearchParams(query)) });

      await until(() => weak.events.some(({ type }) => type === 'logout.failed'));
      expect(weak.events.filter(({ type }) => type === 'authorization.ended')).toHaveLength(1);
      expect(listOf(await askWeak('GET /authorizations'), 'authorizations')).toEqual([]);
      expect(weak.receivers.requests).toEqual([]);
    });
  }

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
