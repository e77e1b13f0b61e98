import { describe, expect, it } from 'vitest';
import type { JwtClaims } from '../../internal/keys/keys.ts';
import type { ProtocolRequest } from '../../internal/oidc/endpoint.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import {
  type Answer,
  identify,
  makeRequest,
  type Query,
  settle,
  toParams,
} from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const API = 'https://api1.example';
const OTHER = 'https://api2.example';

const CLIENTS = [
  makeClient('app', {
    scope: ['openid', 'profile', 'api:read', 'api:write', 'offline_access'],
    resources: [API, OTHER],
  }),
  makeClient('machine', {
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scope: ['api:read'],
    resources: [API],
  }),
];

const createChecked = (): TestIssuer =>
  createTestIssuer({ policy: { check: { original: undefined } }, clients: CLIENTS });

const NEEDED: Query = { audience: API, scope: 'api:read' };

function check(
  { issuer }: TestIssuer,
  authorization: string | undefined,
  needed: Query = NEEDED,
  more: Partial<ProtocolRequest> = {},
): Promise<Answer> {
  if (issuer.check === undefined) throw new Error('there is no /check');
  const headers = authorization === undefined ? {} : { authorization };
  return settle(
    issuer.check(makeRequest({ method: 'GET', params: toParams(needed), headers, ...more })),
  );
}

const QUERY: Query = { client_id: 'app', scope: 'openid api:read', resource: API };

const tokenOf = async (test: TestIssuer, query: Query = {}, user = 'alice') =>
  (await test.signIn({ ...QUERY, ...query }, identify(user))).access_token;

const challengeOf = ({ status, headers }: Answer) => [status, headers['WWW-Authenticate']];

const bearer = (rest: string) => `Bearer realm="${ISSUER}"${rest}`;

const INVALID = [
  401,
  bearer(', error="invalid_token", error_description="the token is invalid, expired or revoked"'),
];

const INSUFFICIENT = (scope: string) => [
  403,
  bearer(
    `, error="insufficient_scope", error_description="the token lacks the scope", scope="${scope}"`,
  ),
];

describe('/check: a token that is good (CK-1)', () => {
  it('is told in headers, and nothing else is', async () => {
    const test = createChecked();

    const answer = await check(test, `Bearer ${await tokenOf(test)}`);

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({});
    expect(answer.headers).toEqual({
      'X-Auth-Subject': 'alice',
      'X-Auth-Client-Id': 'app',
      'X-Auth-Scope': 'openid api:read',
      'X-Auth-Audience': API,
    });
  });

  it('is one of a client that acts for itself, which is its own subject', async () => {
    const test = createChecked();
    const { json } = await test.token(
      { grant_type: 'client_credentials', resource: API },
      'machine',
    );

    const { status, headers } = await check(test, `Bearer ${String(json['access_token'])}`);

    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'X-Auth-Subject': 'machine', 'X-Auth-Client-Id': 'machine' });
  });

  it('is one for several resource servers, each of which is named', async () => {
    const test = createChecked();

    const token = await tokenOf(test, { resource: [API, OTHER] });
    const { headers } = await check(test, `Bearer ${token}`, { audience: OTHER });

    expect(headers['X-Auth-Audience']).toBe(`${API} ${OTHER}`);
  });

  it('says so in an empty header where there is no scope', async () => {
    const bare = makeClient('bare', { grantTypes: ['client_credentials'], resources: [API] });
    const test = createTestIssuer({ policy: { check: { original: undefined } }, clients: [bare] });
    const { json } = await test.token({ grant_type: 'client_credentials', resource: API }, 'bare');

    const answer = await check(test, `Bearer ${String(json['access_token'])}`, { audience: API });

    expect([answer.status, answer.headers['X-Auth-Scope']]).toEqual([200, '']);
  });

  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
    it(`is good whatever the method: ${method}`, async () => {
      const test = createChecked();

      const answer = await check(test, `bEARER ${await tokenOf(test)}`, NEEDED, { method });

      expect(answer.status).toBe(200);
    });
  }
});

