import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { makeClient } from '../support/clients.ts';
import { ISSUER, type TestIssuer } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { createSigningOut, hintOf, type SigningOut, sidOf } from '../support/signing-out.ts';
import { claimsOf, keySetOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const outcomes = ({ events }: TestIssuer) =>
  events.filter(({ type }) => type === 'logout.delivered' || type === 'logout.failed');

const whenTold = async (test: SigningOut, clients = 1) => {
  await until(() => outcomes(test).length === clients);
  return outcomes(test);
};

const tokenOf = (request: { readonly body?: string } | undefined) =>
  new URLSearchParams(request?.body).get('logout_token') ?? '';

describe('logout tokens (Back-Channel Logout §2.4, §2.6; LO-5)', () => {
  it('say to one client that its session is over, so that a relying party can verify it', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp', nonce: 'n-1' });
    await test.browser.endSession(hintOf(tokens));
    await whenTold(test);
    const token = tokenOf(test.receivers.requests[0]);

    const { payload, protectedHeader } = await jwtVerify(token, await keySetOf(test), {
      issuer: ISSUER,
      audience: 'rp',
      typ: 'logout+jwt',
      algorithms: ['ES256'],
      currentDate: new Date(test.clock() * 1000),
    });
    expect(protectedHeader).toEqual({
      alg: 'ES256',
      typ: 'logout+jwt',
      kid: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(payload).toEqual({
      iss: ISSUER,
      aud: 'rp',
      sub: claimsOf(tokens.id_token)['sub'],
      sid: sidOf(tokens),
      iat: test.clock(),
      exp: test.clock() + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      events: { [EVENT]: {} },
    });
  });

  it('are signed with the algorithm that the client registered for its ID Tokens', async () => {
    const rsa = makeClient('rsa', {
      idTokenSignedResponseAlg: 'RS256',
      backchannelLogoutUri: 'https://rp.example/rsa',
    });
    const test = createSigningOut({ clients: [rsa] });
    const tokens = await test.browser.signIn({ client_id: 'rsa' });
    await test.browser.endSession(hintOf(tokens));
    await whenTold(test);
    const token = tokenOf(test.receivers.requests[0]);

    expect(decodeProtectedHeader(token).alg).toBe('RS256');
    expect(
      (
        await jwtVerify(token, await keySetOf(test), {
          audience: 'rsa',
          currentDate: new Date(test.clock() * 1000),
        })
      ).payload['sid'],
    ).toBe(sidOf(tokens));
  });

  it('are fresh with every attempt', async () => {
    const test = createSigningOut();
    const answers = [500, undefined, 204];
    test.receivers.answer = () => {
      test.clock.advance(10);
      return answers.shift();
    };
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    await test.browser.endSession(hintOf(tokens));
    await whenTold(test);
    const sent = test.receivers.requests.map((request) => claimsOf(tokenOf(request)));

    expect(new Set(sent.map(({ jti }) => jti)).size).toBe(3);
    expect(sent.map(({ iat }) => Number(iat) - Number(sent[0]?.['iat']))).toEqual([0, 10, 20]);
    expect(outcomes(test)).toEqual([
      expect.objectContaining({ type: 'logout.delivered', clientId: 'rp', attempts: '3' }),
    ]);
  });

  it('are no ID Tokens: not as a hint, not to be revoked, not to sign out with', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    await test.browser.endSession(hintOf(tokens));
    await whenTold(test);
    const id_token_hint = tokenOf(test.receivers.requests[0]);

    const { params } = await test.browser.authorize({ client_id: 'rp', id_token_hint });
    expect(params.get('error')).toBe('invalid_request');
    expect((await test.userinfo(id_token_hint)).status).toBe(401);
    await test.browser.endSession({ id_token_hint });
    expect(test.reasons()).toEqual(['id_token_hint_invalid']);
  });
});

describe('back-channel delivery (Back-Channel Logout §2.5, §2.8; LO-5)', () => {
  it('is one form post with nothing but the token, in so much time and with so little answer', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp2' });
    await test.browser.endSession(hintOf(tokens));
    await whenTold(test);

    expect(test.receivers.requests).toEqual([
      {
        url: 'https://rp2.example/backchannel?x=1',
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: expect.stringMatching(/^logout_token=[\w.-]+$/),
        timeout: 5,
        maxBytes: 16_384,
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it('reaches every client of the session once, and no other', async () => {
    const test = createSigningOut();
    for (const client_id of ['rp', 'rp2', 'rp', 'conf']) await test.browser.signIn({ client_id });
    await openBrowser(test, identify('bob')).signIn({ client_id: 'rp' });
    await test.signOut();
    await whenTold(test, 2);

    const told = test.receivers.requests.map((request) => claimsOf(tokenOf(request)));
    expect(told.map(({ aud, sub }) => [aud, sub]).toSorted()).toEqual([
      ['rp', 'alice'],
      ['rp2', 'alice'],
    ]);
    expect(new Set(told.map(({ sid }) => sid)).size).toBe(1);
  });

  it('also reaches clients whose access goes on, and those whose tokens have all expired', async () => {
    const test = createSigningOut();
    await test.browser.signIn({ client_id: 'rp' });
    await test.browser.signIn({ client_id: 'rp2', scope: 'openid' });
    test.clock.advance(86_399);
    await test.signOut();

    expect(await whenTold(test, 2)).toHaveLength(2);
  });

  it('does not reach a client that is gone, or that never said where', async () => {
    const test = createSigningOut();
    for (const client_id of ['rp', 'rp2', 'conf']) await test.browser.signIn({ client_id });
    test.clients.delete('rp');
    await test.signOut();
    await whenTold(test);

    expect(test.receivers.requests.map(({ url }) => url)).toEqual([
      'https://rp2.example/backchannel?x=1',
    ]);
  });

  it('happens also when a session is replaced', async () => {
    const test = createSigningOut();
    const tokens = await test.browser.signIn({ client_id: 'rp' });
    test.browser.identity = identify('bob');
    await test.browser.signIn({ client_id: 'rp' });
    await whenTold(test);

    expect(claimsOf(tokenOf(test.receivers.requests[0]))).toMatchObject({
      sub: 'alice',
      sid: sidOf(tokens),
    });
  });

  for (const [status, reason, attempts] of [
    [400, 'delivery_refused', '1'],
    [500, 'delivery_exhausted', '3'],
    [302, 'delivery_exhausted', '3'],
    [undefined, 'delivery_exhausted', '3'],
  ] as const) {
    it(`that is answered with ${status} is on record as ${reason}`, async () => {
      const test = createSigningOut();
      test.receivers.answer = () => status;
      const tokens = await test.browser.signIn({ client_id: 'rp' });
      await test.browser.endSession(hintOf(tokens));

      expect(await whenTold(test)).toEqual([
        expect.objectContaining({
          ...{ type: 'logout.failed', clientId: 'rp', sid: sidOf(tokens) },
          ...{ reason, attempts },
        }),
      ]);
      expect(JSON.stringify(test.events)).not.toMatch(/eyJ[\w-]*\.[\w-]+\./);
    });
  }
});

describe('500 clients, half of them dead (LO-7)', () => {
  it('keep nobody waiting, and the others hear of it', async () => {
    const names = Array.from({ length: 500 }, (_, n) => `many-${n}`);
    const clients = names.map((name, n) =>
      makeClient(name, {
        backchannelLogoutUri: `https://${n % 2 ? 'dead' : 'rp'}.example/${name}`,
      }),
    );
    const test = createSigningOut({ clients });
    test.receivers.answer = async ({ url }) => {
      if (url.startsWith('https://dead')) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return undefined;
      }
      return 200;
    };
    for (const client_id of names) await test.browser.authorize({ client_id });
    const { page } = await test.browser.endSession();
    const answer = await test.browser.answerPage(page);

    expect(answer.status).toBe(200);
    expect(test.receivers.requests).toEqual([]);
    const ended = await whenTold(test, 500);
    expect(ended.filter(({ type }) => type === 'logout.delivered')).toHaveLength(250);
  });
});
