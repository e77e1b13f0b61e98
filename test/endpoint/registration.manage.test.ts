// GET, PUT and DELETE of a registered client (RFC 7592), and what is left of one that is gone.

import { describe, expect, it } from 'vitest';
import { createFindClient } from '../../internal/app/registered-clients.ts';
import { configSchema } from '../../internal/config/config.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import {
  createRegistrationIssuer,
  credentials,
  HONEST,
  INITIAL,
  type Registered,
  signIn,
  TERMS,
} from '../support/registration.ts';

const REPLACED = { client_name: 'New Name', redirect_uris: ['https://rp.example/callback'] };

const next = (client: Registered, json: Record<string, unknown>): Registered => ({
  ...client,
  registration_access_token: String(json['registration_access_token']),
});

describe('the registration access token (RFC 7592 §2; RG-4)', () => {
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    it(`opens ${method} of its own client, and of no other`, async () => {
      const test = createRegistrationIssuer();
      const [mine, theirs] = [await test.register(), await test.register()];
      const body = (client: Registered) =>
        method === 'PUT' ? { ...REPLACED, client_id: client.client_id } : undefined;
      const { access_token } = await test.signIn();
      const ghost = { ...mine, client_id: 'dyn_AAAAAAAAAAAAAAAAAAAAAA' };

      for (const [client, token] of [
        [theirs, mine.registration_access_token],
        [mine, theirs.registration_access_token],
        [mine, ''],
        [mine, INITIAL],
        [mine, access_token],
        [mine, mine.client_secret],
        [mine, `${mine.registration_access_token}x`],
        [ghost, mine.registration_access_token],
        [{ ...mine, client_id: 'conf' }, mine.registration_access_token],
        [{ ...mine, client_id: '__proto__' }, mine.registration_access_token],
      ] as const) {
        const answer = await test.manage(method, client, body(client), token);

        expect(answer.status, `${client.client_id} ${token}`).toBe(401);
        expect(answer.headers['WWW-Authenticate']).toMatch(/^Bearer realm="/);
        expect(answer.json['error_description']).not.toMatch(/client/);
      }
      for (const client of [mine, theirs]) {
        const { status } = await test.manage(method, client, body(client));
        expect(status).toBe(method === 'DELETE' ? 204 : 200);
      }
    });
  }
});

it('nobody is on record as a client whose token they have not: it may be the name of another, or a secret', async () => {
  const test = createRegistrationIssuer();
  const mine = await test.register();
  const ghost = { ...mine, client_id: 'dyn_AAAAAAAAAAAAAAAAAAAAAA' };
  const wrong = `rat_${'A'.repeat(43)}`;
  for (const client of [mine, ghost, { ...mine, client_id: 'conf' }]) {
    await test.manage('GET', client, undefined, wrong);
  }
  await test.manage('PUT', mine, { client_id: 'another' });

  const refused = test.events.filter(({ type }) => type === 'registration.refused');
  expect(refused).toMatchObject([
    { clientId: undefined, claimedClientId: mine.client_id },
    { clientId: undefined, claimedClientId: undefined },
    { clientId: undefined, claimedClientId: undefined },
    { clientId: mine.client_id, claimedClientId: undefined },
  ]);
});

describe('GET of a client (RFC 7592 §2.1)', () => {
  it('tells what is registered, and no secret', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({ contacts: ['a@example.com'] });
    const { client_secret: _, registration_access_token: __, ...rest } = client;

    const { status, json } = await test.manage('GET', client);

    expect(status).toBe(200);
    expect(json).toEqual(rest);
  });
});

