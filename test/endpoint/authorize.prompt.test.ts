import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { identify, type Query, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const refused = (error: string) => ({
  to: 'https://rp.example/callback',
  error,
  state: 'state-1',
  iss: ISSUER,
});

describe('authorization endpoint: prompt (OIDC Core §3.1.2.1, §3.1.2.6; AZ-7)', () => {
  it('answers prompt=none with a code at once when the End-User is known', async () => {
    const { signIn } = createTestIssuer();

    const { id_token } = await signIn({ prompt: 'none' });

    expect(claimsOf(id_token)['sub']).toBe('alice');
  });

  it('answers prompt=none without an End-User with login_required, long state included', async () => {
    const { authorize } = createTestIssuer();
    const state = '-._~'.repeat(32);

    expect(sentTo(await authorize({ prompt: 'none', state }, 'nobody'))).toEqual({
      ...refused('login_required'),
      state,
    });
  });

  it('answers prompt=none where consent is needed with consent_required', async () => {
    const asking = makeClient('asking', { consent: 'always' });
    const { authorize } = createTestIssuer({ clients: [asking] });

    expect(sentTo(await authorize({ client_id: 'asking', prompt: 'none' }))).toEqual(
      refused('consent_required'),
    );
  });

  for (const prompt of [
    'none login',
    'consent none',
    'create',
    'NONE',
    'login  consent',
    '__proto__',
  ]) {
    it(`refuses prompt=${prompt} with invalid_request`, async () => {
      const { authorize } = createTestIssuer();

      expect(sentTo(await authorize({ prompt }))).toEqual(refused('invalid_request'));
    });
  }

  it('answers prompt=select_account with account_selection_required: there is no page for it', async () => {
    const { authorize } = createTestIssuer();

    expect(sentTo(await authorize({ prompt: 'select_account' }))).toEqual(
      refused('account_selection_required'),
    );
  });

  it('always asks for consent with prompt=consent, even a client that skips it', async () => {
    const { authorize } = createTestIssuer();

    const { page, location } = await authorize({ prompt: 'consent' });

    expect(location).toBeUndefined();
    expect(page).toMatchObject({ kind: 'consent', subject: 'alice' });
  });
});

describe('authorization endpoint: signing in again (OIDC Core §3.1.2.1; AZ-7, AZ-8, X-4, T29)', () => {
  for (const query of [{ prompt: 'login' }, { max_age: '0' }, { prompt: 'login consent' }]) {
    it(`answers ${JSON.stringify(query)} with login_required: a header proves no new sign-in`, async () => {
      const { authorize, clock } = createTestIssuer();
      const identity = identify('alice', { authTime: clock() });

      expect(sentTo(await authorize(query, identity))).toEqual(refused('login_required'));
    });
  }

  for (const max_age of ['-1', '1.5', '1e3', 'abc', '0x10', '99999999999999999999', ' 1']) {
    it(`refuses max_age=${max_age} with invalid_request`, async () => {
      const { authorize } = createTestIssuer();

      expect(sentTo(await authorize({ max_age }))).toEqual(refused('invalid_request'));
    });
  }

  it('puts the auth_time of the upstream into the ID Token when max_age is satisfied', async () => {
    const { signIn, clock } = createTestIssuer();
    const authTime = clock() - 100;

    const { id_token } = await signIn({ max_age: '100' }, identify('alice', { authTime }));

    expect(claimsOf(id_token)['auth_time']).toBe(authTime);
  });

  it('answers an exceeded max_age with login_required', async () => {
    const { authorize, clock } = createTestIssuer();
    const identity = identify('alice', { authTime: clock() - 101 });

    expect(sentTo(await authorize({ max_age: '100' }, identity))).toEqual(
      refused('login_required'),
    );
  });

  it('answers max_age with login_required when nobody knows when the End-User signed in', async () => {
    const { authorize } = createTestIssuer();

    expect(sentTo(await authorize({ max_age: '10000' }))).toEqual(refused('login_required'));
  });

  it('leaves auth_time out where the upstream says none, and never invents it', async () => {
    const { signIn } = createTestIssuer();

    const { id_token, access_token } = await signIn();

    expect(claimsOf(id_token)).not.toHaveProperty('auth_time');
    expect(claimsOf(access_token)).not.toHaveProperty('auth_time');
  });

  it('honours default_max_age and lets the request override it', async () => {
    const client = makeClient('aged', { defaultMaxAge: 60 });
    const { authorize, clock } = createTestIssuer({ clients: [client] });
    const identity = identify('alice', { authTime: clock() - 61 });

    const byDefault = await authorize({ client_id: 'aged' }, identity);
    const asked = await authorize({ client_id: 'aged', max_age: '100' }, identity);

    expect(sentTo(byDefault)).toEqual(refused('login_required'));
    expect(asked.params.get('code')).not.toBeNull();
  });

  it('honours require_auth_time', async () => {
    const client = makeClient('timed', { requireAuthTime: true });
    const { authorize, clock } = createTestIssuer({ clients: [client] });

    const unknown = await authorize({ client_id: 'timed' });
    const known = await authorize({ client_id: 'timed' }, identify('alice', { authTime: clock() }));

    expect(sentTo(unknown)).toEqual(refused('login_required'));
    expect(known.params.get('code')).not.toBeNull();
  });
});

describe('authorization endpoint: id_token_hint (OIDC Core §3.1.2.1; AZ-10)', () => {
  it('accepts a hint at the same End-User, an expired one too', async () => {
    const { authorize, signIn, clock } = createTestIssuer();
    const { id_token } = await signIn();
    clock.advance(100 * 86_400);

    const { params } = await authorize({ prompt: 'none', id_token_hint: id_token });

    expect(params.get('code')).not.toBeNull();
  });

  it('answers a hint at another End-User with login_required, never with the wrong code', async () => {
    const { authorize, signIn } = createTestIssuer();
    const { id_token } = await signIn({}, identify('bob'));

    for (const prompt of ['none', undefined]) {
      expect(sentTo(await authorize({ prompt, id_token_hint: id_token }))).toEqual(
        refused('login_required'),
      );
    }
  });

  it('refuses what is no ID Token of ours with invalid_request', async () => {
    const { authorize, signIn } = createTestIssuer();
    const { id_token, access_token } = await signIn();
    const { id_token: foreign } = await createTestIssuer().signIn();
    const [header = '', payload = ''] = id_token.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const hints: Query[string][] = [
      foreign,
      access_token,
      none,
      `${header}.${payload}.${'A'.repeat(86)}`,
      'a.b.c',
      'a.b.c.d.e',
      '🚀',
      'a'.repeat(100_000),
    ];

    for (const id_token_hint of hints) {
      expect(sentTo(await authorize({ id_token_hint }))).toEqual(refused('invalid_request'));
    }
  });

  it('refuses an ID Token of an issuer that shares our keys but not our name', async () => {
    const { deps, signIn } = createTestIssuer();
    const sibling = createTestIssuer({ deps: { keys: deps.keys, issuer: 'https://op.example/b' } });
    const { id_token } = await signIn();

    const answer = await sibling.authorize({ id_token_hint: id_token });

    expect(answer.params.get('error')).toBe('invalid_request');
  });
});

describe('authorization endpoint: acr (OIDC Core §5.5.1.1; AZ-9)', () => {
  const demanding = JSON.stringify({ id_token: { acr: { essential: true, values: ['phr'] } } });

  it('answers an essential acr that was not reached with unmet_authentication_requirements', async () => {
    const { authorize } = createTestIssuer();

    expect(
      sentTo(await authorize({ claims: demanding }, identify('alice', { acr: 'pwd' }))),
    ).toEqual(refused('unmet_authentication_requirements'));
  });

  it('puts the acr and amr of the upstream into the ID Token when the demand is met', async () => {
    const { signIn } = createTestIssuer();
    const identity = identify('alice', { acr: 'phr', amr: ['hwk', 'pin'] });

    const { id_token } = await signIn({ claims: demanding }, identity);

    expect(claimsOf(id_token)).toMatchObject({ acr: 'phr', amr: ['hwk', 'pin'] });
  });

  it('takes acr_values for a wish, and says what was reached', async () => {
    const { signIn } = createTestIssuer();

    const { id_token } = await signIn({ acr_values: 'phr' }, identify('alice', { acr: 'pwd' }));

    expect(claimsOf(id_token)['acr']).toBe('pwd');
  });
});

describe('auth_time that has not come yet', () => {
  it('is not known, and so satisfies no max_age and is not passed on', async () => {
    const { authorize, signIn, clock } = createTestIssuer();
    const ahead = identify('alice', { authTime: clock() + 3600 });

    const { id_token } = await signIn({}, ahead);

    expect(sentTo(await authorize({ max_age: '60' }, ahead))).toEqual(refused('login_required'));
    expect(claimsOf(id_token)['auth_time']).toBeUndefined();
  });

  it('counts within what the clocks of the proxy and the issuer may differ', async () => {
    const { signIn, clock } = createTestIssuer();

    const { id_token } = await signIn(
      { max_age: '60' },
      identify('alice', { authTime: clock() + 60 }),
    );

    expect(claimsOf(id_token)['auth_time']).toBe(clock() + 60);
  });
});
