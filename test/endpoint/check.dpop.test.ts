import { describe, expect, it } from 'vitest';
import type { CheckPolicy, DpopPolicy } from '../../internal/oidc/policy.ts';
import { makeClient } from '../support/clients.ts';
import { createHolder, type ProofParts } from '../support/dpop.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic, makeRequest, settle, toParams } from '../support/requests.ts';

const API = 'https://api.example/orders';
const NEEDED = { audience: API, scope: 'api:read' };

const CLIENT = makeClient('machine', {
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scope: ['api:read'],
  resources: [API],
});

const X_ORIGINAL = { 'x-original-method': 'POST', 'x-original-url': `${API}?page=2` };
const X_FORWARDED = {
  'x-forwarded-method': 'POST',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'api.example',
  'x-forwarded-uri': '/orders?page=2',
};

type Headers = Readonly<Record<string, string>>;

async function createBound(original: CheckPolicy['original'], dpop?: Partial<DpopPolicy>) {
  const policy = { requiresNonce: false, proofLifetime: 60, ...dpop };
  const test = createTestIssuer({
    policy: { check: { original }, dpop: policy },
    clients: [CLIENT],
  });
  const holder = await createHolder('ES256', test.clock);
  const issue = async (headers: Headers) => {
    const form = { grant_type: 'client_credentials', resource: API };
    const caller = { form: {}, headers: { authorization: basic('machine'), ...headers } };
    return test.token(form, caller);
  };
  let answer = await issue({ dpop: await holder.prove() });
  const nonce = answer.headers['DPoP-Nonce'];
  if (nonce !== undefined)
    answer = await issue({ dpop: await holder.prove({ claims: { nonce } }) });
  const token = String(answer.json['access_token']);
  const prove = (parts: ProofParts = {}) =>
    holder.proveAt(token, { ...parts, claims: { htm: 'POST', htu: API, ...parts.claims } });
  const bare = String((await issue({})).json['access_token']);
  return { test, holder, token, bare, prove };
}

function check({ issuer }: TestIssuer, headers: Headers, repeated: readonly string[] = []) {
  if (issuer.check === undefined) throw new Error('there is no /check');
  const sent = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !repeated.includes(name)),
  );
  const request = {
    method: 'GET',
    params: toParams(NEEDED),
    headers: sent,
    repeatedHeaders: repeated,
  };
  return settle(issuer.check(makeRequest(request)));
}

const errorOf = ({ status, headers }: Answer) => [
  status,
  /^(\w+) realm="[^"]*"(?:, error="(\w+)")?/.exec(headers['WWW-Authenticate'] ?? '')?.slice(1, 3),
];

