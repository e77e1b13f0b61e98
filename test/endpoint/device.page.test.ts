import { describe, expect, it } from 'vitest';
import { MAX_MISSES, MAX_TRIES } from '../../internal/oidc/device/guesses.ts';
import { makeClient } from '../support/clients.ts';
import { createDeviceFlow, type DeviceFlow, devicePage } from '../support/device-flow.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify, sentTo } from '../support/requests.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const bob = identify('bob');
const ALLOWED = { kind: 'device_answered', allowed: true };
const NOT_FOUND = { status: 400, page: { kind: 'user_code', problem: 'unknown' } };

/** What the device behind it is told. */
const outcomeOf = async ({ poll, clock }: DeviceFlow, deviceCode: string) => {
  clock.advance(5);
  const { status, json } = await poll(deviceCode);
  return status === 200 ? 'tokens' : json['error'];
};

describe('the page of devices: what is shown (RFC 8628 §3.3, §3.3.1, §5.4; DA-3)', () => {
  it('is a form for the code where there is none', async () => {
    const { look, send } = createDeviceFlow();

    for (const answer of [await look(), await send({})]) {
      expect(answer).toMatchObject({ status: 200, page: { kind: 'user_code' } });
    }
  });

  it('is the code, the client, the End-User and the scopes, to be confirmed', async () => {
    const { start, look, send } = createDeviceFlow();
    const { user_code } = await start({ scope: 'openid email' });

    for (const answer of [await look({ user_code }), await send({ user_code })]) {
      expect(answer.status).toBe(200);
      expect(answer.page).toEqual({
        kind: 'device',
        clientName: 'Television',
        subject: 'alice',
        userCode: user_code,
        scope: [
          { name: 'openid', description: undefined },
          { name: 'email', description: undefined },
        ],
        details: [],
        handle: expect.any(String),
      });
    }
  });

  it('is found however the code is typed', async () => {
    const { start, send } = createDeviceFlow();
    const { user_code } = await start();
    const typed = user_code.toLowerCase().replace('-', ' . ');

    expect(devicePage((await send({ user_code: typed })).page).userCode).toBe(user_code);
  });

  it('says the name of a client that has none', async () => {
    const { start, look } = createDeviceFlow();
    const { user_code } = await start({}, 'tv2');

    expect(devicePage((await look({ user_code })).page).clientName).toBe('tv2');
  });

  it('decides nothing by being looked at, whatever the address says', async () => {
    const flow = createDeviceFlow();
    const { user_code, device_code } = await flow.start();
    const handle = await flow.handleOf(user_code);

    for (const query of [
      { user_code, decision: 'allow' },
      { user_code, handle, decision: 'allow' },
      { handle, decision: 'allow' },
      { handle, decision: 'deny' },
    ]) {
      expect((await flow.look(query)).page?.kind).not.toBe('device_answered');
    }
    expect(await outcomeOf(flow, device_code)).toBe('authorization_pending');
    expect((await flow.send({ handle, decision: 'allow' })).page).toEqual(ALLOWED);
  });

  it('is shown to nobody who fetches ahead, nor in an image or a frame', async () => {
    const { start, look } = createDeviceFlow();
    const { user_code } = await start();

    for (const headers of [
      { 'sec-purpose': 'prefetch' },
      { 'sec-fetch-dest': 'image' },
      { 'sec-fetch-dest': 'iframe' },
    ]) {
      const { status, page } = await look({ user_code }, undefined, { headers });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(page?.kind).not.toBe('device');
    }
    const opened = await look({ user_code }, undefined, {
      headers: { 'sec-fetch-dest': 'document' },
    });
    expect(opened.page?.kind).toBe('device');
  });
});