describe('PUT of a client (RFC 7592 §2.2; RG-4)', () => {
  it('replaces it whole: what is not said again is not so any longer', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register({ contacts: ['a@example.com'], scope: 'openid' });
    test.clock.advance(60);

    const { status, json } = await test.manage('PUT', client, {
      ...REPLACED,
      client_id: client.client_id,
    });

    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...REPLACED,
      client_id_issued_at: client['client_id_issued_at'],
      contacts: [],
      scope: 'openid profile email offline_access',
    });
    expect(json).not.toHaveProperty('client_secret');
    expect(test.events).toContainEqual({
      type: 'client.changed',
      clientId: client.client_id,
      requestId: expect.any(String),
    });
    const found = await test.deps.findClient(client.client_id);
    expect(found?.clientName, 'at once').toBe('New Name');
    expect((await signIn(test, client)).status, 'its secret stays').toBe(200);
  });

  it('gives it another token, and the one of before is none', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const body = { ...REPLACED, client_id: client.client_id };
    const { json } = await test.manage('PUT', client, body);

    expect(json['registration_access_token']).toMatch(/^rat_/);
    expect((await test.manage('GET', client)).status).toBe(401);
    expect((await test.manage('GET', next(client, json))).status).toBe(200);
  });

  it.each([
    ['without its id', {}],
    ['with the id of another', { client_id: 'conf' }],
    ['with an id that is no text', { client_id: 1 }],
    ['with a registration token', { registration_access_token: 'rat_chosen' }],
    ['with its own URL', { registration_client_uri: 'https://op.example/a/register/x' }],
    ['with an end of its secret', { client_secret_expires_at: 0 }],
    ['with the time of its id', { client_id_issued_at: 1 }],
    ['with a secret of its choice', { client_secret: 'chosen' }],
    ['with a redirect URI that runs', { redirect_uris: ['javascript:alert(1)'] }],
    ['with a scope beyond the policy', { scope: 'openid groups' }],
  ])('%s changes nothing', async (what, more) => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const own = what === 'without its id' ? {} : { client_id: client.client_id };

    const { status, json } = await test.manage('PUT', client, { ...REPLACED, ...own, ...more });

    expect(status).toBe(400);
    expect(json['error']).toMatch(/^invalid_(?:client_metadata|redirect_uri)$/);
    expect((await test.manage('GET', client)).json).toMatchObject({ client_name: 'Corner Shop' });
  });

  it('takes its own secret, and null for what is not there', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const { client_id, client_secret } = client;
    const body = { ...REPLACED, client_id, client_secret, logo_uri: null };

    expect((await test.manage('PUT', client, body)).status).toBe(200);
  });

  it('gives a secret where the client had none that its method can use', async () => {
    const test = createRegistrationIssuer();
    let client = await test.register({ token_endpoint_auth_method: 'none' });
    const put = async (method: string) => {
      const { client_id } = client;
      const body = { ...HONEST, client_id, token_endpoint_auth_method: method };
      const { json } = await test.manage('PUT', client, body);
      client = next(client, json);
      return json['client_secret'];
    };

    const shown = await put('client_secret_basic');
    expect(shown).toMatch(/^[\w-]{43}$/);
    expect(await put('client_secret_post'), 'the same goes on').toBeUndefined();
    const signing = await put('client_secret_jwt');
    expect(signing).toMatch(/^[\w-]{43}$/);
    expect(signing).not.toBe(shown);
    expect(await put('none')).toBeUndefined();
    expect((await test.deps.findClient(client.client_id))?.secrets).toEqual([]);
  });

  it('is won by one of two at once, and the other is told that its token is none any more', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const body = { ...REPLACED, client_id: client.client_id };

    const answers = await Promise.all([1, 2, 3].map(() => test.manage('PUT', client, body)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const won = answers.find(({ status }) => status === 200);
    expect((await test.manage('GET', next(client, won?.json ?? {}))).status).toBe(200);
  });
});