describe('/check: DPoP, for the request that the proxy asks about (RFC 9449 §7; CK-7)', () => {
  for (const [original, headers] of [
    ['x-original', X_ORIGINAL],
    ['x-forwarded', X_FORWARDED],
  ] as const) {
    it(`takes a proof for it, as ${original} tells it`, async () => {
      const { test, token, prove } = await createBound(original);

      const answer = await check(test, {
        ...headers,
        authorization: `DPoP ${token}`,
        dpop: await prove(),
      });

      expect(answer.status).toBe(200);
      expect(answer.headers['X-Auth-Client-Id']).toBe('machine');
    });

    for (const name of Object.keys(headers)) {
      it(`takes none where ${name} is missing, or there twice`, async () => {
        const { test, token, prove } = await createBound(original);
        const { [name]: _, ...rest } = headers as Headers;
        const authorization = `DPoP ${token}`;

        const missing = await check(test, { ...rest, authorization, dpop: await prove() });
        const twice = { ...headers, authorization, dpop: await prove() };

        expect(errorOf(missing)).toEqual([401, ['DPoP', 'invalid_token']]);
        expect(errorOf(await check(test, twice, [name]))).toEqual([401, ['DPoP', 'invalid_token']]);
      });
    }
  }

  for (const [what, claims] of [
    ['another method', { htm: 'GET' }],
    ['another path', { htu: 'https://api.example/accounts' }],
    ['another host', { htu: 'https://api2.example/orders' }],
    ['/check itself', { htm: 'GET', htu: `${ISSUER}/check` }],
    ['another token', { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' }],
    ['another time', { iat: 1 }],
  ] as const) {
    it(`takes no proof for ${what}`, async () => {
      const { test, token, prove } = await createBound('x-original');
      const headers = { ...X_ORIGINAL, authorization: `DPoP ${token}` };

      const wrong = await check(test, { ...headers, dpop: await prove({ claims }) });
      const right = await check(test, { ...headers, dpop: await prove() });

      expect(errorOf(wrong)).toEqual([401, ['DPoP', 'invalid_dpop_proof']]);
      expect(right.status).toBe(200);
    });
  }

  it('takes a proof once, and by the key of the token only', async () => {
    const { test, token, prove } = await createBound('x-original');
    const thief = await createHolder('ES256', test.clock);
    const headers = { ...X_ORIGINAL, authorization: `DPoP ${token}` };
    const stolen = await thief.proveAt(token, { claims: { htm: 'POST', htu: API } });
    const dpop = await prove();

    expect(errorOf(await check(test, { ...headers, dpop: stolen }))).toEqual([
      401,
      ['DPoP', 'invalid_token'],
    ]);
    expect((await check(test, { ...headers, dpop })).status).toBe(200);
    expect(errorOf(await check(test, { ...headers, dpop }))).toEqual([
      401,
      ['DPoP', 'invalid_dpop_proof'],
    ]);
  });

  it('takes no bound token without proof, under either scheme', async () => {
    const { test, token } = await createBound('x-original');

    const bearer = await check(test, { ...X_ORIGINAL, authorization: `Bearer ${token}` });
    const dpop = await check(test, { ...X_ORIGINAL, authorization: `DPoP ${token}` });

    expect(errorOf(bearer)).toEqual([401, ['Bearer', 'invalid_token']]);
    expect(errorOf(dpop)).toEqual([401, ['DPoP', 'invalid_dpop_proof']]);
  });

  it('takes bearer tokens beside, and challenges for both', async () => {
    const { test, bare } = await createBound('x-original');

    expect((await check(test, { authorization: `Bearer ${bare}` })).status).toBe(200);
    const { headers } = await check(test, {});
    expect(headers['WWW-Authenticate']).toMatch(
      /^Bearer realm="[^"]+", DPoP realm="[^"]+", algs="/,
    );
  });

  it('believes no headers that are not declared, and then offers no DPoP', async () => {
    const { test, token, prove } = await createBound(undefined);
    const headers = { ...X_ORIGINAL, ...X_FORWARDED, authorization: `DPoP ${token}` };

    const answer = await check(test, { ...headers, dpop: await prove() });

    expect(errorOf(answer)).toEqual([401, ['Bearer', 'invalid_token']]);
    expect(answer.headers['WWW-Authenticate']).not.toContain('DPoP');
    expect((await check(test, {})).headers['WWW-Authenticate']).toBe(`Bearer realm="${ISSUER}"`);
  });

  it('believes only the headers that are declared', async () => {
    const { test, token, prove } = await createBound('x-original');
    const lie = { 'x-original-method': 'GET', 'x-original-url': 'https://api.example/other' };

    const headers = { ...X_FORWARDED, ...lie, authorization: `DPoP ${token}`, dpop: await prove() };

    expect(errorOf(await check(test, headers))).toEqual([401, ['DPoP', 'invalid_dpop_proof']]);
  });

  it('asks for a nonce with 401, and hands out the next one', async () => {
    const { test, token, prove } = await createBound('x-original', { requiresNonce: true });
    const headers = { ...X_ORIGINAL, authorization: `DPoP ${token}` };

    const first = await check(test, { ...headers, dpop: await prove() });
    const nonce = first.headers['DPoP-Nonce'];
    const second = await check(test, { ...headers, dpop: await prove({ claims: { nonce } }) });

    expect(errorOf(first)).toEqual([401, ['DPoP', 'use_dpop_nonce']]);
    expect(second.status).toBe(200);
    expect(second.headers['DPoP-Nonce']).toEqual(expect.any(String));
  });

  it('names the scope under the scheme that the token came with', async () => {
    const { test, token, prove } = await createBound('x-original');
    if (test.issuer.check === undefined) throw new Error('there is no /check');
    const answer = await settle(
      test.issuer.check(
        makeRequest({
          method: 'GET',
          params: toParams({ ...NEEDED, scope: 'api:write' }),
          headers: { ...X_ORIGINAL, authorization: `DPoP ${token}`, dpop: await prove() },
        }),
      ),
    );

    expect(errorOf(answer)).toEqual([403, ['DPoP', 'insufficient_scope']]);
    expect(answer.headers['WWW-Authenticate']).toContain('scope="api:write"');
  });
});
