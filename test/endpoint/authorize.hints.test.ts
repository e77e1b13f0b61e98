import { describe, expect, it } from 'vitest';
import type { Page } from '../../internal/oidc/endpoint.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, identify, type Query, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import { ANEW, comingBack, LOGIN, LOGOUT, STEP_UP, sentToProxy } from '../support/upstream-urls.ts';

const CLIENTS = [makeClient('shop', { clientName: 'Corner Shop', consent: 'always' })];

const create = (policy: object = { reauthenticateUrl: STEP_UP }): TestIssuer =>
  createTestIssuer({ policy, clients: CLIENTS });

const ALICE = identify('alice');
const BOB = identify('bob');

const refused = (error: string) => ({
  to: 'https://rp.example/callback',
  error,
  state: 'state-1',
  iss: ISSUER,
});

const asksFor = (subject: string): Query => ({
  claims: JSON.stringify({ id_token: { sub: { value: subject } } }),
});

function pageIn({ page }: Answer): Extract<Page, { kind: 'account' }> {
  if (page?.kind !== 'account') throw new Error(`no account page: ${JSON.stringify(page)}`);
  return page;
}

const comeBack = ({ authorize }: TestIssuer, left: Answer, identity = ALICE) =>
  authorize({}, identity, { params: comingBack(left) });

/** An ID Token of alice, and the page that bob sees because of it. */
async function openForAlice(issuer: TestIssuer, query: Query = {}) {
  const { id_token: id_token_hint } = await issuer.signIn();
  const page = pageIn(await issuer.authorize({ id_token_hint, ...query }, BOB));
  return { ...page, id_token_hint };
}

describe('id_token_hint for somebody else than is there (OIDC Core §3.1.2.1; AZ-10)', () => {
  it('shows who is there and who is asked for, and lets nobody else go on', async () => {
    const page = await openForAlice(create(), { client_id: 'shop' });

    expect(page).toMatchObject({
      clientName: 'Corner Shop',
      subject: 'bob',
      wanted: 'alice',
      canContinue: false,
      leadsTo: ['https://rp.example/callback', 'https://proxy.example'],
    });
  });

  it('goes on as whom it names once they have signed in', async () => {
    const issuer = create();
    const { handle } = await openForAlice(issuer);

    const left = await issuer.account({ handle, decision: 'switch' }, BOB);
    const back = await comeBack(issuer, left);

    expect(sentToProxy(left)).toMatchObject({ path: 'anew', told: { who: 'alice' } });
    const { json } = await issuer.redeem(back.params.get('code') ?? '');
    expect(claimsOf(String(json['id_token']))['sub']).toBe('alice');
  });

  it('tells the proxy rather than a login_hint who is meant', async () => {
    const issuer = create();
    const { handle, id_token_hint } = await openForAlice(issuer, { login_hint: 'carol' });
    const query = { id_token_hint, login_hint: 'alice@example.test', prompt: 'login' };

    const switched = await issuer.account({ handle, decision: 'switch' }, BOB);
    const anew = await issuer.authorize(query);

    expect(sentToProxy(switched).told).toMatchObject({ who: 'alice' });
    expect(sentToProxy(anew).told).toMatchObject({ who: 'alice' });
  });

  it('is login_required when the wrong End-User comes back, or goes on all the same', async () => {
    const issuer = create();
    const { handle } = await openForAlice(issuer);

    const left = await issuer.account({ handle, decision: 'switch' }, BOB);
    const back = await comeBack(issuer, left, BOB);
    const continued = await issuer.account({ handle, decision: 'continue' }, BOB);

    expect(sentTo(back)).toEqual(refused('login_required'));
    expect(sentTo(continued)).toEqual(refused('login_required'));
  });

  it('is login_required in silence, and where nobody can switch', async () => {
    const issuer = create();
    const { id_token: id_token_hint } = await issuer.signIn();
    const stuck = createTestIssuer({
      // A sign-out that does not lead back is no way to switch.
      policy: { loginUrl: LOGIN, logoutUrl: 'https://proxy.example/out' },
      deps: { keys: issuer.deps.keys },
    });

    const silent = await issuer.authorize({ id_token_hint, prompt: 'none' }, BOB);

    expect(sentTo(silent)).toEqual(refused('login_required'));
    expect(sentTo(await stuck.authorize({ id_token_hint }, BOB))).toEqual(
      refused('login_required'),
    );
  });

  it('asks the same of a sub claim', async () => {
    const issuer = create();

    const page = pageIn(await issuer.authorize(asksFor('alice'), BOB));
    const silent = await issuer.authorize({ ...asksFor('alice'), prompt: 'none' }, BOB);

    expect(page).toMatchObject({ wanted: 'alice', canContinue: false });
    expect(sentTo(silent)).toEqual(refused('login_required'));
    expect((await issuer.authorize(asksFor('bob'), BOB)).params.has('code')).toBe(true);
  });

  it('goes through the sign-out where that is all there is, and back by the sign-in', async () => {
    const issuer = create({ logoutUrl: LOGOUT, loginUrl: LOGIN });
    const { handle } = await openForAlice(issuer);

    const out = await issuer.account({ handle, decision: 'switch' }, BOB);
    const back = await issuer.authorize({}, 'nobody', { params: comingBack(out) });
    const wrong = await comeBack(issuer, back, BOB);
    const last = await comeBack(issuer, back);

    expect(sentToProxy(out)).toMatchObject({ path: 'out', told: {} });
    expect(sentToProxy(back).path).toBe('start');
    expect(sentTo(wrong)).toEqual(refused('login_required'));
    expect(last.params.has('code')).toBe(true);
  });
});

