import { inspect, isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSigner, setOf } from '../support/assertions.ts';
import { bundleOf } from '../support/workloads.ts';
import {
  CONFIG,
  createFolder,
  loadFolder,
  problemsOf,
  SECRET,
  TERMS,
  warningsOf,
} from './loader.fixture.ts';

const key = await createSigner('k1');
const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const SUBJECT = 'system:serviceaccount:shop:checkout';
const authMethods = new Set([
  ...TERMS.authMethods,
  'client_secret_jwt',
  'private_key_jwt',
  'kubernetes_service_account',
  'spiffe_jwt',
]);
const terms = { authMethods };
const LONG = 's'.repeat(3) + SECRET + SECRET;

const PLATFORMS = `${CONFIG}kubernetes: [{ issuer: "${ISSUER}", jwks_file: cluster.json }]
spiffe: [{ trust_domain: example.org, bundle_file: bundle.json }]
`;
const files = { 'cluster.json': setOf(key), 'bundle.json': bundleOf(key), long: LONG };
const one = (client: object) =>
  JSON.stringify({ clients: [{ client_id: 'c', grant_types: ['client_credentials'], ...client }] });

const folderOf = (client: object, more: Readonly<Record<string, string>> = {}) =>
  createFolder({ 'asteroid.yaml': PLATFORMS, 'clients.yaml': one(client), ...files, ...more });

const problems = async (client: object, env: Readonly<Record<string, string>> = {}) =>
  problemsOf(await folderOf(client), { ...terms, env });

const loadOne = async (client: object, env: Readonly<Record<string, string>> = {}) =>
  (await loadFolder(await folderOf(client), { ...terms, env })).clients.get('c');

const HMAC = { token_endpoint_auth_method: 'client_secret_jwt' };
const KEYED = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } };
const POD = {
  token_endpoint_auth_method: 'kubernetes_service_account',
  service_account: SUBJECT,
  service_account_issuer: ISSUER,
};
const SVID = {
  token_endpoint_auth_method: 'spiffe_jwt',
  spiffe_id: 'spiffe://example.org/shop/checkout',
};

describe('a client that authenticates by assertion is registered', () => {
  it('with keys, and may name its algorithm and audience', async () => {
    const more = {
      token_endpoint_auth_signing_alg: 'ES256',
      token_endpoint_auth_audience: 'token_endpoint',
    };
    expect(await loadOne({ ...KEYED, ...more })).toMatchObject({
      tokenEndpointAuthMethod: 'private_key_jwt',
      tokenEndpointAuthSigningAlg: 'ES256',
      tokenEndpointAuthAudience: 'token_endpoint',
      secrets: [],
    });
    expect(await loadOne(KEYED)).toMatchObject({ tokenEndpointAuthAudience: 'issuer' });
  });

  it('as a service account, or by a SPIFFE ID', async () => {
    expect(await loadOne(POD)).toMatchObject({
      serviceAccount: { issuer: ISSUER, subject: SUBJECT },
    });
    expect(await loadOne(SVID)).toMatchObject({ spiffeId: SVID.spiffe_id });
  });

  it('is warned about where it takes the URL of the token endpoint', async () => {
    const lenient = { ...KEYED, token_endpoint_auth_audience: 'token_endpoint' };

    expect(await warningsOf(await folderOf(lenient), terms)).toEqual([
      expect.stringMatching(/^clients\.yaml:1: clients\[0\]\.token_endpoint_auth_audience: takes/),
    ]);
    expect(await warningsOf(await folderOf(KEYED), terms)).toEqual([]);
  });
});

