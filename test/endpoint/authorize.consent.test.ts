import { describe, expect, it } from 'vitest';
import { createAsking, openPage, passes } from '../support/consent.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify, type Query, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const CALLBACK = 'https://rp.example/callback';
const bob = identify('bob');

describe('consent page: what is asked (OIDC Core §3.1.2.4; CO-4)', () => {
  it('names the client, where the answer goes, the End-User and the scopes', async () => {
    const { authorize } = createAsking();

    const { status, page } = await authorize({ client_id: 'once', scope: 'openid email' });

    expect(status).toBe(200);
    expect(page).toEqual({
      kind: 'consent',
      details: [],
      links: { clientUri: undefined, logoUri: undefined, policyUri: undefined, tosUri: undefined },
      clientName: 'Wiki <b>',
      redirectHost: 'rp.example',
      redirectUri: CALLBACK,
      subject: 'alice',
      scope: [
        { name: 'openid', description: undefined },
        { name: 'email', description: undefined },
      ],
      handle: expect.stringMatching(/^pr_[\w-]{22}\.[\w-]{43}$/),
    });
  });

  it('asks about the scope behind a claim that is requested by name', async () => {
    const { authorize } = createAsking();
    const claims = '{"userinfo":{"email":null}}';

    const { page } = await authorize({ client_id: 'once', scope: 'openid', claims });

    expect(page).toMatchObject({
      kind: 'consent',
      scope: [{ name: 'openid' }, { name: 'email' }],
    });
  });

  it('is not shown to an End-User who may not use the client', async () => {
    const { authorize } = createAsking();

    const { params, page } = await authorize({ client_id: 'once' }, identify('mallory'));

    expect(page).toBeUndefined();
    expect(params.get('error')).toBe('access_denied');
  });
});