describe('the page of devices: nobody is signed in (UP-9)', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
  const loginUrl = 'https://proxy.example/start?rd=${url}';

  it('leads to the sign-in and back to this code', async () => {
    const flow = createDeviceFlow({ policy: { loginUrl } });
    const { user_code } = await flow.start();

    for (const answer of [
      await flow.look({ user_code, extra: 'x' }, 'nobody'),
      await flow.send({ user_code }, 'nobody'),
    ]) {
      expect(sentTo(answer)).toEqual({
        to: 'https://proxy.example/start',
        rd: `${ISSUER}/device?user_code=${user_code}&asteroid_login_attempt=${flow.clock()}`,
      });
    }
  });

  it('takes no text there that is not a code', async () => {
    const { look, clock } = createDeviceFlow({ policy: { loginUrl } });

    for (const query of [{ user_code: 'https://evil.example' }, {}]) {
      expect(sentTo(await look(query, 'nobody'))['rd']).toBe(
        `${ISSUER}/device?asteroid_login_attempt=${clock()}`,
      );
    }
  });

  it('is a 401 page where there is nowhere to go, or just was', async () => {
    const page = { kind: 'error', code: 'login_required' };
    const without = createDeviceFlow();
    const flow = createDeviceFlow({ policy: { loginUrl } });
    const query = { asteroid_login_attempt: String(flow.clock()) };

    expect(await without.look({}, 'nobody')).toMatchObject({ status: 401, page });
    expect(await flow.look(query, 'nobody')).toMatchObject({ status: 401, page });
  });
});

describe('the page of devices: codes that are not (RFC 8628 §5.1; DA-2)', () => {
  it('has one answer to a wrong, an expired, an answered and another’s code', async () => {
    const flow = createDeviceFlow();
    const [expired, answered, theirs] = [
      await flow.start(),
      await flow.start({}, 'tv2'),
      await flow.start({}, 'tv2'),
    ];
    flow.clock.advance(300);
    const live = await flow.start();
    await flow.decide(answered.user_code, 'deny');
    await flow.handleOf(theirs.user_code, bob);
    flow.clock.advance(300);

    const wrong = await flow.look({ user_code: 'BBBB-BBBB' });
    expect(wrong).toMatchObject(NOT_FOUND);
    for (const user_code of [expired.user_code, answered.user_code, theirs.user_code, 'x', '0']) {
      expect((await flow.look({ user_code })).response).toEqual(wrong.response);
    }
    expect((await flow.look({ user_code: live.user_code })).page?.kind).toBe('device');
    expect(flow.events.at(-1)).toMatchObject({
      type: 'user_code.refused',
      subject: 'alice',
      reason: 'user_code_unknown',
    });
  });

  it('is not a code of a client that is gone, or may have nothing of it any more', async () => {
    const flow = createDeviceFlow();
    const { user_code } = await flow.start();
    const tv = flow.clients.get('tv') ?? makeClient('tv');

    for (const client of [undefined, { ...tv, grantTypes: [] }, { ...tv, scope: ['other'] }]) {
      if (client === undefined) flow.clients.delete('tv');
      else flow.clients.set('tv', client);
      expect(await flow.look({ user_code })).toMatchObject(NOT_FOUND);
    }
    flow.clients.set('tv', { ...tv, scope: ['openid'] });
    expect(devicePage((await flow.look({ user_code })).page).scope).toMatchObject([
      { name: 'openid' },
    ]);
  });

  it('lets an End-User try a few only, right or wrong, and others go on', async () => {
    const flow = createDeviceFlow();
    const [first, second] = [await flow.start(), await flow.start()];
    for (let count = 0; count < MAX_TRIES; count += 1) await flow.send({ user_code: 'BBBB-BBBB' });

    for (const answer of [
      await flow.send({ user_code: first.user_code }),
      await flow.look({ user_code: first.user_code }),
    ]) {
      expect(answer).toMatchObject({
        status: 429,
        page: { kind: 'user_code', problem: 'too_many' },
      });
    }
    expect(flow.events.at(-1)).toMatchObject({ reason: 'user_code_tries', subject: 'alice' });
    expect((await flow.look({ user_code: second.user_code }, bob)).page?.kind).toBe('device');
    flow.clock.advance(600);
    const { user_code } = await flow.start();
    expect((await flow.look({ user_code })).page?.kind).toBe('device');
  });

  it('counts tries that come all at once', async () => {
    const flow = createDeviceFlow();
    const { user_code } = await flow.start();
    const guesses = Array.from({ length: 200 }, () => flow.send({ user_code: 'BBBB-BBBB' }));

    const answers = await Promise.all([...guesses, flow.send({ user_code })]);

    expect(answers.filter(({ status }) => status === 400)).toHaveLength(MAX_TRIES);
    expect(answers.at(-1)?.status).toBe(429);
    expect(flow.weather.calls.filter((name) => name === 'findDevice')).toHaveLength(MAX_TRIES);
  });

  it('lets nobody try when too many were wrong, whoever they were', async () => {
    const flow = createDeviceFlow();
    const { user_code } = await flow.start();
    for (let count = 0; count < MAX_MISSES - 1; count += 1) {
      await flow.send({ user_code: 'x' }, identify(`guesser-${Math.floor(count / MAX_TRIES)}`));
    }

    expect((await flow.look({ user_code })).page?.kind).toBe('device');
    await flow.send({ user_code: 'x' }, bob);
    expect((await flow.look({ user_code })).status).toBe(429);
    flow.clock.advance(600);
    expect((await flow.look({ user_code: (await flow.start()).user_code })).status).toBe(200);
  });
});