describe('/check: values that a header cannot hold (CK-2)', () => {
  for (const [subject, told] of [
    ['Zoë Müller', 'Zo%C3%AB%20M%C3%BCller'],
    ['a%20b', 'a%2520b'],
    ['a,b;c"d\\e', 'a,b;c"d\\e'],
    ['!~', '!~'],
    ['a\tb', 'a%09b'],
    ['日本🚀', '%E6%97%A5%E6%9C%AC%F0%9F%9A%80'],
  ] as const) {
    it(`are escaped: ${subject}`, async () => {
      const test = createChecked();
      test.users.set(subject, { name: 'X' });

      const { headers } = await check(test, `Bearer ${await tokenOf(test, {}, subject)}`);

      expect(headers['X-Auth-Subject']).toBe(told);
      expect(decodeURIComponent(told)).toBe(subject);
    });
  }
});

describe('/check: a request without a good token (RFC 6750 §3; CK-3)', () => {
  it('without any is challenged, and no more is said', async () => {
    const answer = await check(createChecked(), undefined);

    expect(challengeOf(answer)).toEqual([401, bearer('')]);
    expect(answer.json).toEqual({});
  });

  for (const authorization of ['Basic YTpi', 'Negotiate x', 'Digest a']) {
    it(`with ${authorization} is challenged, since that is no token`, async () => {
      expect(challengeOf(await check(createChecked(), authorization))).toEqual([401, bearer('')]);
    });
  }

  for (const authorization of [
    'Bearer',
    'Bearer  x',
    'Bearer a b',
    'Bearer é',
    'Bearer x,Bearer y',
  ]) {
    it(`is told with 401, which a proxy passes on, that ${authorization} is malformed`, async () => {
      const [status, challenge] = challengeOf(await check(createChecked(), authorization));

      expect(status).toBe(401);
      expect(challenge).toMatch(/error="invalid_request"/);
    });
  }

  it('is refused for anything that is no access token of ours', async () => {
    const test = createChecked();
    const { id_token, refresh_token, access_token } = await test.signIn({
      ...QUERY,
      scope: 'openid api:read offline_access',
    });
    const stranger = await tokenOf(createChecked());

    for (const token of ['x', id_token, refresh_token, stranger, `${access_token}a`]) {
      expect(challengeOf(await check(test, `Bearer ${token}`))).toEqual(INVALID);
    }
    expect((await check(test, `Bearer ${access_token}`)).status).toBe(200);
  });

  it('is refused for a token that is bound to a key, which nothing here proves', async () => {
    const test = createChecked();
    const token = await tokenOf(test);
    const sign = (different: object) =>
      test.deps.keys.sign('ES256', 'at+jwt', { ...claimsOf(token), ...different } as JwtClaims);

    for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}]) {
      expect(challengeOf(await check(test, `Bearer ${await sign({ cnf })}`))).toEqual(INVALID);
    }
    expect((await check(test, `Bearer ${await sign({})}`)).status).toBe(200);
  });

  it('does not take a token from a form or the query: those are the proxy’s to write', async () => {
    const test = createChecked();
    const access_token = await tokenOf(test);

    for (const method of ['GET', 'POST']) {
      const answer = await check(test, undefined, { ...NEEDED, access_token }, { method });
      expect(challengeOf(answer)).toEqual([401, bearer('')]);
    }
  });
});

describe('/check: a token that ended (CK-4)', () => {
  it('is refused from the second on in which it expires', async () => {
    const test = createChecked();
    const token = await tokenOf(test);

    test.clock.advance(3599);
    expect((await check(test, `Bearer ${token}`)).status).toBe(200);
    test.clock.advance(1);
    expect(challengeOf(await check(test, `Bearer ${token}`))).toEqual(INVALID);
  });

  it('is refused once it was revoked, and so is every other of its authorization', async () => {
    const test = createChecked();
    const [one, other] = [await test.signIn(QUERY), await tokenOf(test)];

    await test.revoke(one.refresh_token, 'app');

    expect(challengeOf(await check(test, `Bearer ${one.access_token}`))).toEqual(INVALID);
    expect((await check(test, `Bearer ${other}`)).status).toBe(200);
  });

  it('is refused once a machine’s own token was revoked', async () => {
    const test = createChecked();
    const issue = async () =>
      String(
        (await test.token({ grant_type: 'client_credentials', resource: API }, 'machine')).json[
          'access_token'
        ],
      );
    const [one, other] = [await issue(), await issue()];

    await test.revoke(one, 'machine');

    expect(challengeOf(await check(test, `Bearer ${one}`))).toEqual(INVALID);
    expect((await check(test, `Bearer ${other}`)).status).toBe(200);
  });

  it('is refused once the End-User is gone', async () => {
    const test = createChecked();
    const [alice, bob] = [await tokenOf(test), await tokenOf(test, {}, 'bob')];

    test.users.delete('alice');

    expect(challengeOf(await check(test, `Bearer ${alice}`))).toEqual(INVALID);
    expect((await check(test, `Bearer ${bob}`)).status).toBe(200);
  });

  it('is refused once the client is gone, or lets this End-User in no more', async () => {
    const test = createChecked();
    const token = await tokenOf(test);
    const allow = { subjects: [toSubject('bob')], groups: [], emailDomains: [] };

    test.clients.set('app', makeClient('app', { allow }));
    expect(challengeOf(await check(test, `Bearer ${token}`))).toEqual(INVALID);
    test.clients.delete('app');
    expect(challengeOf(await check(test, `Bearer ${token}`))).toEqual(INVALID);
  });

  it('is no refusal, but a 503, when nobody can tell', async () => {
    const test = createChecked();
    const token = await tokenOf(test);

    test.backends.down = true;

    await expect(check(test, `Bearer ${token}`)).rejects.toThrow('userinfo did not answer');
  });

  it('costs one round trip to the store', async () => {
    const test = createChecked();
    const token = await tokenOf(test);
    test.weather.calls.splice(0);

    await check(test, `Bearer ${token}`);

    expect(test.weather.calls).toEqual(['find']);
  });
});