describe('login_hint (OIDC Core §3.1.2.1; AZ-9)', () => {
  const known = identify('u-17', {
    claims: { email: 'Bob@Example.test', preferred_username: 'bobby' },
  });

  for (const login_hint of ['u-17', 'bobby', 'bob@example.test', 'BOB@EXAMPLE.TEST']) {
    it(`of who is there changes nothing: ${login_hint}`, async () => {
      const { authorize, users } = create();
      users.set('u-17', {});

      for (const prompt of [undefined, 'none']) {
        expect((await authorize({ login_hint, prompt }, known)).params.has('code')).toBe(true);
      }
    });
  }

  for (const login_hint of [
    'alice',
    'Bobby',
    'U-17',
    'bob@example.test.evil',
    'bo\u212Bby@x',
    '1',
  ]) {
    it(`of somebody else is asked about once: ${login_hint}`, async () => {
      const { authorize, users } = create();
      users.set('u-17', {});

      const page = pageIn(await authorize({ login_hint }, known));

      expect(page).toMatchObject({ subject: 'u-17', wanted: login_hint, canContinue: true });
      expect(sentTo(await authorize({ login_hint, prompt: 'none' }, known))).toEqual(
        refused('login_required'),
      );
    });
  }

  it('is compared with what backends know, too', async () => {
    const { authorize } = create();

    const own = await authorize({ login_hint: 'ALICE@example.test' });
    const other = await authorize({ login_hint: 'bob@example.test' });

    expect(own.params.has('code')).toBe(true);
    expect(pageIn(other).wanted).toBe('bob@example.test');
  });

  it('is ignored as an address where none is known of the End-User', async () => {
    const { authorize } = create();

    for (const prompt of [undefined, 'none']) {
      const { params } = await authorize({ login_hint: 'alice@example.test', prompt }, BOB);
      expect(params.has('code')).toBe(true);
    }
  });

  it('folds no letters but those of ASCII', async () => {
    const { authorize } = create();
    const kim = identify('bob', { claims: { email: 'kim@example.test' } });

    const kelvin = await authorize({ login_hint: '\u212Aim@example.test' }, kim);

    expect(pageIn(kelvin).subject).toBe('bob');
  });

  it('lets the End-User stay, switch or cancel', async () => {
    const issuer = create();
    const open = async () => pageIn(await issuer.authorize({ login_hint: 'alice' }, BOB)).handle;

    const stay = await issuer.account({ handle: await open(), decision: 'continue' }, BOB);
    const left = await issuer.account({ handle: await open(), decision: 'switch' }, BOB);
    const cancel = await issuer.account({ handle: await open(), decision: 'cancel' }, BOB);

    expect(stay.params.has('code')).toBe(true);
    expect(sentToProxy(left).told).toMatchObject({ who: 'alice' });
    expect(sentTo(cancel)).toEqual(refused('access_denied'));
    expect(issuer.events.at(-1)).toMatchObject({
      type: 'authorization.refused',
      reason: 'account_cancelled',
      subject: 'bob',
      clientId: 'conf',
    });
    expect((await comeBack(issuer, left)).params.has('code')).toBe(true);
  });

  it('is a hint: whoever comes back instead is taken', async () => {
    const issuer = create();
    const { handle } = pageIn(await issuer.authorize({ login_hint: 'alice' }, BOB));
    const left = await issuer.account({ handle, decision: 'switch' }, BOB);

    expect((await comeBack(issuer, left, BOB)).params.has('code')).toBe(true);
  });

  it('is ignored where nobody can switch, without a question to any backend', async () => {
    const issuer = create({ loginUrl: LOGIN });
    issuer.backends.down = true;

    const { params } = await issuer.authorize({ login_hint: 'alice', max_age: '1' }, BOB);

    expect(params.get('error')).toBe('login_required');
  });

  it('waits for a backend that is down rather than guess', async () => {
    const issuer = create();
    issuer.backends.down = true;

    const { params } = await issuer.authorize({ login_hint: 'alice', max_age: '1' }, BOB);

    expect(params.get('error')).toBe('temporarily_unavailable');
  });

  it('writes nothing on our page but a name', async () => {
    const { authorize } = create();

    for (const login_hint of ['call +1 555 0100', 'a\u202Eb', 'a\u00A0b', 'x'.repeat(256)]) {
      expect(pageIn(await authorize({ login_hint }, BOB)).wanted).toBeUndefined();
    }
  });
});