describe('the page of devices: who may answer (RFC 8628 §5.4; DA-3, UP-9)', () => {
  for (const decision of ['allow', 'deny']) {
    it(`refuses ${decision} by bob on the page of alice, who may still answer it`, async () => {
      const flow = createDeviceFlow();
      const { user_code, device_code } = await flow.start();
      const handle = await flow.handleOf(user_code);

      for (const who of [bob, 'nobody'] as const) {
        expect(await flow.send({ handle, decision }, who)).toMatchObject({
          json: { error: 'access_denied', reason: 'another_subject' },
        });
      }
      expect(await outcomeOf(flow, device_code)).toBe('authorization_pending');
      expect((await flow.send({ handle, decision: 'allow' })).page).toEqual(ALLOWED);
    });
  }

  it('lets bob neither allow nor deny what alice was shown, though he knows the code (better-auth GHSA-cq3f-vc6p-68fh)', async () => {
    const flow = createDeviceFlow();
    const { user_code, device_code } = await flow.start();
    const handle = await flow.handleOf(user_code);

    expect(await flow.look({ user_code }, bob)).toMatchObject(NOT_FOUND);
    expect(await flow.send({ user_code }, bob)).toMatchObject(NOT_FOUND);
    // Hers stays hers, as often as she looks.
    expect((await flow.look({ user_code })).page?.kind).toBe('device');
    await flow.send({ handle, decision: 'allow' });
    expect(await outcomeOf(flow, device_code)).toBe('tokens');
  });

  it('gives the page to one of two who open it at the same moment', async () => {
    const flow = createDeviceFlow();
    const { user_code } = await flow.start();

    const pages = await Promise.all(
      Array.from({ length: 10 }, (_, count) =>
        flow.look({ user_code }, identify(count % 2 === 0 ? 'alice' : 'bob')),
      ),
    );

    const shown = pages.flatMap(({ page }) => (page?.kind === 'device' ? [page.subject] : []));
    expect(new Set(shown).size).toBe(1);
    expect(shown).toHaveLength(5);
  });

  it('is not shown to an End-User who may not use the client, and is there for one who may', async () => {
    const sales = makeClient('sales', {
      grantTypes: [DEVICE_CODE],
      allow: { subjects: [], groups: ['sales'], emailDomains: [] },
    });
    const flow = createDeviceFlow({ clients: [sales] });
    const { user_code } = await flow.start({}, 'sales');

    expect(await flow.look({ user_code })).toMatchObject({
      json: { error: 'access_denied', reason: 'subject_not_allowed' },
    });
    expect(await flow.look({ user_code }, identify('mallory'))).toMatchObject({
      json: { error: 'access_denied', reason: 'subject_unknown' },
    });
    expect((await flow.decide(user_code, 'allow', bob)).page).toEqual(ALLOWED);
  });

  it('is asked again when the answer comes', async () => {
    const flow = createDeviceFlow();
    const { user_code, device_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    flow.users.delete('alice');

    expect(await flow.send({ handle, decision: 'allow' })).toMatchObject({
      json: { error: 'access_denied', reason: 'subject_unknown' },
    });
    expect(await outcomeOf(flow, device_code)).toBe('authorization_pending');
  });
});

describe('the page of devices: the answer (RFC 6749 §10.12; DA-3)', () => {
  it('is final: of two the first counts', async () => {
    const flow = createDeviceFlow();
    const [first, second] = [await flow.start(), await flow.start()];
    const [yes, no] = [await flow.handleOf(first.user_code), await flow.handleOf(second.user_code)];

    expect((await flow.send({ handle: yes, decision: 'allow' })).page).toEqual(ALLOWED);
    expect((await flow.send({ handle: no, decision: 'deny' })).page).toEqual({
      kind: 'device_answered',
      allowed: false,
    });
    for (const form of [
      { handle: yes, decision: 'deny' },
      { handle: no, decision: 'allow' },
    ]) {
      expect(await flow.send(form)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'handle_unknown' },
      });
    }
    expect(await outcomeOf(flow, first.device_code)).toBe('tokens');
    expect(await outcomeOf(flow, second.device_code)).toBe('access_denied');
    expect(flow.events).toContainEqual(
      expect.objectContaining({ type: 'consent.denied', clientId: 'tv', subject: 'alice' }),
    );
    expect(flow.events).toContainEqual(
      expect.objectContaining({ type: 'authorization.granted', clientId: 'tv', subject: 'alice' }),
    );
  });

  it('is given once of twenty at the same moment', async () => {
    const flow = createDeviceFlow();
    const { user_code } = await flow.start();
    const handle = await flow.handleOf(user_code);

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        flow.send({ handle, decision: count % 2 === 0 ? 'allow' : 'deny' }),
      ),
    );

    expect(answers.filter(({ page }) => page?.kind === 'device_answered')).toHaveLength(1);
    const granted = flow.events.filter(({ type }) => type === 'authorization.granted');
    expect(granted.length).toBeLessThanOrEqual(1);
  });

  it('comes too late when the code has expired', async () => {
    const flow = createDeviceFlow();
    const handle = await flow.handleOf((await flow.start()).user_code);
    flow.clock.advance(600);

    for (const decision of ['allow', 'deny']) {
      expect(await flow.send({ handle, decision })).toMatchObject({
        json: { reason: 'handle_unknown' },
      });
    }
  });

  it('is nothing without the handle that was shown, whole and of this issuer', async () => {
    const flow = createDeviceFlow();
    const elsewhere = createDeviceFlow({
      deps: { ...flow.deps, issuer: 'https://other.example' },
    });
    const { user_code, device_code } = await flow.start();
    const handle = await flow.handleOf(user_code);
    const foreign = await elsewhere.handleOf((await elsewhere.start()).user_code);
    const sealed = flow.deps.keys.seal('sign_out', JSON.stringify({ id: 'x', subject: 'alice' }));
    const bare = Buffer.from(JSON.stringify({ subject: 'alice' })).toString('base64url');

    for (const bad of [handle.slice(0, -1), `${handle}A`, foreign, sealed, bare, 'x', user_code]) {
      expect(await flow.send({ handle: bad, decision: 'allow' })).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', reason: 'handle_unknown' },
      });
    }
    for (const form of [
      { handle },
      { handle, decision: 'yes' },
      { handle, decision: ['allow', 'deny'] },
    ]) {
      expect(await flow.send(form)).toMatchObject({ json: { error: 'invalid_request' } });
    }
    expect(await outcomeOf(flow, device_code)).toBe('authorization_pending');
    expect((await flow.send({ handle, decision: 'allow' })).page).toEqual(ALLOWED);
  });

  it('counts for what was shown, whatever the form adds', async () => {
    const flow = createDeviceFlow();
    const [own, other] = [await flow.start({ scope: 'openid' }), await flow.start({}, 'tv2')];
    const handle = await flow.handleOf(own.user_code);
    const added = { user_code: other.user_code, scope: 'openid email', client_id: 'tv2' };

    await flow.send({ handle, decision: 'allow', ...added });

    const { json } = await flow.poll(own.device_code);
    expect(json['scope']).toBe('openid');
    flow.clock.advance(5);
    expect((await flow.poll(other.device_code, {}, 'tv2')).json['error']).toBe(
      'authorization_pending',
    );
  });

  it('is nothing when the proxy says more than can be kept', async () => {
    const flow = createDeviceFlow();
    const talkative = identify('alice', { claims: { nickname: 'x'.repeat(9000) } });
    const { user_code } = await flow.start();

    expect(await flow.decide(user_code, 'allow', talkative)).toMatchObject({
      json: { error: 'invalid_request', reason: 'snapshot_too_large' },
    });
  });
});