describe('DELETE of a client (RFC 7592 §2.3; RG-4)', () => {
  it('is 204 once, then 401, and ends all that was granted under it at once', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const { json: tokens } = await signIn(test, client);
    const access = String(tokens['access_token']);
    expect((await test.userinfo(access)).status).toBe(200);
    const later = await test.authorize({ client_id: client.client_id, state: 'later' });
    const code = later.params.get('code') ?? '';

    expect((await test.manage('DELETE', client)).status).toBe(204);

    for (const method of ['GET', 'DELETE'] as const) {
      expect((await test.manage(method, client)).status).toBe(401);
    }
    expect((await test.userinfo(access)).status).toBe(401);
    expect((await test.introspect(access, 'conf')).json).toEqual({ active: false });
    const form = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) };
    for (const answer of [
      await test.token(form, credentials(client)),
      await test.redeem(code, {}, credentials(client)),
    ]) {
      expect(answer.json['error']).toBe('invalid_client');
    }
    const page = await test.authorize({ client_id: client.client_id });
    expect(page.location, 'nowhere to go').toBeUndefined();
    expect(test.events.filter(({ type }) => type === 'client.deleted')).toHaveLength(1);
  });

  it('leaves other clients alone', async () => {
    const test = createRegistrationIssuer();
    const [gone, stays] = [await test.register(), await test.register()];
    const { json } = await signIn(test, stays);
    await test.manage('DELETE', gone);

    expect((await test.userinfo(String(json['access_token']))).status).toBe(200);
  });

  it('is done by one of many at once', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();

    const answers = await Promise.all([1, 2, 3].map(() => test.manage('DELETE', client)));

    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
  });
});

describe('a registered client', () => {
  it('costs the store one question, and other ids none', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const before = test.weather.calls.length;
    await test.deps.findClient(client.client_id);
    expect(test.weather.calls.slice(before)).toEqual(['findClient']);
    for (const id of ['conf', 'nobody', 'dyn_', 'dyn_x', `${client.client_id}x`, '__proto__']) {
      await test.deps.findClient(id);
    }
    expect(test.weather.calls.slice(before)).toEqual(['findClient']);
  });

  it('that the words of today would not let register is none, and may put that right', async () => {
    const test = createRegistrationIssuer({ different: { maxClients: 10 } });
    const client = await test.register({ redirect_uris: ['https://rp.example/callback'] });
    const strict = createRegistrationIssuer({
      policy: { redirect_uris: { hosts: ['two.example'] } },
      different: { deps: { store: test.deps.store } },
    });

    expect(await strict.deps.findClient(client.client_id)).toBeUndefined();
    expect(strict.warned).toEqual([{ client: client.client_id, members: 'redirect_uris' }]);
    const body = { client_id: client.client_id, redirect_uris: ['https://two.example/cb'] };
    expect((await strict.manage('PUT', client, body)).status).toBe(200);
    expect(await strict.deps.findClient(client.client_id)).toBeDefined();
  });

  it('is unknown where registration is off', async () => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const find = createFindClient({
      config: configSchema.parse({}),
      clientTerms: TERMS,
      snapshot: () => test,
      store: test.deps.store,
      keys: test.deps.keys,
      log: { warn: () => undefined },
    });

    expect(await find(client.client_id)).toBeUndefined();
    expect((await find('conf'))?.clientId).toBe('conf');
  });
});

describe('what a client was given that deletes itself', () => {
  it('ends behind the answer, and what others were given stays', async () => {
    const test = createRegistrationIssuer();
    const [mine, theirs] = [await test.register(), await test.register()];
    await signIn(test, mine);
    await signIn(test, theirs);
    const heldBy = async (client: Registered) => {
      const whose = { clientId: toClientId(client.client_id) };
      const page = { cursor: undefined, limit: 10 };
      const { store, now } = test.deps;
      return (await store.listHeld(whose, page, now()))?.authorizations.length;
    };
    expect([await heldBy(mine), await heldBy(theirs)]).toEqual([1, 1]);

    expect((await test.manage('DELETE', mine)).status).toBe(204);

    await expect.poll(() => heldBy(mine)).toBe(0);
    expect(await heldBy(theirs)).toBe(1);
  });
});
