import { describe, expect, it } from 'vitest';
import { MAX_WAITING } from '../../internal/oidc/device/authorization.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import { makeClient } from '../support/clients.ts';
import { createTestClock } from '../support/clock.ts';
import { createDeviceFlow } from '../support/device-flow.ts';
import { ISSUER } from '../support/issuer.ts';
import { basic, makeRequest, NO_CREDENTIALS, withForm, withHeader } from '../support/requests.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const USER_CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/;

describe('device authorization: the answer (RFC 8628 §3.1, §3.2; DA-1, DG-3)', () => {
  for (const client of ['tv', 'tv2']) {
    it(`has a code to poll with and one to type, for ${client}`, async () => {
      const { status, json, response } = await createDeviceFlow().ask({}, client);
      const userCode = String(json['user_code']);

      expect(status).toBe(200);
      expect(json).toEqual({
        // 32 random bytes.
        device_code: expect.stringMatching(/^dc_[\w-]{22}\.[\w-]{43}$/),
        user_code: expect.stringMatching(USER_CODE),
        verification_uri: `${ISSUER}/device`,
        verification_uri_complete: `${ISSUER}/device?user_code=${userCode}`,
        expires_in: 600,
        interval: 5,
      });
      expect(response).not.toHaveProperty('maxAge');
    });
  }

  it('is another one each time', async () => {
    const { start } = createDeviceFlow();
    const all = await Promise.all(Array.from({ length: 50 }, () => start()));

    for (const name of ['device_code', 'user_code'] as const) {
      expect(new Set(all.map((one) => one[name])).size).toBe(50);
    }
  });

  it('lives as long as the client may have it', async () => {
    const brief = makeClient('brief', {
      grantTypes: [DEVICE_CODE],
      lifetimes: { deviceCode: 60 },
    });
    const { start, look, clock } = createDeviceFlow({ clients: [brief] });
    const { user_code, expires_in } = await start({}, 'brief');

    expect(expires_in).toBe(60);
    clock.advance(59);
    expect((await look({ user_code })).page?.kind).toBe('device');
    clock.advance(1);
    expect((await look({ user_code })).status).toBe(400);
  });

  it('keeps no secret in the store', async () => {
    const flow = createDeviceFlow();
    const { device_code, user_code } = await flow.start();
    const told = JSON.stringify(flow.weather.told);

    expect(told).not.toContain(device_code.slice(26));
    expect(told).not.toContain(user_code);
    expect(told).not.toContain(user_code.replace('-', ''));
  });

  it('draws again when the user code is another device’s, and gives up at last', async () => {
    const { deps } = createDeviceFlow();
    let stuck = true;
    const random = (bytes: number): string =>
      // Nothing else is as short as what a user code is drawn from.
      bytes === 8 && stuck ? Buffer.alloc(8, 1).toString('base64url') : deps.random(bytes);
    const { start, ask } = createDeviceFlow({ deps: { random } });

    expect((await start()).user_code).toBe('CCCC-CCCC');
    await expect(ask()).rejects.toThrow(Unavailable);
    stuck = false;
    expect((await start()).user_code).not.toBe('CCCC-CCCC');
  });
});

describe('device authorization: who may ask (RFC 8628 §3.1, RFC 6749 §3.2.1; DA-1)', () => {
  it('is a client with the grant', async () => {
    const { ask, events } = createDeviceFlow();

    for (const client of ['conf', 'spa']) {
      expect(await ask({}, client)).toMatchObject({
        status: 400,
        json: { error: 'unauthorized_client', reason: 'grant_type_not_registered' },
      });
    }
    expect(events.at(-1)).toMatchObject({
      type: 'authorization.refused',
      clientId: 'spa',
      error: 'unauthorized_client',
      reason: 'grant_type_not_registered',
    });
  });

  for (const [what, credentials] of [
    ['nobody', NO_CREDENTIALS],
    ['a client that nobody knows', withForm({ client_id: 'unknown' })],
    ['a client without its secret', withForm({ client_id: 'tv2' })],
    ['a client with the secret of another', withHeader(basic('tv2', 'conf-secret-conf-secret'))],
    ['a public client with a secret', withHeader(basic('tv', 'tv-secret-tv-secret'))],
  ] as const) {
    it(`is not ${what}`, async () => {
      const flow = createDeviceFlow();

      const { status, json } = await flow.ask({}, credentials);

      expect([status, json['error']]).toEqual([401, 'invalid_client']);
      expect(flow.weather.calls).not.toContain('parkDevice');
      expect(flow.events.at(-1)).toMatchObject({
        type: 'authorization.refused',
        clientId: undefined,
      });
    });
  }
});