describe('consent page: the answer (RFC 6749 §4.1.2.1, §10.12; CO-1, CO-6, CO-7)', () => {
  it('gives a code for the request that was shown', async () => {
    const asking = createAsking();
    const handle = await openPage(asking, { nonce: 'n-1' });

    const { params, location } = await asking.consent({ handle, decision: 'allow' });

    expect(location?.startsWith(`${CALLBACK}?code=`)).toBe(true);
    expect(params.get('state')).toBe('state-1');
    const { json } = await asking.redeem(params.get('code') ?? '', {}, 'once');
    expect(claimsOf(String(json['id_token']))).toMatchObject({ sub: 'alice', nonce: 'n-1' });
  });

  it('sends access_denied with state and iss when it is no', async () => {
    const asking = createAsking();
    const handle = await openPage(asking);

    expect(sentTo(await asking.consent({ handle, decision: 'deny' }))).toEqual({
      to: CALLBACK,
      error: 'access_denied',
      state: 'state-1',
      iss: ISSUER,
    });
    expect(asking.events.at(-1)).toMatchObject({ type: 'consent.denied', subject: 'alice' });
    expect(await passes(asking, { client_id: 'once' })).toBe(false);
  });

  it('counts for the request that was put aside, whatever the form adds (AZ-5)', async () => {
    const asking = createAsking();
    const handle = await openPage(asking, { scope: 'openid' });
    const added = {
      scope: 'openid email',
      client_id: 'conf2',
      redirect_uri: 'https://evil.example/',
      response_type: 'token',
      state: 'stolen',
    };

    const { params, location } = await asking.consent({ handle, decision: 'allow', ...added });

    expect(location?.startsWith(`${CALLBACK}?`)).toBe(true);
    expect(params.get('state')).toBe('state-1');
    const { json } = await asking.redeem(params.get('code') ?? '', {}, 'once');
    expect(json['scope']).toBe('openid');
  });

  for (const [what, form] of [
    ['an empty form', {}],
    ['no decision', { handle: 'HANDLE' }],
    ['decision[]=allow', { handle: 'HANDLE', 'decision[]': 'allow' }],
    ['decision twice', { handle: 'HANDLE', decision: ['deny', 'allow'] }],
    ['an unknown decision', { handle: 'HANDLE', decision: 'yes' }],
    ['no handle', { decision: 'allow' }],
    ['a handle of nobody', { handle: `pr_${'A'.repeat(22)}.${'A'.repeat(43)}`, decision: 'allow' }],
    ['a truncated handle', { handle: 'TRUNCATED', decision: 'allow' }],
  ] as const satisfies ReadonlyArray<readonly [string, Query]>) {
    it(`records nothing for ${what}, and the page stays open`, async () => {
      const asking = createAsking();
      const handle = await openPage(asking);
      const given = 'handle' in form ? form.handle : undefined;
      const known = { HANDLE: handle, TRUNCATED: handle.slice(0, -1) } as Record<string, string>;

      const answer = await asking.consent({ ...form, handle: given && (known[given] ?? given) });

      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
      expect(await passes(asking, { client_id: 'once' })).toBe(false);
      expect((await asking.consent({ handle, decision: 'allow' })).params.has('code')).toBe(true);
    });
  }

  it('is not taken from another page: the handle of one cannot answer the other', async () => {
    const asking = createAsking();
    const handle = await openPage(asking, { state: 'first' });
    const other = await openPage(asking, { state: 'second' });
    const mixed = handle.slice(0, 26) + other.slice(26);

    const { json } = await asking.consent({ handle: mixed, decision: 'allow' });

    expect(json).toMatchObject({ error: 'invalid_request', reason: 'handle_unknown' });
  });

  it('is not given by the handle of a request that is still signing in', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
    const loginUrl = 'https://proxy.example/start?rd=${url}';
    const asking = createAsking({ policy: { loginUrl } });
    const post = { method: 'POST' };
    const { params } = await asking.authorize({ client_id: 'once' }, 'nobody', post);
    const handle = new URL(params.get('rd') ?? '').searchParams.get('asteroid_resume') ?? '';

    const { json, location } = await asking.consent({ handle, decision: 'allow' });

    expect(location).toBeUndefined();
    expect(json).toMatchObject({ error: 'invalid_request', reason: 'handle_unknown' });
    expect((await asking.authorize({ asteroid_resume: handle })).page?.kind).toBe('consent');
  });

  it('gives exactly one code however often and in parallel it is sent', async () => {
    const asking = createAsking();
    const handle = await openPage(asking);

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => asking.consent({ handle, decision: 'allow' })),
    );
    const late = await asking.consent({ handle, decision: 'allow' });

    expect(answers.filter(({ params }) => params.has('code'))).toHaveLength(1);
    expect(late).toMatchObject({ status: 400, json: { reason: 'handle_unknown' } });
  });

  it('is final: no code after deny, and no denial after a code', async () => {
    const asking = createAsking();
    const denied = await openPage(asking);
    const allowed = await openPage(asking);

    await asking.consent({ handle: denied, decision: 'deny' });
    await asking.consent({ handle: allowed, decision: 'allow' });

    for (const [handle, decision] of [
      [denied, 'allow'],
      [allowed, 'deny'],
    ]) {
      const { json, location } = await asking.consent({ handle, decision });
      expect(location).toBeUndefined();
      expect(json['reason']).toBe('handle_unknown');
    }
  });

  it('comes too late after ten minutes', async () => {
    const asking = createAsking();
    const handle = await openPage(asking);
    asking.clock.advance(600);

    const { status, json } = await asking.consent({ handle, decision: 'allow' });

    expect({ status, ...json }).toMatchObject({ status: 400, reason: 'handle_unknown' });
  });
});

describe('consent page: another End-User (RFC 9700 §4.7; UP-9, AZ-20, T26)', () => {
  for (const decision of ['allow', 'deny']) {
    it(`refuses ${decision} by bob on the page of alice, who may still answer it`, async () => {
      const asking = createAsking();
      const handle = await openPage(asking);

      const answer = await asking.consent({ handle, decision }, bob);
      const nobody = await asking.consent({ handle, decision }, 'nobody');

      for (const { json, location } of [answer, nobody]) {
        expect(location).toBeUndefined();
        expect(json).toMatchObject({ error: 'access_denied', reason: 'another_subject' });
      }
      expect((await asking.consent({ handle, decision: 'allow' })).params.has('code')).toBe(true);
    });
  }

  it('does not let bob resume the page of alice as his own code', async () => {
    const asking = createAsking();
    const handle = await openPage(asking);

    const { page, params } = await asking.authorize({ asteroid_resume: handle }, bob);

    expect(params.has('code')).toBe(false);
    expect(page).toMatchObject({ kind: 'consent', subject: 'bob' });
  });
});
