import { describe, expect, it } from 'vitest';
import type { DetailsType } from '../../internal/protocol/details-types.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { openBrowser } from '../support/browser.ts';
import { makeClient } from '../support/clients.ts';
import { createDeviceFlow, type DeviceFlow, withDevices } from '../support/device-flow.ts';
import { createHolder } from '../support/dpop.ts';
import { createTestIssuer, ISSUER, LIFETIMES } from '../support/issuer.ts';
import { identify, withForm } from '../support/requests.ts';
import { claimsOf, verifyAsStranger } from '../support/tokens.ts';
import { unevenPause } from '../support/weather.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const refused = (reason: string) => ({ status: 400, json: { error: 'invalid_grant', reason } });

/** The device code of a request that alice allowed. */
async function allowed(flow: DeviceFlow, form = {}, client = 'tv', who = identify('alice')) {
  const { device_code, user_code } = await flow.start(form, client);
  await flow.decide(user_code, 'allow', who);
  return device_code;
}

describe('token endpoint: device_code, the tokens (RFC 8628 §3.4, §3.5; DG-1)', () => {
  it('are about whoever allowed it, for the client that asked, with the scope that was shown (DA-4)', async () => {
    const flow = createDeviceFlow();
    const { device_code, user_code } = await flow.start({ scope: 'openid email offline_access' });
    const { page } = await flow.look({ user_code });
    await flow.decide(user_code);

    const { status, json } = await flow.poll(device_code, { scope: 'openid profile admin' });

    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'Bearer', scope: 'openid email offline_access' });
    expect(page).toMatchObject({
      scope: [{ name: 'openid' }, { name: 'email' }, { name: 'offline_access' }],
    });
    const { payload } = await verifyAsStranger(String(json['id_token']), flow);
    expect(payload).toMatchObject({
      iss: ISSUER,
      sub: 'alice',
      aud: 'tv',
      email: expect.any(String),
    });
    expect(payload).not.toHaveProperty('nonce');
    expect(claimsOf(String(json['access_token']))).toMatchObject({
      sub: 'alice',
      client_id: 'tv',
      scope: 'openid email offline_access',
    });
    expect((await flow.userinfo(String(json['access_token']))).json).toMatchObject({
      sub: 'alice',
    });
  });

  it('carry auth_time, acr and amr of the upstream, and nothing that it did not say', async () => {
    const flow = createDeviceFlow();
    const authTime = flow.clock() - 100;
    const known = identify('alice', { authTime, acr: 'gold', amr: ['hwk'] });

    const { json } = await flow.poll(await allowed(flow, {}, 'tv', known));
    const bare = await flow.poll(await allowed(flow));
    const future = identify('alice', { authTime: flow.clock() + 3600 });
    const odd = await flow.poll(await allowed(flow, {}, 'tv', future));

    expect(claimsOf(String(json['id_token']))).toMatchObject({
      auth_time: authTime,
      acr: 'gold',
      amr: ['hwk'],
    });
    for (const name of ['auth_time', 'acr', 'amr']) {
      expect(claimsOf(String(bare.json['id_token']))).not.toHaveProperty(name);
    }
    expect(claimsOf(String(odd.json['id_token']))).not.toHaveProperty('auth_time');
  });

  it('are refreshed by the client, on the terms of every other grant', async () => {
    const flow = createDeviceFlow();
    const sliding = await flow.poll(await allowed(flow));
    const short = await flow.poll(await allowed(flow, { scope: 'openid' }));
    flow.clock.advance(LIFETIMES.sessionRefreshToken);

    const { status, json } = await flow.refresh(String(sliding.json['refresh_token']), {}, 'tv');
    const late = await flow.refresh(String(short.json['refresh_token']), {}, 'tv');

    expect(status).toBe(200);
    expect(json['refresh_token']).not.toBe(sliding.json['refresh_token']);
    expect(late).toMatchObject({ json: { error: 'invalid_grant' } });
  });

  it('are for the resource that was asked for, or a part of them (RFC 8707 §2.2)', async () => {
    const flow = createDeviceFlow();
    const resource = ['https://api1.example', 'https://api2.example'];
    const code = await allowed(flow, { resource }, 'tv2');

    expect(await flow.poll(code, { resource: 'https://api3.example' }, 'tv2')).toMatchObject({
      json: { error: 'invalid_target', reason: 'resource_not_granted' },
    });
    const { json } = await flow.poll(code, { resource: resource[1] }, 'tv2');
    expect(claimsOf(String(json['access_token']))['aud']).toBe('https://api2.example');
  });
});

