import { describe, expect, it } from 'vitest';
import type { Identity } from '../../internal/protocol/identity.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, identify, type Query, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import { ANEW, comingBack, LOGIN, STEP_UP, sentToProxy } from '../support/upstream-urls.ts';

const CLIENTS = [
  makeClient('aged', { defaultMaxAge: 60 }),
  makeClient('timed', { requireAuthTime: true }),
  makeClient('always', { consent: 'always' }),
];

const create = (policy: object = {}): TestIssuer =>
  createTestIssuer({ policy: { reauthenticateUrl: ANEW, ...policy }, clients: CLIENTS });

const refused = (error: string) => ({
  to: 'https://rp.example/callback',
  error,
  state: 'state-1',
  iss: ISSUER,
});

const essential = (name: string, more: object = {}): string =>
  JSON.stringify({ id_token: { [name]: { essential: true, ...more } } });

const at = (authTime: number, more: Partial<Identity> = {}) =>
  identify('alice', { authTime, ...more });

/** Back from the proxy, as whoever it names then. */
const comeBack = ({ authorize }: TestIssuer, left: Answer, identity: Identity | 'nobody') =>
  authorize({}, identity, { params: comingBack(left) });

/** What is in the ID Token of a code. */
async function claimsIn(issuer: TestIssuer, { params }: Answer, client = 'conf') {
  const { json } = await issuer.redeem(params.get('code') ?? '', {}, client);
  return claimsOf(String(json['id_token']));
}

