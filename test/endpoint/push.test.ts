import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createHolder } from '../support/dpop.ts';
import {
  AUTHORIZE,
  createTestIssuer,
  type Different,
  ISSUER,
  type TestIssuer,
} from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import {
  basic,
  identify,
  NO_CREDENTIALS,
  type Query,
  sentTo,
  withForm,
} from '../support/requests.ts';

/** What a browser brings of a pushed request, and of nothing else. */
const only = (client_id: string, request_uri: unknown, more: Query = {}): Query => ({
  ...Object.fromEntries(Object.keys(AUTHORIZE).map((name) => [name, undefined])),
  client_id,
  request_uri: String(request_uri),
  ...more,
});

/** The browser's half of a request that `conf`, or whoever, has pushed. */
async function pushed(
  { push }: TestIssuer,
  form: Query = {},
  clientId = 'conf',
  more: Query = {},
): Promise<Query> {
  const { json } = await push({ client_id: clientId, ...form }, clientId);
  return only(clientId, json['request_uri'], more);
}

const reasonOf = ({ json }: { readonly json: Record<string, unknown> }) => json['reason'];

describe('POST /par (RFC 9126 §2; PA-1)', () => {
  it('answers 201 with a reference that a code comes of', async () => {
    const test = createTestIssuer();
    const { status, json } = await test.push();

    expect(status).toBe(201);
    expect(json).toEqual({
      request_uri: expect.stringMatching(
        /^urn:ietf:params:oauth:request_uri:pu_[\w-]{22}\.[\w-]{43}$/,
      ),
      expires_in: 90,
    });
    const { params } = await test.authorize(only('conf', json['request_uri']));
    expect(params.get('state')).toBe('state-1');
    const { json: tokens } = await test.redeem(params.get('code') ?? '');
    expect(tokens['scope']).toBe('openid profile email groups offline_access');
  });

  it('takes it from a client that names itself in its header only', async () => {
    const test = createTestIssuer();
    const { json } = await test.push({ client_id: undefined });

    const { params } = await test.authorize(only('conf', json['request_uri']));
    expect(params.has('code')).toBe(true);
  });

  it('takes it from a public client', async () => {
    const test = createTestIssuer();
    const redirect_uri = 'https://spa.example/callback';
    const query = await pushed(test, { redirect_uri, ...PKCE }, 'spa');

    expect((await test.authorize(query)).params.has('code')).toBe(true);
  });

  it('authenticates as the token endpoint does', async () => {
    const { push } = createTestIssuer();
    const wrong = withForm({ client_id: 'post', client_secret: 'wrong' });

    expect(reasonOf(await push({}, NO_CREDENTIALS))).toBe('client_auth_method_mismatch');
    expect(reasonOf(await push({ client_id: undefined }, NO_CREDENTIALS))).toBe(
      'credentials_missing',
    );
    expect(await push({ client_id: 'post' }, wrong)).toMatchObject({
      status: 401,
      json: { error: 'invalid_client', reason: 'client_secret_wrong' },
    });
    expect((await push({ client_id: 'post' }, 'post')).status).toBe(201);
  });

  it('takes nothing in the name of another client', async () => {
    const { push } = createTestIssuer();

    expect((await push({ client_id: 'conf2' }, 'conf')).json['error']).toBe('invalid_request');
    expect((await push({ client_id: 'conf2' }, 'conf2')).status).toBe(201);
  });

  it('keeps no credentials beside the request', async () => {
    const test = createTestIssuer();
    const kept: unknown[] = [];
    const { park } = test.deps.store;
    const { push } = createTestIssuer({
      deps: {
        store: {
          ...test.deps.store,
          park: (pending, now) => {
            kept.push(pending.request);
            return park(pending, now);
          },
        },
      },
    });
    await push({ client_id: 'post' }, 'post');

    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).toContain('rp.example');
    expect(JSON.stringify(kept)).not.toContain('post-secret');
  });

  it('refuses a request_uri in it, whatever it leads to', async () => {
    const { push } = createTestIssuer();
    const { json } = await push();

    for (const request_uri of [String(json['request_uri']), 'https://rp.example/request.jwt']) {
      const refused = await push({ request_uri });
      expect(refused).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
      expect(reasonOf(refused)).toBe('request_uri_pushed');
    }
  });

  it('refuses a parameter that is there twice', async () => {
    const { push } = createTestIssuer();

    expect(reasonOf(await push({ scope: ['openid', 'email'] }))).toBe('parameter_repeated');
  });

  it('puts a refusal on record with the client that proved itself', async () => {
    const { push, events } = createTestIssuer();
    await push({ scope: 'unknown' });

    expect(events).toMatchObject([
      { type: 'authorization.refused', clientId: 'conf', reason: 'scope_empty' },
    ]);
  });

  it('says that it cannot take more where the budget is used up', async () => {
    const { push, weather } = createTestIssuer();
    weather.down.add('park');
    await expect(push()).rejects.toThrow('did not answer');
  });
});