describe('token endpoint: device_code with authorization_details (RFC 9396 §2, §6; DA-4)', () => {
  const CALENDAR: DetailsType = {
    description: 'Your calendar',
    members: new Map([['days', 'list']]),
    required: [],
  };
  const policy = { authorizationDetailsTypes: new Map([['calendar', CALENDAR]]) };
  const planner = makeClient('planner', {
    grantTypes: [DEVICE_CODE],
    authorizationDetailsTypes: ['calendar'],
  });
  const details = [{ type: 'calendar', days: ['mon', 'tue'] }];
  const asking = (value: unknown) => ({ authorization_details: JSON.stringify(value) });

  it('shows them, and gives what was shown or a part of it', async () => {
    const flow = createDeviceFlow({ clients: [planner], policy });
    const { device_code, user_code } = await flow.start(asking(details), 'planner');
    const { page } = await flow.look({ user_code });
    await flow.decide(user_code);
    const more = asking([{ type: 'calendar', days: ['wed'] }]);
    const part = [{ type: 'calendar', days: ['tue'] }];

    expect(page).toMatchObject({
      details: [{ description: 'Your calendar', members: [['days', 'mon, tue']] }],
    });
    expect(await flow.poll(device_code, more, 'planner')).toMatchObject({
      json: { error: 'invalid_authorization_details', reason: 'details_not_granted' },
    });
    const { json } = await flow.poll(device_code, asking(part), 'planner');
    expect(json['authorization_details']).toEqual(part);
    expect(claimsOf(String(json['access_token']))['authorization_details']).toEqual(part);
  });

  it('refuses what is not declared, or not for this client', async () => {
    const flow = createDeviceFlow({ clients: [planner], policy });

    for (const [value, client] of [
      [[{ type: 'payment' }], 'planner'],
      [details, 'tv'],
    ] as const) {
      expect(await flow.ask(asking(value), client)).toMatchObject({
        json: { error: 'invalid_authorization_details', reason: 'details_type_unknown' },
      });
    }
  });
});