describe('signing in again at the upstream (T29, X-4, O15; OIDC Core §3.1.2.1)', () => {
  for (const { query, age } of [
    { query: { prompt: 'login' }, age: 5 },
    { query: { prompt: 'login' }, age: undefined },
    { query: { max_age: '0' }, age: 0 },
    { query: { max_age: '1' }, age: 2 },
    { query: { max_age: '60' }, age: undefined },
    { query: { client_id: 'aged' }, age: 61 },
    { query: { client_id: 'timed' }, age: undefined },
    { query: { claims: essential('auth_time') }, age: undefined },
  ] as const) {
    it(`counts for ${JSON.stringify(query)} when signed in ${age} seconds ago`, async () => {
      const issuer = create();
      const { authorize, clock } = issuer;
      const before = age === undefined ? identify('alice') : at(clock() - age);

      const left = await authorize(query, before);
      clock.advance(90);
      const back = await comeBack(issuer, left, at(clock() - 40));

      expect(sentToProxy(left)).toMatchObject({ path: 'anew', told: {} });
      expect([...comingBack(left).keys()]).toEqual(['asteroid_resume']);
      expect(sentToProxy(left).rd).toMatch(
        /^https:\/\/op\.example\/a\/authorize\?asteroid_resume=pr_/,
      );
      expect(
        await claimsIn(issuer, back, 'client_id' in query ? query.client_id : 'conf'),
      ).toMatchObject({ sub: 'alice', auth_time: clock() - 40 });
    });
  }

  for (const { what, before, after } of [
    { what: 'the same auth_time comes back', before: -5, after: -5 },
    { what: 'an older auth_time comes back', before: -5, after: -6 },
    { what: 'one of a sign-in of before comes back', before: -5000, after: -61 },
    { what: 'none was presented and an old one comes back', before: undefined, after: -61 },
    { what: 'no auth_time comes back', before: -5, after: undefined },
    { what: 'an auth_time of the future comes back', before: -5, after: 121 + 10 },
    { what: 'the one of the future that was presented comes back', before: 65, after: 65 },
  ]) {
    it(`is not proven when ${what}: login_required, and no second redirect`, async () => {
      const issuer = create();
      const { authorize, clock } = issuer;
      const now = clock();
      const said = (offset: number | undefined) =>
        offset === undefined ? identify('alice') : at(now + offset);

      const left = await authorize({ prompt: 'login' }, said(before));
      clock.advance(60);
      const back = await comeBack(issuer, left, said(after));

      expect(sentTo(back)).toEqual(refused('login_required'));
      expect(issuer.events.at(-1)).toMatchObject({ reason: 'reauthentication_unproven' });
    });
  }

  it('may be up to a minute behind the issuer, and no more ahead of it', async () => {
    for (const [offset, proven] of [
      [-60, true],
      [-61, false],
      [60, true],
      [61, false],
    ] as const) {
      const issuer = create();
      const left = await issuer.authorize({ max_age: '0' });
      const back = await comeBack(issuer, left, at(issuer.clock() + offset));

      expect([offset, back.params.has('code')]).toEqual([offset, proven]);
    }
  });

  it('is tried again by whoever comes back in vain and then signs in', async () => {
    const issuer = create();
    const left = await issuer.authorize({ prompt: 'login' }, at(issuer.clock() - 9));

    const inVain = await comeBack(issuer, left, at(issuer.clock() - 9));
    const back = await comeBack(issuer, left, at(issuer.clock()));
    const spent = await comeBack(issuer, left, at(issuer.clock()));

    expect(inVain.params.get('error')).toBe('login_required');
    expect(back.params.has('code')).toBe(true);
    expect(spent.json['reason']).toBe('handle_unknown');
  });

  it('does not hold the time of the way back against max_age', async () => {
    const issuer = create();
    const left = await issuer.authorize({ max_age: '1' }, at(issuer.clock() - 2));
    const authTime = issuer.clock() + 3;
    issuer.clock.advance(300);

    const back = await comeBack(issuer, left, at(authTime));

    expect((await claimsIn(issuer, back))['auth_time']).toBe(authTime);
  });

  it('is not asked for silently, nor where max_age is kept', async () => {
    const { authorize, clock } = create();

    const silent = await authorize({ prompt: 'none', max_age: '1' }, at(clock() - 2));
    const young = await authorize({ max_age: '60' }, at(clock() - 60));

    expect(sentTo(silent)).toEqual(refused('login_required'));
    expect(young.params.has('code')).toBe(true);
  });

  it('stays a refusal where the operator names no place for it', async () => {
    const { authorize, clock } = createTestIssuer({ policy: { loginUrl: LOGIN } });

    expect(sentTo(await authorize({ prompt: 'login' }, at(clock())))).toEqual(
      refused('login_required'),
    );
  });

  it('may be of another End-User, where the client hints at nobody', async () => {
    const issuer = create();
    const left = await issuer.authorize({ prompt: 'login' }, at(issuer.clock() - 100));
    const stale = identify('bob', { authTime: issuer.clock() - 61 });
    const fresh = identify('bob', { authTime: issuer.clock() });

    expect(sentTo(await comeBack(issuer, left, stale))).toEqual(refused('login_required'));
    expect((await claimsIn(issuer, await comeBack(issuer, left, fresh)))['sub']).toBe('bob');
  });

  it('has to be of the End-User that the id_token_hint names', async () => {
    const issuer = create();
    const { id_token: id_token_hint } = await issuer.signIn();
    const left = await issuer.authorize({ prompt: 'login', id_token_hint });
    const authTime = issuer.clock();

    expect(sentToProxy(left).rd).not.toContain(id_token_hint);
    const bob = await comeBack(issuer, left, identify('bob', { authTime }));
    expect(bob.page).toMatchObject({ kind: 'account', wanted: 'alice', canContinue: false });
    const alice = await comeBack(issuer, left, at(authTime));
    expect(alice.params.has('code')).toBe(true);
  });

  it('comes before consent, and its proof is asked for again with the answer', async () => {
    const issuer = create();
    const { authorize, consent, clock } = issuer;
    const query = { client_id: 'always', prompt: 'login' };
    const left = await authorize(query, at(clock() - 9));
    const { page } = await comeBack(issuer, left, at(clock()));
    if (page?.kind !== 'consent') throw new Error('no consent page');
    const form = { handle: page.handle, decision: 'allow' };
    clock.advance(200);

    const unproven = await consent(form, at(clock() - 209));
    const allowed = await consent(form, at(clock() - 200));

    expect(sentTo(unproven)).toEqual(refused('login_required'));
    expect(allowed.params.has('code')).toBe(true);
  });

  it('travels with a form, and answers in the mode that was asked for', async () => {
    const issuer = create();
    const query = { prompt: 'login', response_mode: 'form_post' };
    const left = await issuer.authorize(query, at(issuer.clock() - 9), { method: 'POST' });

    const back = await comeBack(issuer, left, at(issuer.clock()));

    expect(back.response.kind).toBe('form_post');
    expect(back.params.has('code')).toBe(true);
  });

  it('is one for each of two tabs', async () => {
    const issuer = create();
    const before = at(issuer.clock() - 9);
    const tabs = [
      await issuer.authorize({ prompt: 'login', state: 'a' }, before),
      await issuer.authorize({ prompt: 'login', state: 'b' }, before),
    ];

    const backs = await Promise.all(tabs.map((tab) => comeBack(issuer, tab, at(issuer.clock()))));

    expect(backs.map(({ params }) => [params.get('state'), params.has('code')])).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  it('ends after half an hour, however often the request is put aside again', async () => {
    const issuer = create({ loginUrl: LOGIN });
    let left = await issuer.authorize({ prompt: 'login' }, 'nobody');
    for (let minutes = 0; minutes < 27; minutes += 9) {
      issuer.clock.advance(540);
      left = await comeBack(issuer, left, 'nobody');
    }
    const params = comingBack(left);
    issuer.clock.advance(179);
    const back = await issuer.authorize({}, at(issuer.clock()), { params });
    expect(back.params.has('code')).toBe(true);

    const other = create({ loginUrl: LOGIN });
    let again = await other.authorize({ prompt: 'login' }, 'nobody');
    for (let minutes = 0; minutes < 27; minutes += 9) {
      other.clock.advance(540);
      again = await comeBack(other, again, 'nobody');
    }
    other.clock.advance(180);
    expect((await comeBack(other, again, at(other.clock()))).json['reason']).toBe('handle_unknown');
  });
});

describe('signing in for a request that wants a new sign-in (T29, AZ-8)', () => {
  for (const query of [{ prompt: 'login' }, { max_age: '0' }, { client_id: 'aged' }] as Query[]) {
    it(`counts as one, and nobody is asked twice: ${JSON.stringify(query)}`, async () => {
      const issuer = create({ loginUrl: LOGIN });
      const left = await issuer.authorize(query, 'nobody');
      issuer.clock.advance(120);

      const back = await comeBack(issuer, left, at(issuer.clock() - 100));

      expect(sentToProxy(left).path).toBe('start');
      expect([...comingBack(left).keys()]).toEqual(['asteroid_resume', 'asteroid_login_attempt']);
      expect(back.params.has('code')).toBe(true);
    });
  }

  it('is asked for once more when the proxy had somebody already, and then no more', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const old = at(issuer.clock() - 1000);
    const left = await issuer.authorize({ prompt: 'login' }, 'nobody');

    const again = await comeBack(issuer, left, old);
    const last = await comeBack(issuer, again, old);

    expect(sentToProxy(again).path).toBe('anew');
    expect(sentTo(last)).toEqual(refused('login_required'));
  });

  it('is not proven by an attempt that a client writes into the address', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const attempt = { prompt: 'login', asteroid_login_attempt: String(issuer.clock()) };

    const answer = await issuer.authorize(attempt, at(issuer.clock()));

    expect(sentToProxy(answer).path).toBe('anew');
    expect(comingBack(answer).has('asteroid_login_attempt')).toBe(false);
  });

  it('comes back to the sign-in when the proxy names nobody any more, and not in circles', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const left = await issuer.authorize({ prompt: 'login' }, at(issuer.clock() - 9));

    const nobody = await comeBack(issuer, left, 'nobody');
    const still = await comeBack(issuer, nobody, 'nobody');
    const back = await comeBack(issuer, nobody, at(issuer.clock()));

    expect(sentToProxy(nobody).path).toBe('start');
    expect({ status: still.status, location: still.location }).toEqual({
      status: 401,
      location: undefined,
    });
    expect(back.params.has('code')).toBe(true);
  });

  it('keeps what was put aside put aside, when it has to sign in once more', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const left = await issuer.authorize({}, 'nobody', { method: 'POST' });
    issuer.clock.advance(301);

    const again = await comeBack(issuer, left, 'nobody');

    expect([...comingBack(again).keys()]).toEqual(['asteroid_resume', 'asteroid_login_attempt']);
    expect((await comeBack(issuer, again, identify('alice'))).params.has('code')).toBe(true);
  });

  it('keeps an ID Token out of the address of the proxy (T31)', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const { id_token: id_token_hint } = await issuer.signIn();

    const left = await issuer.authorize({ id_token_hint }, 'nobody');
    const back = await comeBack(issuer, left, identify('alice'));

    expect(left.location).not.toContain(id_token_hint);
    expect(back.params.has('code')).toBe(true);
  });

  it('is not stopped by an attempt of the future (UP-5)', async () => {
    const issuer = create({ loginUrl: LOGIN });
    const asteroid_login_attempt = String(issuer.clock() + 300);

    const { location } = await issuer.authorize({ asteroid_login_attempt }, 'nobody');

    expect(location).toContain('https://proxy.example/start');
    expect(location).not.toContain(asteroid_login_attempt);
  });
});

