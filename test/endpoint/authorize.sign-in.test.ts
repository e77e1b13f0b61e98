import { describe, expect, it } from 'vitest';
import { parseParams } from '../../internal/protocol/params.ts';
import { AUTHORIZE, createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import type { Answer } from '../support/requests.ts';
import { identify, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
const URL_HERE = '${url}';
const LOGIN = `https://proxy.example/oauth2/start?rd=${URL_HERE}`;
const createProxied = (): TestIssuer => createTestIssuer({ policy: { loginUrl: LOGIN } });

/** The address the proxy is asked to come back to. */
function returnUrl({ location = '' }: Answer): string {
  const start = 'https://proxy.example/oauth2/start?rd=';
  if (!location.startsWith(start)) throw new Error(`not to the proxy: ${location}`);
  return decodeURIComponent(location.slice(start.length));
}

/** What the browser asks for when it comes back. */
const returning = (answer: Answer) => parseParams(returnUrl(answer).split('?')[1] ?? '');

describe('authorization endpoint: nobody is signed in (T29, UP-5)', () => {
  it('shows a 401 page that says so where there is nowhere to sign in', async () => {
    const { authorize } = createTestIssuer();

    const { status, location, page } = await authorize({}, 'nobody');

    expect({ status, location }).toEqual({ status: 401, location: undefined });
    expect(page).toMatchObject({ kind: 'error', code: 'login_required' });
  });

  it('checks the request first: what is wrong with it goes to the client', async () => {
    const { authorize } = createProxied();

    const { params } = await authorize({ response_type: 'token' }, 'nobody');

    expect(params.get('error')).toBe('unsupported_response_type');
  });

  it('never sends prompt=none to the proxy', async () => {
    const { authorize } = createProxied();

    const { params } = await authorize({ prompt: 'none' }, 'nobody');

    expect(params.get('error')).toBe('login_required');
  });
});

describe('authorization endpoint: login_url (T31)', () => {
  it('comes back to the authorization endpoint of the issuer with the same request', async () => {
    const { authorize } = createProxied();
    const query = { ...AUTHORIZE, state: `&rd=https://evil.example#${URL_HERE}`, nonce: 'é "' };

    const answer = await authorize(query, 'nobody');

    expect(returnUrl(answer)).toMatch(/^https:\/\/op\.example\/a\/authorize\?client_id=conf&/);
    const { asteroid_login_attempt: login_attempt, ...params } = Object.fromEntries(
      returning(answer),
    );
    expect(params).toEqual(Object.fromEntries(toParams(query)));
    expect(login_attempt).toHaveLength(1);
  });

  it('comes back to one slash where the issuer ends in one', async () => {
    const { authorize } = createTestIssuer({
      policy: { loginUrl: LOGIN },
      deps: { issuer: 'https://op.example/' },
    });

    const answer = await authorize({}, 'nobody');

    expect(returnUrl(answer)).toMatch(/^https:\/\/op\.example\/authorize\?/);
  });

  it('is not steered by headers of the request', async () => {
    const { authorize } = createProxied();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };

    const { location } = await authorize({}, 'nobody', { headers });

    expect(location).not.toContain('evil');
  });

  it('keeps parameters that may be repeated, and unknown ones', async () => {
    const { authorize } = createProxied();
    const params = toParams({ ...AUTHORIZE, extra: ['1', '2'] });

    const answer = await authorize({}, 'nobody', { params });

    expect(returning(answer).get('extra')).toEqual(['1', '2']);
  });

  it('ends in a code once the proxy names an End-User', async () => {
    const { authorize } = createProxied();
    const params = returning(await authorize({}, 'nobody'));

    const answer = await authorize({}, identify('bob'), { params });

    expect(answer.location).toMatch(/^https:\/\/rp\.example\/callback\?code=/);
  });

  it('shows a 401 page instead of looping when the proxy comes back without an End-User', async () => {
    const { authorize, clock } = createProxied();
    const params = returning(await authorize({}, 'nobody'));

    const again = await authorize({}, 'nobody', { params });
    clock.advance(300);
    const later = await authorize({}, 'nobody', { params });

    expect({ status: again.status, location: again.location }).toEqual({
      status: 401,
      location: undefined,
    });
    expect(returning(later).get('asteroid_login_attempt')).toEqual([String(clock())]);
  });
});

describe('authorization endpoint: a POST that has to sign in (AZ-1)', () => {
  const post = { method: 'POST' };

  it('is put aside and comes back by a handle, not in an address of any length', async () => {
    const { authorize } = createProxied();

    const answer = await authorize({ state: 's'.repeat(4000) }, 'nobody', post);

    expect([...returning(answer).keys()]).toEqual(['asteroid_resume', 'asteroid_login_attempt']);
    expect(returnUrl(answer).length).toBeLessThan(200);
  });

  it('ends in a code for the request that was put aside, whatever comes along with the handle', async () => {
    const { authorize, redeem } = createProxied();
    const answer = await authorize({ nonce: 'n-1' }, 'nobody', post);
    const params = new Map([
      ...returning(answer),
      ...toParams({ client_id: 'conf2', scope: 'openid', state: 'stolen', nonce: 'n-2' }),
    ]);

    const resumed = await authorize({}, identify('alice'), { params });

    expect(resumed.params.get('state')).toBe('state-1');
    const { json } = await redeem(resumed.params.get('code') ?? '');
    expect(claimsOf(String(json['id_token']))).toMatchObject({ aud: 'conf', nonce: 'n-1' });
  });

  it('keeps no ID Token in clear while it waits, and compares the hint all the same', async () => {
    const inner = createProxied();
    const parked: unknown[] = [];
    const { authorize, signIn } = createTestIssuer({
      policy: { loginUrl: LOGIN },
      deps: {
        keys: inner.deps.keys,
        store: {
          ...inner.deps.store,
          park: (pending, now) => {
            parked.push(pending);
            return inner.deps.store.park(pending, now);
          },
        },
      },
    });
    const { id_token } = await signIn();

    const answer = await authorize({ id_token_hint: id_token }, 'nobody', post);

    expect(JSON.stringify(parked)).toContain('id_token_hint');
    expect(JSON.stringify(parked)).not.toContain(id_token.split('.')[1]);
    const params = returning(answer);
    const other = await authorize({}, identify('bob'), { params });
    expect(other.params.get('error')).toBe('login_required');
    const same = await authorize({}, identify('alice'), { params });
    expect(same.params.has('code')).toBe(true);
  });

  it('guards against the loop on the way back too', async () => {
    const { authorize } = createProxied();
    const params = returning(await authorize({}, 'nobody', post));

    const { status, location } = await authorize({}, 'nobody', { params });

    expect({ status, location }).toEqual({ status: 401, location: undefined });
  });

  it('gives one code for one handle', async () => {
    const { authorize } = createProxied();
    const params = returning(await authorize({}, 'nobody', post));

    const answers = await Promise.all(
      Array.from({ length: 5 }, () => authorize({}, identify('alice'), { params })),
    );

    expect(answers.filter((answer) => answer.params.has('code'))).toHaveLength(1);
    const late = await authorize({}, identify('alice'), { params });
    expect({ status: late.status, location: late.location }).toEqual({
      status: 400,
      location: undefined,
    });
  });

  for (const [what, resume] of [
    ['unknown', `pr_${'A'.repeat(22)}.${'A'.repeat(43)}`],
    ['malformed', 'x'],
  ] as const) {
    it(`shows a page for a handle that is ${what}`, async () => {
      const { authorize } = createProxied();

      const answer = await authorize({ asteroid_resume: resume });

      expect(answer.location).toBeUndefined();
      expect(answer).toMatchObject({ status: 400, json: { reason: 'handle_unknown' } });
    });
  }

  it('shows a page for a handle that has expired, after ten minutes', async () => {
    const { authorize, clock } = createProxied();
    const params = returning(await authorize({}, 'nobody', post));
    clock.advance(600);

    const answer = await authorize({}, identify('alice'), { params });

    expect(answer.location).toBeUndefined();
    expect(answer).toMatchObject({ status: 400, json: { reason: 'handle_unknown' } });
  });
});

describe('a chooser, for issuers without a proxy', () => {
  it('does not exist where nothing stands in for one', () => {
    expect(createTestIssuer().issuer.choose).toBeUndefined();
    expect(createTestIssuer({ chooser: true }).issuer.choose).toBeDefined();
  });
});