describe('/check: what the proxy asks for (RFC 9068 §4, RFC 6750 §3.1; CK-5)', () => {
  it('is refused to a token for another resource server', async () => {
    const test = createChecked();
    const token = await tokenOf(test, { resource: OTHER });

    expect(challengeOf(await check(test, `Bearer ${token}`))).toEqual(INVALID);
    expect((await check(test, `Bearer ${token}`, { ...NEEDED, audience: OTHER })).status).toBe(200);
  });

  for (const audience of ['https://api1.example/', 'https://api1.exampl', 'HTTPS://api1.example']) {
    it(`compares the audience byte for byte: ${audience}`, async () => {
      const test = createChecked();
      const token = await tokenOf(test);

      expect(challengeOf(await check(test, `Bearer ${token}`, { audience }))).toEqual(INVALID);
    });
  }

  it('is refused with 403 to a token that lacks some of the scope, which is named', async () => {
    const test = createChecked();
    const token = await tokenOf(test);

    const scope = 'api:read api:write';

    expect(challengeOf(await check(test, `Bearer ${token}`, { ...NEEDED, scope }))).toEqual(
      INSUFFICIENT(scope),
    );
    const whole = await tokenOf(test, { scope: `openid ${scope}` });
    expect((await check(test, `Bearer ${whole}`, { ...NEEDED, scope })).status).toBe(200);
  });

  it('says nothing of the scope of a token that ended', async () => {
    const test = createChecked();
    const { access_token, refresh_token } = await test.signIn(QUERY);
    await test.revoke(refresh_token, 'app');

    const answer = await check(test, `Bearer ${access_token}`, { ...NEEDED, scope: 'api:write' });

    expect(challengeOf(answer)).toEqual(INVALID);
  });

  it('may be no scope at all', async () => {
    const test = createChecked();

    const answer = await check(test, `Bearer ${await tokenOf(test)}`, { audience: API });

    expect(answer.status).toBe(200);
  });

  for (const [what, needed] of [
    ['no audience', { scope: 'api:read' }],
    ['an empty audience', { audience: '', scope: 'api:read' }],
    ['two audiences', { audience: [API, OTHER] }],
    ['two scopes', { audience: API, scope: ['api:read', 'api:write'] }],
    ['a scope that is none', { audience: API, scope: 'a"b' }],
  ] as const) {
    it(`is a mistake of the operator’s, and lets nobody in, with ${what}`, async () => {
      const test = createChecked();

      const answer = await check(test, `Bearer ${await tokenOf(test)}`, needed);

      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    });
  }
});

describe('/check: unless it is configured (CK-6)', () => {
  it('does not exist', () => {
    expect(createTestIssuer().issuer.check).toBeUndefined();
  });

  it('is not in the metadata, configured or not: no standard has a name for it', async () => {
    for (const test of [createTestIssuer(), createChecked()]) {
      const response = await test.issuer.discovery(makeRequest({ method: 'GET' }));

      expect(JSON.stringify(response)).not.toContain('/check');
    }
  });
});