describe('prompt=select_account (OIDC Core §3.1.2.1; AZ-7)', () => {
  const query = { prompt: 'select_account' };

  it('asks whom to go on as', async () => {
    const issuer = create();
    const { handle, ...page } = pageIn(await issuer.authorize(query, BOB));

    const stay = await issuer.account({ handle, decision: 'continue' }, BOB);

    expect(page).toMatchObject({ subject: 'bob', wanted: undefined, canContinue: true });
    expect(stay.params.has('code')).toBe(true);
  });

  it('is done with by whoever comes back', async () => {
    const issuer = create();
    const { handle } = pageIn(await issuer.authorize(query, BOB));
    const left = await issuer.account({ handle, decision: 'switch' }, BOB);

    expect(sentToProxy(left).told).toMatchObject({ who: '' });
    expect((await comeBack(issuer, left)).params.has('code')).toBe(true);
  });

  it('is done with by a sign-in for this request, and only by one that is proven', async () => {
    const issuer = create({ reauthenticateUrl: ANEW, loginUrl: LOGIN });
    const left = await issuer.authorize(query, 'nobody');
    const now = issuer.clock();

    const old = await comeBack(issuer, left, identify('bob', { authTime: now - 61 }));
    const back = await comeBack(issuer, left, identify('bob', { authTime: now }));

    expect(pageIn(old).subject).toBe('bob');
    expect(back.params.has('code')).toBe(true);
  });

  it('asks before the new sign-in that prompt=login wants, which counts for whoever it is', async () => {
    const issuer = create();
    const now = issuer.clock();
    const bob = identify('bob', { authTime: now - 9 });
    const { handle } = pageIn(await issuer.authorize({ prompt: 'select_account login' }, bob));

    const stay = await issuer.account({ handle, decision: 'continue' }, bob);
    const left = await issuer.account({ handle, decision: 'switch' }, bob);
    const unproven = await comeBack(issuer, left, bob);

    expect(sentToProxy(stay).path).toBe('anew');
    const stayed = await comeBack(issuer, stay, identify('bob', { authTime: now }));
    expect(stayed.params.has('code')).toBe(true);
    expect(sentTo(unproven)).toEqual(refused('login_required'));
    const switched = await comeBack(issuer, left, identify('alice', { authTime: now }));
    expect(switched.params.has('code')).toBe(true);
  });

  it('is refused where nobody can be signed in anew', async () => {
    const { authorize } = create({ logoutUrl: LOGOUT });

    expect(sentTo(await authorize(query))).toEqual(refused('account_selection_required'));
  });
});