describe('step-up: acr (OIDC Core §5.5.1.1, RFC 9470 §4, §5; AZ-9, O15)', () => {
  const weak = identify('alice', { acr: 'pwd' });
  const strong = identify('alice', { acr: 'mfa' });
  const wish = { acr_values: 'mfa phr' };
  const demand = { claims: essential('acr', { values: ['mfa', 'phr'] }) };
  const claimed = { claims: JSON.stringify({ id_token: { acr: { value: 'mfa' } } }) };

  for (const query of [wish, demand, claimed] as Query[]) {
    it(`is asked of the upstream once, and told the truth about: ${JSON.stringify(query)}`, async () => {
      const issuer = create({ reauthenticateUrl: STEP_UP });
      const left = await issuer.authorize(query, weak);

      const inVain = await comeBack(issuer, left, weak);
      const back = await comeBack(issuer, left, strong);

      expect(sentToProxy(left).told).toEqual({
        acr: query === claimed ? 'mfa' : 'mfa phr',
        age: '',
        who: '',
      });
      expect(sentTo(inVain)).toEqual(refused('unmet_authentication_requirements'));
      expect((await claimsIn(issuer, back))['acr']).toBe('mfa');
    });
  }

  it('is met by what is there already', async () => {
    const { authorize } = create({ reauthenticateUrl: STEP_UP });

    for (const query of [wish, demand, claimed]) {
      expect((await authorize(query, strong)).params.has('code')).toBe(true);
    }
  });

  it('is named by its wish when silence is asked for', async () => {
    const { authorize } = create({ reauthenticateUrl: STEP_UP });

    const wished = await authorize({ ...wish, prompt: 'none' }, weak);
    const demanded = await authorize({ ...demand, prompt: 'none' }, weak);

    expect(sentTo(wished)).toEqual(refused('interaction_required'));
    expect(sentTo(demanded)).toEqual(refused('unmet_authentication_requirements'));
  });

  for (const policy of [
    {},
    { reauthenticateUrl: STEP_UP, acrValuesSupported: ['pwd', 'otp'] },
    { reauthenticateUrl: undefined },
  ]) {
    it(`stays a wish, and a refused demand, where it cannot be had: ${JSON.stringify(policy)}`, async () => {
      const issuer = create(policy);

      for (const prompt of [undefined, 'none']) {
        const wished = await issuer.authorize({ ...wish, prompt }, weak);
        expect((await claimsIn(issuer, wished))['acr']).toBe('pwd');
        expect(sentTo(await issuer.authorize({ ...demand, prompt }, weak))).toEqual(
          refused('unmet_authentication_requirements'),
        );
      }
    });
  }

  it('is tried where one of the values is supported, or the demand is for any', async () => {
    const policy = { reauthenticateUrl: STEP_UP, acrValuesSupported: ['phr'] };
    const { authorize } = create(policy);

    expect(sentToProxy(await authorize(wish, weak)).path).toBe('anew');
    const any = await authorize({ claims: essential('acr') }, identify('alice'));
    expect(sentToProxy(any).told).toMatchObject({ acr: '' });
  });

  it('is what the claim names where both are there', async () => {
    const { authorize } = create({ reauthenticateUrl: STEP_UP });

    const left = await authorize({ ...claimed, acr_values: 'phr' }, weak);

    expect(sentToProxy(left).told).toMatchObject({ acr: 'mfa' });
    expect((await authorize({ ...claimed, acr_values: 'phr' }, strong)).params.has('code')).toBe(
      true,
    );
  });

  it('goes together with a new sign-in, and needs both', async () => {
    const issuer = create({ reauthenticateUrl: STEP_UP });
    const now = issuer.clock();
    const query = { ...wish, max_age: '60', login_hint: 'alice' };
    const left = await issuer.authorize(query, at(now - 61, { acr: 'mfa' }));

    expect(sentToProxy(left).told).toEqual({ acr: 'mfa phr', age: '60', who: 'alice' });
    const fresh = await comeBack(issuer, left, at(now, { acr: 'pwd' }));
    const stale = await comeBack(issuer, left, at(now - 61, { acr: 'mfa' }));
    const both = await comeBack(issuer, left, at(now, { acr: 'phr' }));

    expect(sentTo(fresh)).toEqual(refused('unmet_authentication_requirements'));
    expect(sentTo(stale)).toEqual(refused('login_required'));
    expect(both.params.has('code')).toBe(true);
  });

  it('writes every value into one component of the address', async () => {
    const { authorize } = create({ reauthenticateUrl: STEP_UP });

    const left = await authorize({ acr_values: 'a&who=mallory#? $&' }, weak);

    expect(sentToProxy(left).told).toEqual({ acr: 'a&who=mallory#? $&', age: '', who: '' });
  });
});