describe('everything about a request is refused where it is pushed (RFC 9126 §2.1, §2.3; PA-2)', () => {
  for (const [what, form, error] of [
    [
      'a redirect URI that is not registered',
      { redirect_uri: 'https://evil.example' },
      'invalid_request',
    ],
    ['a scope of nothing known', { scope: 'unknown' }, 'invalid_scope'],
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['an unknown response_mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['PKCE by plain', { ...PKCE, code_challenge_method: 'plain' }, 'invalid_request'],
    ['a resource that is not allowed', { resource: 'https://unknown.example' }, 'invalid_target'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['a malformed max_age', { max_age: '-1' }, 'invalid_request'],
    ['a contradictory prompt', { prompt: 'none login' }, 'invalid_request'],
    ['an id_token_hint of nobody', { id_token_hint: 'a.b.c' }, 'invalid_request'],
    ['neither state nor PKCE', { state: undefined }, 'invalid_request'],
    ['a request object of a client without', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
  ] as const) {
    it(`${what}: ${error}, as JSON`, async () => {
      const { push, response } = await (async () => {
        const test = createTestIssuer();
        return { ...test, ...(await test.push(form)) };
      })();

      expect(response).toMatchObject({ kind: 'json', status: 400, body: { error } });
      expect((await push()).status).toBe(201);
    });
  }

  it('PKCE that a public client leaves out', async () => {
    const { push } = createTestIssuer();
    const form = { client_id: 'spa', redirect_uri: 'https://spa.example/callback' };

    expect(reasonOf(await push(form, 'spa'))).toBe('code_challenge_missing');
    expect((await push({ ...form, ...PKCE }, 'spa')).status).toBe(201);
  });
});

describe('a pushed request at the authorization endpoint (RFC 9126 §4, §7; PA-3)', () => {
  it('is read as it was pushed: nothing beside it counts', async () => {
    const test = createTestIssuer();
    const query = await pushed(test, { scope: 'openid', nonce: 'n-1' }, 'conf', {
      scope: 'openid email',
      redirect_uri: 'https://evil.example',
      state: 'evil',
      response_mode: 'form_post',
      prompt: 'none login',
      nonce: 'evil',
      request: 'e30.e30.',
    });
    const answer = await test.authorize(query);

    expect(sentTo(answer)).toEqual({
      to: 'https://rp.example/callback',
      code: expect.any(String),
      state: 'state-1',
      iss: test.deps.issuer,
    });
    const { json } = await test.redeem(answer.params.get('code') ?? '');
    expect(json['scope']).toBe('openid');
  });

  it('is of no use to another client, however valid', async () => {
    const test = createTestIssuer();
    const { json } = await test.push();
    const { status, response } = await test.authorize(only('conf2', json['request_uri']));

    expect({ status, kind: response.kind }).toEqual({ status: 400, kind: 'json' });
    const honest = await test.authorize(only('conf', json['request_uri']));
    expect(honest.params.has('code')).toBe(true);
  });

  for (const [what, change] of [
    ['an unknown one', (uri: string) => `${uri.slice(0, -1)}${uri.endsWith('A') ? 'B' : 'A'}`],
    ['one that is longer', (uri: string) => `${uri}A`],
    ['that of a page', (uri: string) => uri.replace(':pu_', ':pr_')],
    ['nothing behind the prefix', () => 'urn:ietf:params:oauth:request_uri:'],
  ] as const) {
    it(`shows a page for ${what}`, async () => {
      const test = createTestIssuer();
      const { json } = await test.push();
      const uri = change(String(json['request_uri']));

      expect((await test.authorize(only('conf', uri))).json).toMatchObject({
        error: 'invalid_request_uri',
        reason: 'request_uri_unknown',
      });
    });
  }

  it('has to be taken up within the time that was named, to the second', async () => {
    const test = createTestIssuer();
    const query = await pushed(test);
    test.clock.advance(89);
    expect((await test.authorize(query)).params.has('code')).toBe(true);
    const later = await pushed(test);
    test.clock.advance(90);

    expect((await test.authorize(later)).json).toMatchObject({
      error: 'invalid_request_uri',
      reason: 'request_uri_expired',
    });
  });

  it('lives as long as the policy says', async () => {
    const test = createTestIssuer({ policy: { pushedRequestLifetime: 5 } });
    const { json } = await test.push();
    expect(json['expires_in']).toBe(5);
    test.clock.advance(5);

    expect(reasonOf(await test.authorize(only('conf', json['request_uri'])))).toBe(
      'request_uri_expired',
    );
  });
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
const LOGIN = 'https://proxy.example/login?rd=${url}';
const ASKING: Different = {
  clients: [makeClient('always', { consent: 'always' })],
  policy: { loginUrl: LOGIN },
};

/** The handle of the page that asks about a request. */
async function handleOf(test: TestIssuer, query: Query): Promise<string> {
  const { page } = await test.authorize(query);
  if (page?.kind !== 'consent') throw new Error('no consent page');
  return page.handle;
}

describe('a pushed request leads to one code (RFC 9126 §7.3; X-8)', () => {
  it('and not to a second one', async () => {
    const test = createTestIssuer();
    const query = await pushed(test);
    expect((await test.authorize(query)).params.has('code')).toBe(true);

    expect(reasonOf(await test.authorize(query))).toBe('request_uri_unknown');
  });

  it('of two browsers at once one gets it', async () => {
    const test = createTestIssuer();
    const query = await pushed(test);
    const answers = await Promise.all(Array.from({ length: 10 }, () => test.authorize(query)));

    expect(answers.filter(({ params }) => params.has('code'))).toHaveLength(1);
  });

  it('however often its page is loaded before, and from whichever of them', async () => {
    const test = createTestIssuer(ASKING);
    const query = await pushed(test, {}, 'always');
    const handles = [await handleOf(test, query), await handleOf(test, query)];
    const [first = '', second = ''] = handles;
    const allowed = await test.consent({ handle: second, decision: 'allow' });

    expect(allowed.params.has('code')).toBe(true);
    for (const handle of [first, second]) {
      expect(reasonOf(await test.consent({ handle, decision: 'allow' }))).toBe('handle_unknown');
    }
    expect(reasonOf(await test.authorize(query))).toBe('request_uri_unknown');
  });

  it('and ends with the no of whoever was asked', async () => {
    const test = createTestIssuer(ASKING);
    const query = await pushed(test, {}, 'always');
    const denied = await test.consent({ handle: await handleOf(test, query), decision: 'deny' });

    expect(denied.params.get('error')).toBe('access_denied');
    expect(reasonOf(await test.authorize(query))).toBe('request_uri_unknown');
  });

  it('its page is for the End-User who was asked, and for ten minutes', async () => {
    const test = createTestIssuer(ASKING);
    const query = await pushed(test, {}, 'always');
    const handle = await handleOf(test, query);
    expect(reasonOf(await test.consent({ handle, decision: 'allow' }, identify('bob')))).toBe(
      'another_subject',
    );
    test.clock.advance(599);
    const inTime = await test.consent({ handle, decision: 'allow' });
    expect(inTime.params.has('code')).toBe(true);

    const late = await handleOf(test, await pushed(test, {}, 'always'));
    test.clock.advance(600);
    expect(reasonOf(await test.consent({ handle: late, decision: 'allow' }))).toBe(
      'handle_unknown',
    );
  });

  it('may be left for signing in, after which its time has not run out', async () => {
    const test = createTestIssuer(ASKING);
    const query = await pushed(test);
    test.clock.advance(80);
    const { location = '' } = await test.authorize(query, 'nobody');
    const back = new URL(new URL(location).searchParams.get('rd') ?? '').searchParams;
    test.clock.advance(300);
    const answer = await test.authorize({
      ...only('conf', 'ignored'),
      request_uri: undefined,
      ...Object.fromEntries(back),
    });

    expect(answer.params.has('code')).toBe(true);
    expect(answer.params.get('state')).toBe('state-1');
    expect(reasonOf(await test.authorize(query))).toBe('request_uri_unknown');
  });

  it('counts once against the budget of waiting requests', async () => {
    const test = createTestIssuer(ASKING);
    const query = await pushed(test, {}, 'always');
    const parked = () => test.weather.calls.filter((name) => name === 'park').length;
    const before = parked();
    await handleOf(test, query);
    await handleOf(test, query);
    await test.authorize(query, 'nobody');

    expect(before).toBe(1);
    expect(parked()).toBe(before);
  });

  it('a client cannot pass its handle off as that of a page', async () => {
    const test = createTestIssuer(ASKING);
    const { json } = await test.push({ client_id: 'always' }, 'always');
    const handle = String(json['request_uri']).replace(/^.*:pu_/, 'pr_');

    for (const attempt of [
      test.consent({ handle, decision: 'allow' }),
      test.account({ handle, decision: 'continue' }),
      test.authorize({ ...only('always', 'x'), request_uri: undefined, asteroid_resume: handle }),
      test.consent({ handle: handle.replace('pr_', 'pp_'), decision: 'allow' }),
    ]) {
      expect(reasonOf(await attempt)).toBe('handle_unknown');
    }
  });

  it('of which a client cannot say that it came back from anywhere', async () => {
    const test = createTestIssuer(ASKING);
    const asteroid_login_attempt = String(test.clock());
    const query = await pushed(test, { asteroid_login_attempt });

    expect((await test.authorize(query, 'nobody')).location).toContain('proxy.example');
  });
});

describe('pushing is demanded of one client or of all (RFC 9126 §5, §6; PA-4)', () => {
  const strict = makeClient('strict', { requirePushedAuthorizationRequests: true });

  it('of one', async () => {
    const test = createTestIssuer({ clients: [strict] });
    const { params } = await test.authorize({ client_id: 'strict' });

    expect(params.get('error')).toBe('invalid_request');
    expect(params.get('state')).toBe('state-1');
    expect(test.events).toMatchObject([{ reason: 'pushed_request_required' }]);
    const query = await pushed(test, {}, 'strict');
    expect((await test.authorize(query)).params.has('code')).toBe(true);
    expect((await test.authorize()).params.has('code')).toBe(true);
  });

  it('of all', async () => {
    const test = createTestIssuer({ policy: { requirePushedAuthorizationRequests: true } });

    expect((await test.authorize()).params.get('error')).toBe('invalid_request');
    expect((await test.authorize(await pushed(test))).params.has('code')).toBe(true);
  });

  it('and what was not pushed goes nowhere but to a registered address', async () => {
    const test = createTestIssuer({ clients: [strict] });
    const query = { client_id: 'strict', redirect_uri: 'https://evil.example' };

    expect(reasonOf(await test.authorize(query))).toBe('redirect_uri_mismatch');
  });

  it('and a request that was pushed may still be put aside', async () => {
    const clients = [makeClient('strict', { ...strict, consent: 'always' })];
    const test = createTestIssuer({ clients });
    const query = await pushed(test, {}, 'strict');
    const allowed = await test.consent({ handle: await handleOf(test, query), decision: 'allow' });

    expect(allowed.params.has('code')).toBe(true);
  });
});

describe('a key that comes with a pushed request binds its code (RFC 9449 §10.1; PA-6)', () => {
  const URL_OF_PAR = `${ISSUER}/par`;
  const withProof = (dpop: string) => ({
    form: {},
    headers: { authorization: basic('conf'), dpop },
  });

  it('by a proof, which is of use here and once', async () => {
    const test = createTestIssuer();
    const [holder, thief] = await Promise.all([createHolder(), createHolder()]);
    const proof = await holder.prove({ claims: { htu: URL_OF_PAR } });
    const { json, status } = await test.push({}, withProof(proof));
    expect(status).toBe(201);
    expect((await test.push({}, withProof(proof))).json['error']).toBe('invalid_dpop_proof');
    expect((await test.push({}, withProof(await holder.prove()))).json['reason']).toBe(
      'dpop_proof_uri',
    );

    const { params } = await test.authorize(
      only('conf', json['request_uri'], { dpop_jkt: thief.jkt }),
    );
    const code = params.get('code') ?? '';
    expect((await test.redeem(code)).json['reason']).toBe('jkt_mismatch');
    const stolen = await test.redeem(code, {}, withProof(await thief.prove()));
    expect(stolen.json['reason']).toBe('jkt_mismatch');
    expect((await test.redeem(code, {}, withProof(await holder.prove()))).status).toBe(200);
  });

  it('by its thumbprint, and by both only if they agree', async () => {
    const test = createTestIssuer();
    const [holder, other] = await Promise.all([createHolder(), createHolder()]);
    const prove = () => holder.prove({ claims: { htu: URL_OF_PAR } });
    const query = await pushed(test, { dpop_jkt: holder.jkt });
    const { params } = await test.authorize(query);

    expect((await test.redeem(params.get('code') ?? '')).json['reason']).toBe('jkt_mismatch');
    const both = await test.push({ dpop_jkt: holder.jkt }, withProof(await prove()));
    expect(both.status).toBe(201);
    const contradiction = await test.push({ dpop_jkt: other.jkt }, withProof(await prove()));
    expect(contradiction.json['error']).toBe('invalid_dpop_proof');
  });
});