describe('the answer to the account page (UP-9, T26, AZ-20, CO-6)', () => {
  const open = async (issuer: TestIssuer) =>
    pageIn(await issuer.authorize({ login_hint: 'alice' }, BOB)).handle;

  for (const decision of ['continue', 'switch', 'cancel']) {
    it(`is nobody else's: ${decision}`, async () => {
      const issuer = create();
      const handle = await open(issuer);

      for (const identity of [ALICE, 'nobody'] as const) {
        const { status, location, json } = await issuer.account({ handle, decision }, identity);
        expect({ status, location, reason: json['reason'] }).toEqual({
          status: 403,
          location: undefined,
          reason: 'another_subject',
        });
      }
      expect((await issuer.account({ handle, decision }, BOB)).location).toBeDefined();
    });
  }

  it('is one of three', async () => {
    const issuer = create();
    const handle = await open(issuer);

    expect((await issuer.account({ handle, decision: 'allow' }, BOB)).json['reason']).toBe(
      'decision_unknown',
    );
    expect((await issuer.account({ handle }, BOB)).json['reason']).toBe('parameter_missing');
    expect((await issuer.account({ decision: 'continue' }, BOB)).json['reason']).toBe(
      'handle_unknown',
    );
  });

  it('does not answer the consent page, nor the other way round', async () => {
    const issuer = create();
    const handle = await open(issuer);
    const { page } = await issuer.authorize({ client_id: 'shop' }, BOB);
    if (page?.kind !== 'consent') throw new Error('no consent page');

    const consented = await issuer.consent({ handle, decision: 'allow' }, BOB);
    const chosen = await issuer.account({ handle: page.handle, decision: 'continue' }, BOB);
    const away = await issuer.authorize({ prompt: 'login' }, BOB);
    const parked = comingBack(away).get('asteroid_resume')?.join();
    const unasked = await issuer.account({ handle: parked, decision: 'continue' }, BOB);

    for (const { json } of [consented, chosen, unasked]) {
      expect(json['reason']).toBe('handle_unknown');
    }
  });

  it('makes one code of many, and none after a no', async () => {
    const issuer = create();
    const handle = await open(issuer);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => issuer.account({ handle, decision: 'continue' }, BOB)),
    );
    const denied = await open(issuer);
    await issuer.account({ handle: denied, decision: 'cancel' }, BOB);

    expect(answers.filter(({ params }) => params.has('code'))).toHaveLength(1);
    const late = await issuer.account({ handle: denied, decision: 'continue' }, BOB);
    expect(late.json['reason']).toBe('handle_unknown');
  });

  it('leads on to consent of whoever goes on', async () => {
    const issuer = create();
    const query = { client_id: 'shop', login_hint: 'alice' };
    const { handle } = pageIn(await issuer.authorize(query, BOB));

    const { page } = await issuer.account({ handle, decision: 'continue' }, BOB);
    if (page?.kind !== 'consent') throw new Error('no consent page');
    const { params } = await issuer.consent({ handle: page.handle, decision: 'allow' }, BOB);

    expect(page.subject).toBe('bob');
    expect(params.has('code')).toBe(true);
  });

  it('switches nobody where a reload took the way away', async () => {
    const policy: { reauthenticateUrl: string | undefined } = { reauthenticateUrl: ANEW };
    const inner = create();
    const issuer = createTestIssuer({
      deps: { ...inner.deps, policy: () => ({ ...inner.deps.policy(), ...policy }) },
    });
    const handle = await open(issuer);
    policy.reauthenticateUrl = undefined;

    const { json } = await issuer.account({ handle, decision: 'switch' }, BOB);

    expect(json['reason']).toBe('decision_unknown');
  });
});

describe('metadata of an issuer that can do all this', () => {
  const metadata = async (policy: object) => {
    const { issuer } = create(policy);
    const response = await issuer.discovery({
      method: 'GET',
      params: new Map(),
      headers: {},
      repeatedHeaders: [],
      identity: undefined,
      session: undefined,
      certificate: undefined,
      requestId: 'r',
    });
    if (response.kind !== 'json') throw new Error('no metadata');
    return response.body;
  };

  it('names the prompts and the acr values that work, and no others (DI-5)', async () => {
    const able = await metadata({ reauthenticateUrl: ANEW, acrValuesSupported: ['pwd', 'mfa'] });
    const unable = await metadata({ logoutUrl: LOGOUT });

    expect(able).toMatchObject({
      prompt_values_supported: ['none', 'consent', 'login', 'select_account'],
      acr_values_supported: ['pwd', 'mfa'],
    });
    expect(unable).toMatchObject({ prompt_values_supported: ['none', 'consent'] });
    expect(unable).not.toHaveProperty('acr_values_supported');
  });
});