describe('the secret that a client signs with (RFC 7518 §3.2; CA-12)', () => {
  it.each([
    ['in a file', { client_secret_file: 'long' }, {}],
    ['as text', { client_secret: LONG }, {}],
    ['in the environment', {}, { ASTEROID_CLIENT_SECRET_C: LONG }],
    ['one of several', { client_secrets: [{ client_secret_file: 'long' }] }, {}],
  ])('is kept %s where no log and no JSON shows it', async (_what, forms, env) => {
    const client = await loadOne({ ...HMAC, ...forms }, env);

    expect(client?.secrets).toEqual([{ kind: 'clear', key: expect.anything() }]);
    expect(JSON.stringify(client)).not.toContain(SECRET);
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  it('is told from another one on a reload, and from itself not', async () => {
    const client = { ...HMAC, client_secret: LONG };

    expect(isDeepStrictEqual(await loadOne(client), await loadOne(client))).toBe(true);
    const other = await loadOne({ ...HMAC, client_secret: `${LONG}x` });
    expect(isDeepStrictEqual(await loadOne(client), other)).toBe(false);
  });

  it.each([
    [{ client_secret: 's'.repeat(3) + 'k'.repeat(28) }, 'is shorter than 32 bytes, and signs'],
    [
      { client_secret: 's'.repeat(3) + 'k'.repeat(44), token_endpoint_auth_signing_alg: 'HS384' },
      'is shorter than 48 bytes, and signs',
    ],
    [
      { client_secret: 's'.repeat(3) + 'k'.repeat(60), token_endpoint_auth_signing_alg: 'HS512' },
      'is shorter than 64 bytes, and signs',
    ],
  ])('is refused when it is shorter than its hash: %j', async (forms, problem) => {
    expect(await problems({ ...HMAC, ...forms })).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [{ client_secret: 's'.repeat(3) + 'k'.repeat(29) }],
    [{ client_secret: 's'.repeat(3) + 'k'.repeat(45), token_endpoint_auth_signing_alg: 'HS384' }],
    [{ client_secret: 's'.repeat(3) + 'k'.repeat(61), token_endpoint_auth_signing_alg: 'HS512' }],
  ])('may be as long as its hash: %j', async (forms) => {
    expect(await problems({ ...HMAC, ...forms })).toEqual([]);
  });

  it('cannot be a hash', async () => {
    const hash = '$sha256$n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg';
    const cannot = expect.stringContaining('cannot check what client_secret_jwt signs');

    expect(await problems({ ...HMAC, client_secret_hash: hash })).toEqual([cannot]);
    expect(await problems({ ...HMAC, client_secrets: [{ client_secret_hash: hash }] })).toEqual([
      cannot,
    ]);
  });

  it('is missing, and nobody advises a hash', async () => {
    const [problem = ''] = await problems(HMAC);

    expect(problem).toContain('is missing; add client_secret_file, set ASTEROID_CLIENT_SECRET_C');
  });
});

describe('a client that authenticates by assertion is refused at start (CA-5)', () => {
  it.each([
    [{ ...KEYED, jwks: undefined }, 'jwks: is missing; add jwks, jwks_file or jwks_uri'],
    [{ ...KEYED, client_secret: LONG }, 'client_secret: is of no use'],
    [{ ...KEYED, client_secret_file: 'long' }, 'client_secret_file: is of no use'],
    [{ ...POD, client_secrets: [{ client_secret_file: 'long' }] }, 'client_secrets: is of no use'],
    [{ ...SVID, client_secret: LONG }, 'client_secret: is of no use'],
    [{ ...KEYED, token_endpoint_auth_signing_alg: 'HS256' }, 'is no algorithm of'],
    [{ ...KEYED, token_endpoint_auth_signing_alg: 'none' }, 'has to be one of HS256'],
    [
      { ...HMAC, client_secret: LONG, token_endpoint_auth_signing_alg: 'ES256' },
      'is no algorithm of',
    ],
    [{ client_secret: LONG, token_endpoint_auth_signing_alg: 'ES256' }, 'is no algorithm of'],
    [{ client_secret: LONG, token_endpoint_auth_audience: 'token_endpoint' }, 'is of no use with'],
    [{ ...POD, token_endpoint_auth_audience: 'token_endpoint' }, 'is of no use with'],
    [{ ...POD, service_account: undefined }, 'service_account: is missing'],
    [{ ...POD, service_account_issuer: undefined }, 'service_account_issuer: is missing'],
    [{ ...POD, service_account_issuer: `${ISSUER}/` }, 'is no issuer of kubernetes'],
    [{ ...POD, service_account: 'shop:checkout' }, 'has to be system:serviceaccount:'],
    [{ ...POD, service_account: `${SUBJECT}:x` }, 'has to be system:serviceaccount:'],
    [{ ...POD, service_account: 'system:serviceaccount:*:x' }, 'has to be system:'],
    [{ ...SVID, spiffe_id: undefined }, 'spiffe_id: is missing'],
    [{ ...SVID, spiffe_id: 'spiffe://example.net/x' }, 'is of a trust domain that'],
    [{ ...SVID, spiffe_id: 'spiffe://example.org' }, 'has to be spiffe://'],
    [{ ...SVID, spiffe_id: 'spiffe://example.org/a/../b' }, 'has to be spiffe://'],
    [{ ...SVID, spiffe_id: 'spiffe://example.org/*' }, 'has to be spiffe://'],
    [{ ...SVID, spiffe_id: 'spiffe://Example.org/a' }, 'has to be spiffe://'],
    [{ ...SVID, spiffe_id: 'spiffe://example.org/a/' }, 'has to be spiffe://'],
    [{ client_secret: LONG, spiffe_id: SVID.spiffe_id }, 'is of no use without'],
    [{ ...KEYED, service_account: SUBJECT }, 'service_account: is of no use without'],
  ])('%j: %s', async (client, problem) => {
    const found = await problems(client);

    expect(found).toContainEqual(expect.stringContaining(problem));
    expect(found.every((line) => line.startsWith('clients.yaml:1: clients[0].'))).toBe(true);
  });

  it('and with a secret in the environment', async () => {
    const env = { ASTEROID_CLIENT_SECRET_C: LONG };

    for (const client of [KEYED, POD, SVID]) {
      expect(await problems(client, env)).toEqual([
        expect.stringContaining('has a secret in ASTEROID_CLIENT_SECRET_C'),
      ]);
    }
  });
});

describe('platforms that vouch for clients', () => {
  const config = (text: string) => ({ 'asteroid.yaml': `${CONFIG}${text}` });
  const found = async (text: string, more: Readonly<Record<string, string>> = {}) =>
    problemsOf(await createFolder({ ...config(text), ...files, ...more }), terms);

  it('are none unless they are configured', async () => {
    const { config: loaded } = await loadFolder(await createFolder(), terms);

    expect(loaded).toMatchObject({ kubernetes: [], spiffe: [] });
  });

  it('are known by keys that a reload reads again', async () => {
    const folder = await createFolder({ 'asteroid.yaml': PLATFORMS, ...files });
    const { workloadFiles, config: loaded } = await loadFolder(folder, terms);

    expect([...workloadFiles]).toEqual([
      [`${folder}/cluster.json`, setOf(key)],
      [`${folder}/bundle.json`, bundleOf(key)],
    ]);
    expect(loaded.kubernetes[0]).toMatchObject({ max_lifetime: 3600 });
    expect(loaded.spiffe[0]).toMatchObject({ max_lifetime: 3600 });
  });

  const CLUSTER = 'issuer: "https://a.example"';
  it.each([
    [`kubernetes: [{ ${CLUSTER} }]`, 'kubernetes[0].jwks_uri: is missing; add it or jwks_file'],
    [
      `kubernetes: [{ ${CLUSTER}, jwks_uri: "https://a.example/k", jwks_file: cluster.json }]`,
      'kubernetes[0].jwks_uri: cannot be combined with jwks_file',
    ],
    [`kubernetes: [{ ${CLUSTER}, jwks_uri: "http://a.example/k" }]`, 'jwks_uri: has to be https'],
    [`kubernetes: [{ ${CLUSTER}, jwks_file: none.json }]`, 'none.json does not exist'],
    [`kubernetes: [{ ${CLUSTER}, jwks_file: long }]`, 'long is no JWK Set'],
    [
      `kubernetes: [{ ${CLUSTER}, jwks_file: cluster.json, ca_file: long }]`,
      'kubernetes[0].ca_file: long holds no certificate',
    ],
    [
      `kubernetes: [{ ${CLUSTER}, jwks_file: cluster.json, token_file: none }]`,
      'kubernetes[0].token_file: none does not exist',
    ],
    [
      `kubernetes: [{ ${CLUSTER}, jwks_file: cluster.json, token_review: { url: "https://a.example" } }]`,
      'kubernetes[0].token_file: is missing; token_review asks the API',
    ],
    [
      `kubernetes: [{ ${CLUSTER}, jwks_file: cluster.json }, { ${CLUSTER}, jwks_file: cluster.json }]`,
      'kubernetes[1].issuer: is named twice',
    ],
    [`kubernetes: [{ ${CLUSTER}, jwks_file: cluster.json, max_lifetime: 2d }]`, 'max_lifetime: '],
    ['spiffe: [{ trust_domain: example.org }]', 'spiffe[0].bundle_uri: is missing; add it or'],
    [
      'spiffe: [{ trust_domain: "spiffe://example.org", bundle_file: bundle.json }]',
      'spiffe[0].trust_domain: has to be a trust domain',
    ],
    [
      'spiffe: [{ trust_domain: example.org, bundle_file: cluster.json }]',
      'spiffe[0].bundle_file: cluster.json has no key with use: jwt-svid',
    ],
    ['spiffe: [{ trust_domain: example.org, bundle_file: long }]', 'long is no bundle'],
    [
      'spiffe: [{ trust_domain: a, bundle_file: bundle.json }, { trust_domain: a, bundle_file: bundle.json }]',
      'spiffe[1].trust_domain: is named twice',
    ],
  ])('%s: %s', async (text, problem) => {
    const lines = await found(text);

    expect(lines).toEqual([expect.stringContaining(problem)]);
    expect(lines[0]).toMatch(/^asteroid\.yaml:\d+: /);
  });

  it('are not missed by clients while they cannot be read', async () => {
    const folder = await createFolder({
      ...config(`kubernetes: [{ issuer: "${ISSUER}" }]`),
      'clients.yaml': one(POD),
    });

    expect(await problemsOf(folder, terms)).toEqual([
      expect.stringContaining('jwks_uri: is missing'),
    ]);
  });

  it('may hold a private key nowhere', async () => {
    const bundle = JSON.parse(bundleOf(key));
    bundle.keys[0].d = 'AQ';
    const text = 'spiffe: [{ trust_domain: a, bundle_file: bundle.json }]';

    expect(await found(text, { 'bundle.json': JSON.stringify(bundle) })).toEqual([
      expect.stringContaining('has a key that is a private key'),
    ]);
  });
});