describe('device authorization: what may be asked (CVE-2024-52287; CC-2, DA-4)', () => {
  const narrow = makeClient('narrow', { grantTypes: [DEVICE_CODE], scope: ['openid', 'email'] });

  for (const scope of ['openid admin', 'admin', 'openid profile', 'openid offline_access']) {
    it(`is no scope beyond the client's: ${scope}`, async () => {
      const { ask } = createDeviceFlow({ clients: [narrow] });

      expect(await ask({ scope }, 'narrow')).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope', reason: 'scope_not_allowed' },
      });
      expect((await ask({ scope: 'openid email' }, 'narrow')).status).toBe(200);
    });
  }

  for (const [what, scope, reason] of [
    ['none at all', undefined, 'scope_empty'],
    ['text that is no scope', 'openid  email', 'scope_malformed'],
  ] as const) {
    it(`is not ${what}`, async () => {
      const { ask } = createDeviceFlow();

      expect(await ask({ scope })).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope', reason },
      });
    });
  }

  it('is no offline access without refresh tokens', async () => {
    const once = makeClient('once', { grantTypes: [DEVICE_CODE] });
    const { start, decide, poll } = createDeviceFlow({ clients: [once] });
    const { device_code, user_code } = await start({ scope: 'openid offline_access' }, 'once');
    await decide(user_code);

    const { json } = await poll(device_code, {}, 'once');

    expect(json['scope']).toBe('openid');
    expect(json).not.toHaveProperty('refresh_token');
  });

  it('is a resource that the client may have (RFC 8707 §2)', async () => {
    const { ask } = createDeviceFlow();

    expect(await ask({ resource: 'https://evil.example' }, 'tv2')).toMatchObject({
      json: { error: 'invalid_target' },
    });
    expect((await ask({ resource: 'https://api1.example' }, 'tv2')).status).toBe(200);
  });

  it('is nothing twice', async () => {
    const { ask } = createDeviceFlow();

    expect(await ask({ scope: ['openid', 'email'] })).toMatchObject({
      json: { error: 'invalid_request', reason: 'parameter_repeated' },
    });
  });
});

describe('device authorization: many devices (DA-5, DO-1)', () => {
  it('has a budget for each client: another one goes on, and no grant makes room', async () => {
    const now = createTestClock();
    const store = createMemoryStore({ maxEntries: 1000, maxPending: 2 * MAX_WAITING, now });
    const flow = createDeviceFlow({ deps: { store, now } });
    const { refresh_token } = await flow.signIn();
    for (let count = 0; count < MAX_WAITING; count += 1) await flow.start();

    await expect(flow.ask()).rejects.toThrow(Unavailable);

    expect((await flow.ask({}, 'tv2')).status).toBe(200);
    expect((await flow.refresh(refresh_token)).status).toBe(200);
    now.advance(600);
    expect((await flow.ask()).status).toBe(200);
  });

  it('has a budget for all of them', async () => {
    const now = createTestClock();
    const store = createMemoryStore({ maxEntries: 1000, maxPending: 10, now });
    const flow = createDeviceFlow({ deps: { store, now } });
    for (let count = 0; count < 10; count += 1) await flow.start();

    for (const client of ['tv', 'tv2']) {
      await expect(flow.ask({}, client)).rejects.toThrow(Unavailable);
    }
  });
});

describe('device authorization: off unless a client has the grant (DI-1, X-7)', () => {
  it('is neither there nor advertised', async () => {
    const off = createDeviceFlow({ policy: { grantTypesInUse: new Set() } });
    const on = createDeviceFlow();
    const documentOf = async ({ issuer }: typeof on) => {
      const response = await issuer.discovery(makeRequest({ method: 'GET' }));
      return response.kind === 'json' ? (response.body as Record<string, unknown>) : {};
    };

    expect([off.issuer.device, off.issuer.deviceAuthorization]).toEqual([undefined, undefined]);
    expect(await documentOf(off)).not.toHaveProperty('device_authorization_endpoint');
    expect((await documentOf(off))['grant_types_supported']).not.toContain(DEVICE_CODE);
    expect(await off.poll('dc_x.y')).toMatchObject({ json: { error: 'unsupported_grant_type' } });
    expect(await documentOf(on)).toMatchObject({
      device_authorization_endpoint: `${ISSUER}/device_authorization`,
      grant_types_supported: expect.arrayContaining([DEVICE_CODE]),
    });
  });

  it('comes with the first client that has it', async () => {
    let grantTypesInUse: ReadonlySet<string> = new Set();
    const { deps } = createDeviceFlow();
    const policy = () => ({ ...deps.policy(), grantTypesInUse });
    const { issuer } = createDeviceFlow({ deps: { policy } });

    expect(issuer.device).toBeUndefined();
    grantTypesInUse = new Set([DEVICE_CODE]);
    expect(issuer.device).toBeDefined();
    expect(issuer.deviceAuthorization).toBeDefined();
  });
});