describe('token endpoint: device_code, before there is an answer (RFC 8628 §3.5; DG-1)', () => {
  it('is authorization_pending, and no refusal on record', async () => {
    const flow = createDeviceFlow();
    const { device_code } = await flow.start();
    const before = flow.events.length;

    expect(await flow.poll(device_code)).toMatchObject({
      status: 400,
      json: { error: 'authorization_pending' },
    });
    expect(flow.events).toHaveLength(before);
  });

  it('is slow_down when it is asked too soon, five seconds more each time, on every replica', async () => {
    const flow = createDeviceFlow();
    const replica = withDevices(createTestIssuer({ deps: flow.deps }));
    const { device_code } = await flow.start();
    const told: unknown[] = [];
    for (const [wait, by] of [
      [0, flow],
      [4, replica],
      [9, flow],
      [15, replica],
      [15, flow],
      [14, replica],
    ] as const) {
      flow.clock.advance(wait);
      const { status, json } = await by.poll(device_code);
      expect(status).toBe(400);
      told.push(json['error']);
    }

    expect(told).toEqual([
      'authorization_pending',
      'slow_down',
      'slow_down',
      'authorization_pending',
      'authorization_pending',
      'slow_down',
    ]);
  });

  it('is access_denied when it was no, and stays so', async () => {
    const flow = createDeviceFlow();
    const { device_code, user_code } = await flow.start();
    await flow.decide(user_code, 'deny');

    for (const _ of [1, 2]) {
      expect(await flow.poll(device_code)).toMatchObject({
        status: 400,
        json: { error: 'access_denied', reason: 'device_denied' },
      });
    }
    expect(flow.events.at(-1)).toMatchObject({ type: 'token.refused', error: 'access_denied' });
  });

  it('is expired_token when its time is over, allowed or not', async () => {
    const flow = createDeviceFlow();
    const [waiting, granted] = [(await flow.start()).device_code, await allowed(flow)];
    flow.clock.advance(599);
    expect((await flow.poll(waiting)).json['error']).toBe('authorization_pending');
    flow.clock.advance(1);

    for (const code of [waiting, granted]) {
      expect(await flow.poll(code)).toMatchObject({
        status: 400,
        json: { error: 'expired_token', reason: 'code_expired' },
      });
    }
  });

  it('is invalid_grant for what was never issued, cut, changed or of another kind (TK-6)', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow);
    const ac = await flow.code();

    for (const bad of [
      `dc_${'A'.repeat(22)}.${'A'.repeat(43)}`,
      `${code.slice(0, 26)}${'A'.repeat(43)}`,
      code.slice(0, -1),
      `${code}=`,
      ` ${code}`,
      `ac_${code.slice(3)}`,
      ac,
      `dc_${ac.slice(3)}`,
      'x'.repeat(100_000),
    ]) {
      expect(await flow.poll(bad)).toMatchObject(refused('code_unknown'));
    }
    expect(await flow.redeem(code, {}, 'conf')).toMatchObject(refused('code_unknown'));
    expect((await flow.redeem(`ac_${code.slice(3)}`, {}, 'conf')).json['error']).toBe(
      'invalid_grant',
    );
    expect((await flow.redeem(ac)).status).toBe(200);
    expect((await flow.poll(code)).status).toBe(200);
  });

  it('is invalid_request without a device code', async () => {
    const { token } = createDeviceFlow();

    expect(await token({ grant_type: DEVICE_CODE }, 'tv')).toMatchObject({
      json: { error: 'invalid_request', reason: 'parameter_missing' },
    });
  });
});

describe('token endpoint: device_code of another client (CVE-2023-2585, dex 17875400, ZITADEL CVE-2026-55672; DG-2)', () => {
  for (const [owner, thief] of [
    ['tv', 'tv2'],
    ['tv2', 'tv'],
  ] as const) {
    it(`gives ${thief} nothing for what ${owner} asked, before and after the answer, and burns nothing`, async () => {
      const flow = createDeviceFlow();
      const { device_code, user_code } = await flow.start({}, owner);
      expect(await flow.poll(device_code, {}, thief)).toMatchObject(refused('client_mismatch'));
      await flow.decide(user_code);
      expect(await flow.poll(device_code, {}, thief)).toMatchObject(refused('client_mismatch'));

      const { status, json } = await flow.poll(device_code, {}, owner);

      expect(status).toBe(200);
      const stolen = await flow.refresh(String(json['refresh_token']), {}, thief);
      expect(stolen).toMatchObject(refused('client_mismatch'));
      expect((await flow.refresh(String(json['refresh_token']), {}, owner)).status).toBe(200);
    });
  }

  it('gives nothing to a client that does not prove that it is the one, nor to one without the grant', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow, {}, 'tv2');

    expect(await flow.poll(code, {}, withForm({ client_id: 'tv2' }))).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    });
    expect(await flow.poll(code, {}, 'conf')).toMatchObject({
      json: { error: 'unauthorized_client' },
    });
    expect((await flow.poll(code, {}, 'tv2')).status).toBe(200);
  });
});

describe('token endpoint: device_code, used twice (DG-2)', () => {
  it('ends all that came of it', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow);
    const { json } = await flow.poll(code);

    expect(await flow.poll(code)).toMatchObject(refused('code_replayed'));

    expect((await flow.userinfo(String(json['access_token']))).status).toBe(401);
    expect((await flow.refresh(String(json['refresh_token']), {}, 'tv')).status).toBe(400);
    expect(flow.events).toContainEqual(
      expect.objectContaining({ type: 'authorization.ended', reason: 'code_replayed' }),
    );
  });

  it('gives tokens once of a hundred polls at the moment of the answer', async () => {
    const flow = createDeviceFlow();
    const { device_code, user_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    flow.weather.pause = unevenPause(7);

    const polls = Array.from({ length: 100 }, () => flow.poll(device_code));
    const [{ page }, ...answers] = await Promise.all([
      flow.send({ handle, decision: 'allow' }),
      ...polls,
    ]);

    expect(page).toEqual({ kind: 'device_answered', allowed: true });
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  it('gives tokens once of a hundred polls after the answer', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow);

    const answers = await Promise.all(Array.from({ length: 100 }, () => flow.poll(code)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('token endpoint: device_code, the End-User (RFC 9700 §4.14.2; UP-9)', () => {
  it('is gone or not allowed any more: nothing is issued, and the authorization ends', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow);
    flow.users.delete('alice');

    expect(await flow.poll(code)).toMatchObject(refused('subject_unknown'));
    expect(flow.events).toContainEqual(
      expect.objectContaining({ type: 'authorization.ended', reason: 'end_user_refused' }),
    );
  });

  for (const [what, identity, reason] of [
    ['says when', {}, 'auth_time_unknown'],
    ['signed in lately', { authTime: 1_800_000_000 - 61 }, 'auth_time_too_old'],
  ] as const) {
    it(`is refused on the page where the client wants somebody who ${what}`, async () => {
      const strict = makeClient('strict', {
        grantTypes: [DEVICE_CODE],
        requireAuthTime: true,
        defaultMaxAge: 60,
      });
      const flow = createDeviceFlow({ clients: [strict] });
      const { device_code, user_code } = await flow.start({}, 'strict');

      expect(await flow.decide(user_code, 'allow', identify('alice', identity))).toMatchObject({
        json: { error: 'login_required', reason },
      });
      const lately = identify('alice', { authTime: flow.clock() - 59 });
      await flow.decide(user_code, 'allow', lately);
      expect((await flow.poll(device_code, {}, 'strict')).status).toBe(200);
    });
  }
});

describe('token endpoint: device_code, the session of the browser that allowed it (LO-1)', () => {
  it('is the one of its other sign-ins, and signing out ends the device as well', async () => {
    const flow = createDeviceFlow();
    const browser = openBrowser(flow);
    const { id_token } = await browser.signIn();
    const { device_code, user_code } = await flow.start({ scope: 'openid' });
    const handle = await flow.handleOf(user_code);
    const session = browser.session;
    const { response } = await flow.send({ handle, decision: 'allow' }, undefined, { session });

    const { json } = await flow.poll(device_code);

    expect(response).not.toHaveProperty('session');
    expect(claimsOf(String(json['id_token']))['sid']).toBe(claimsOf(id_token)['sid']);
    await browser.endSession({ id_token_hint: id_token });
    expect((await flow.userinfo(String(json['access_token']))).status).toBe(401);
  });

  it('begins with it where there is none', async () => {
    const flow = createDeviceFlow();
    const { device_code, user_code } = await flow.start();

    const { response } = await flow.decide(user_code);

    expect(response).toMatchObject({ session: { value: expect.any(String) } });
    const { json } = await flow.poll(device_code);
    expect(claimsOf(String(json['id_token']))['sid']).toEqual(expect.any(String));
  });

  it('is another one where that one was ended elsewhere', async () => {
    const flow = createDeviceFlow();
    const browser = openBrowser(flow);
    const { id_token } = await browser.signIn();
    const session = browser.session;
    await browser.endSession({ id_token_hint: id_token });
    const { device_code, user_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    // The cookie of before the sign-out.
    await flow.send({ handle, decision: 'allow' }, undefined, { session });

    const { json } = await flow.poll(device_code);

    const { sid } = claimsOf(String(json['id_token']));
    expect(sid).toEqual(expect.any(String));
    expect(sid).not.toBe(claimsOf(id_token)['sid']);
  });
});

describe('token endpoint: device_code with a key (RFC 9449 §5)', () => {
  it('binds the tokens and a public client’s refresh token to the key of the poll', async () => {
    const flow = createDeviceFlow();
    const [own, other] = [await createHolder(), await createHolder()];
    const withProof = async (holder = own) => ({
      form: { client_id: 'tv' },
      headers: { dpop: await holder.prove({ claims: { iat: flow.clock() } }) },
    });
    const { device_code, user_code } = await flow.start();
    const early = await flow.poll(device_code, {}, await withProof());
    await flow.decide(user_code);
    flow.clock.advance(5);

    const { json } = await flow.poll(device_code, {}, await withProof());

    expect(early.json['error']).toBe('authorization_pending');
    expect(json['token_type']).toBe('DPoP');
    expect(claimsOf(String(json['access_token']))['cnf']).toEqual({ jkt: own.jkt });
    const renew = String(json['refresh_token']);
    expect(await flow.refresh(renew, {}, await withProof(other))).toMatchObject(
      refused('binding_mismatch'),
    );
    expect((await flow.refresh(renew, {}, await withProof())).status).toBe(200);
  });
});

describe('token endpoint: device_code and what may be away (RFC 6749 §5.2; F-1)', () => {
  it('loses no code to a hook that is down', async () => {
    let isDown = true;
    const flow = createDeviceFlow({
      deps: {
        tokenHook: async () => {
          if (isDown) throw new Unavailable('hook', 'ask');
          return { kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} };
        },
      },
    });
    const code = await allowed(flow);

    await expect(flow.poll(code)).rejects.toThrow(Unavailable);
    isDown = false;
    expect((await flow.poll(code)).status).toBe(200);
  });

  it('loses no code to a hook that is down either where the answer came in the middle of a poll', async () => {
    let isDown = true;
    const { deps } = createDeviceFlow();
    let answerNow = async (): Promise<unknown> => undefined;
    const find: typeof deps.store.find = async (id, now) => {
      const found = await deps.store.find(id, now);
      await answerNow();
      return found;
    };
    const flow = createDeviceFlow({
      deps: {
        ...deps,
        store: { ...deps.store, find },
        tokenHook: async () => {
          if (isDown) throw new Unavailable('hook', 'ask');
          return { kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} };
        },
      },
    });
    const { device_code, user_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    answerNow = () => flow.send({ handle, decision: 'allow' });

    expect((await flow.poll(device_code)).json['error']).toBe('authorization_pending');
    answerNow = async () => undefined;
    await expect(flow.poll(device_code)).rejects.toThrow(Unavailable);
    isDown = false;
    expect((await flow.poll(device_code)).status).toBe(200);
  });

  it('says that it is unavailable where the store is, and nothing else', async () => {
    const flow = createDeviceFlow();
    const code = await allowed(flow);
    const { user_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    flow.weather.down.add('all');

    for (const ask of [
      () => flow.poll(code),
      () => flow.ask(),
      () => flow.look({ user_code }),
      () => flow.send({ handle, decision: 'allow' }),
      () => flow.send({ handle, decision: 'deny' }),
    ]) {
      await expect(ask()).rejects.toThrow(Unavailable);
    }
    flow.weather.down.clear();
    expect((await flow.send({ handle, decision: 'allow' })).status).toBe(200);
    expect((await flow.poll(code)).status).toBe(200);
  });
});
