import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSigner, JWT_SPIFFE, type Signer, withAssertion } from '../support/assertions.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { START } from '../support/keys.ts';
import { type Credentials, withForm } from '../support/requests.ts';
import { startKeyService, text } from '../support/signer.ts';
import {
  asPod,
  asSvid,
  bundleOf,
  CLUSTER,
  createTestWorkloads,
  DOMAIN,
  podClaims,
  podClient,
  SPIFFE_ID,
  SUBJECT,
  svidClaims,
  svidClient,
} from '../support/workloads.ts';

const key = await createSigner('k1', 'RS256');
const foreign = await createSigner('k1', 'RS256');
const curve = await createSigner('c1');

type Wanted = Parameters<typeof createTestWorkloads>[1];

const clients = [
  podClient('pod'),
  podClient('pod2', {
    serviceAccount: { issuer: CLUSTER, subject: 'system:serviceaccount:shop:basket' },
  }),
  svidClient('svid'),
  svidClient('svid2', { spiffeId: 'spiffe://example.org/shop/basket' }),
];

const create = (wanted: Wanted = {}): TestIssuer =>
  createTestIssuer({ clients, deps: { workloads: createTestWorkloads(key, wanted) } });

async function present({ token }: TestIssuer, credentials: Credentials): Promise<string> {
  const { status, json } = await token({ grant_type: 'client_credentials' }, credentials);
  return status === 200 ? '200' : `${status} ${json['error']} ${json['reason']}`;
}

/** A cluster names no type. */
const signPod = (different: object = {}, header: object = {}, signer: Signer = key) =>
  signer.sign(podClaims(different), { ...{ typ: undefined }, ...header } as object);

const pod = async (different: object = {}, header: object = {}, signer: Signer = key) =>
  asPod(await signPod(different, header, signer));

const svid = async (different: object = {}, header: object = {}, signer: Signer = key) =>
  asSvid(await signer.sign(svidClaims(different), header));

describe('a Kubernetes service account, by a stub of its cluster (RFC 7523 §2.2; CA-5, CA-6)', () => {
  it('is the client that is registered for it, as often as its token is good', async () => {
    const test = create();
    const credentials = await pod();

    expect(await present(test, credentials)).toBe('200');
    expect(await present(test, credentials)).toBe('200');
    test.clock.advance(3609);
    expect(await present(test, credentials)).toBe('200');
    test.clock.advance(1);
    expect(await present(test, credentials)).toMatch(/client_assertion_expired$/);
  });

  it('is nobody without naming its client', async () => {
    const { form, headers } = await pod();

    expect(await present(create(), { form: { ...form, client_id: undefined }, headers })).toBe(
      '401 invalid_client unknown_client',
    );
  });

  it.each([
    ['another name', { sub: 'system:serviceaccount:shop:basket' }, 'subject'],
    ['another namespace', { sub: 'system:serviceaccount:sho:checkout' }, 'subject'],
    ['a longer name', { sub: `${SUBJECT}-2` }, 'subject'],
    ['another cluster', { iss: 'https://other.cluster' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['the audience of the API', { aud: [CLUSTER] }, 'audience'],
    ['a second audience', { aud: [ISSUER, 'https://vault.example'] }, 'audience'],
    ['no audience', { aud: [] }, 'audience'],
    ['no end, as those of old Secrets', { exp: undefined }, 'claims'],
    ['a day to live', { exp: START + 86_400 }, 'lives_too_long'],
    ['an nbf ahead', { nbf: START + 61 }, 'ahead'],
  ])('is refused with %s', async (_what, different, reason) => {
    expect(await present(create(), await pod(different))).toBe(
      `401 invalid_client client_assertion_${reason}`,
    );
  });

  it('is refused when another key signed, another algorithm, or for another profile', async () => {
    expect(await present(create(), await pod({}, {}, foreign))).toMatch(/_signature$/);
    expect(await present(create(), await pod({}, { typ: 'at+jwt' }))).toMatch(/_type_wrong$/);
    const byCurve = create({
      cluster: { keys: { kind: 'inline', text: JSON.stringify({ keys: [] }) } },
    });
    expect(await present(byCurve, await pod({}, {}, curve))).toMatch(/_signature$/);
    const pss = await createSigner('k1', 'PS256');
    const { alg: _, ...jwk } = pss.jwk;
    const keys = { kind: 'inline', text: JSON.stringify({ keys: [jwk] }) } as const;
    expect(await present(create({ cluster: { keys } }), await pod({}, {}, pss))).toMatch(
      /_signature$/,
    );
  });

  it('is not taken from a cluster of another registration, whoever vouches for the name', async () => {
    const test = create();
    const elsewhere = { issuer: 'https://other.cluster', subject: SUBJECT };
    test.clients.set('pod', podClient('pod', { serviceAccount: elsewhere }));

    expect(await present(test, await pod())).toBe('401 invalid_client client_secret_wrong');
  });

  it('is not another client of the same cluster', async () => {
    const token = await signPod();

    expect(await present(create(), asPod(token, 'pod2'))).toMatch(/client_assertion_subject$/);
    expect(await present(create(), asPod(token, 'svc'))).toMatch(/method_mismatch$/);
    expect(await present(create(), asPod(token, 'svid'))).toMatch(/method_mismatch$/);
  });

  it('cannot be what a client signs itself, and the other way round', async () => {
    const own = await key.sign({ ...podClaims(), iss: 'pod', sub: 'pod', aud: ISSUER, jti: 'a' });

    expect(await present(create(), withAssertion(own))).toMatch(/client_assertion_issuer$/);
    expect(await present(create(), withForm({ client_id: 'pod' }))).toMatch(/method_mismatch$/);
  });

  it('authenticates at introspection and revocation', async () => {
    const { introspect, revoke } = create();

    expect((await introspect('x', await pod())).status).toBe(200);
    expect((await revoke('x', await pod())).status).toBe(200);
    expect((await revoke('x', await pod({ sub: 'x' }))).status).toBe(400);
  });
});

/** An API server that answers TokenReviews, and keeps what it was asked. */
async function startApi(answer: (review: Review) => readonly [number, unknown]) {
  const asked: Review[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const review: Review = JSON.parse(body);
      asked.push(review);
      const [status, content] = answer(review);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof content === 'string' ? content : JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/apis/authentication.k8s.io/v1/tokenreviews`, asked };
}

type Review = { readonly spec: { readonly token: string; readonly audiences: readonly string[] } };

const STANDS = { authenticated: true, user: { username: SUBJECT }, audiences: [ISSUER] };

describe('TokenReview, by a stub of the API server over HTTP (CA-6)', () => {
  it('is asked for this token and audience, and believed', async () => {
    const { url, asked } = await startApi(() => [201, { status: STANDS }]);
    const credentials = await pod();

    expect(await present(create({ cluster: { reviewUrl: url } }), credentials)).toBe('200');
    expect(asked).toEqual([
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token: credentials.form['client_assertion'], audiences: [ISSUER] },
      },
    ]);
  });

  it.each([
    ['that the pod is gone', { authenticated: false, error: 'token is bound to a deleted pod' }],
    ['nothing about it', {}],
    ['yes in another type', { ...STANDS, authenticated: 'true' }],
    ['another user', { ...STANDS, user: { username: 'system:serviceaccount:shop:basket' } }],
    ['no user', { ...STANDS, user: undefined }],
    ['another audience', { ...STANDS, audiences: ['https://other.example'] }],
    ['no audience, as an old API server does', { ...STANDS, audiences: undefined }],
  ])('refuses when it says %s', async (_what, status) => {
    const { url } = await startApi(() => [201, { status }]);

    expect(await present(create({ cluster: { reviewUrl: url } }), await pod())).toBe(
      '401 invalid_client client_assertion_not_reviewed',
    );
  });

  it.each([
    ['forbids us to ask', [403, { kind: 'Status' }]],
    ['fails', [500, '']],
    ['sends us elsewhere', [302, '']],
    ['answers no JSON', [201, '<html>']],
    ['answers no TokenReview', [201, { kind: 'Status' }]],
    ['answers too much', [201, ' '.repeat(100_000)]],
  ] as const)('refuses nobody while it %s', async (_what, answer) => {
    const { url } = await startApi(() => answer);

    await expect(
      present(create({ cluster: { reviewUrl: url } }), await pod()),
    ).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('is not asked by a stranger', async () => {
    const { url, asked } = await startApi(() => [201, { status: STANDS }]);
    const test = create({ cluster: { reviewUrl: url } });

    await present(test, await pod({}, {}, foreign));
    await present(test, await pod({ aud: [CLUSTER] }));
    await present(test, await pod({ exp: START - 60 }));
    expect(asked).toEqual([]);
  });
});

describe('the keys of a cluster, by a stub over HTTP (CA-9)', () => {
  it('are fetched once, and again for a new one', async () => {
    const service = await startKeyService(text(JSON.stringify({ keys: [key.jwk] })));
    const keys = { kind: 'uri', uri: service.uri, writtenBy: 'operator' } as const;
    const test = create({ cluster: { keys } });

    expect(await present(test, await pod())).toBe('200');
    expect(await present(test, await pod())).toBe('200');
    expect(await present(test, await pod({}, { kid: 'k9' }))).toMatch(/_signature$/);
    expect(service.asked).toHaveLength(1);
  });

  it('refuse nobody while they cannot be had', async () => {
    const service = await startKeyService(text('', 503));
    const keys = { kind: 'uri', uri: service.uri, writtenBy: 'operator' } as const;

    await expect(present(create({ cluster: { keys } }), await pod())).rejects.toMatchObject({
      name: 'Unavailable',
    });
  });
});

describe('a JWT-SVID, by a stub of its trust domain (SPIFFE client authentication; CA-5, CA-6)', () => {
  it('is the client that is registered for its SPIFFE ID, as often as it is good', async () => {
    const test = create();
    const credentials = await svid();

    expect(await present(test, credentials)).toBe('200');
    expect(await present(test, credentials)).toBe('200');
    expect(await present(create(), await svid({ aud: ISSUER }))).toBe('200');
    expect(await present(create(), await svid({ iss: 'https://spire.example' }))).toBe('200');
    expect(await present(create(), await svid({}, { typ: 'JOSE' }))).toBe('200');
    expect(await present(create(), await svid({}, { typ: undefined }))).toBe('200');
  });

  it.each([
    ['another path', { sub: `${SPIFFE_ID}2` }, 'subject'],
    ['a path below it', { sub: `${SPIFFE_ID}/x` }, 'subject'],
    ['another trust domain', { sub: 'spiffe://example.net/shop/checkout' }, 'subject'],
    ['no subject', { sub: undefined }, 'subject'],
    ['another audience', { aud: ['https://other.example'] }, 'audience'],
    ['a second audience', { aud: [ISSUER, 'https://other.example'] }, 'audience'],
    ['no end', { exp: undefined }, 'claims'],
    ['an end that is over', { exp: START - 60 }, 'expired'],
    ['two hours to live', { exp: START + 7200 }, 'lives_too_long'],
  ])('is refused with %s', async (_what, different, reason) => {
    expect(await present(create(), await svid(different))).toBe(
      `401 invalid_client client_assertion_${reason}`,
    );
  });

  it('is refused when another key signed, or for another profile', async () => {
    expect(await present(create(), await svid({}, {}, foreign))).toMatch(/_signature$/);
    expect(await present(create(), await svid({}, { typ: 'at+jwt' }))).toMatch(/_type_wrong$/);
  });

  it.each(['x509-svid', 'sig', undefined])('is not signed by a key for %s', async (use) => {
    const bundle = JSON.parse(bundleOf(key));
    const other = { keys: bundle.keys.map((jwk: object) => ({ ...jwk, use })) };
    const keys = { kind: 'inline', text: JSON.stringify(other) } as const;

    expect(await present(create({ domain: { keys } }), await svid())).toMatch(/_signature$/);
  });

  it('is signed by the key that it names, among those for certificates', async () => {
    const bundle = JSON.parse(bundleOf(key, curve));
    bundle.keys.push({ ...foreign.jwk, use: 'x509-svid' });
    const keys = { kind: 'inline', text: JSON.stringify(bundle) } as const;
    const test = create({ domain: { keys } });

    expect(await present(test, await svid())).toBe('200');
    expect(await present(test, await svid({}, {}, curve))).toBe('200');
  });

  it('is not another client, nor an assertion of another kind', async () => {
    const token = await key.sign(svidClaims());
    const test = create();

    expect(await present(test, asSvid(token, 'svid2'))).toMatch(/client_assertion_subject$/);
    expect(await present(test, asSvid(token, 'pod'))).toMatch(/method_mismatch$/);
    expect(await present(test, withAssertion(token, { client_id: 'svid' }))).toMatch(
      /^400 invalid_request /,
    );
    expect(await present(test, asSvid(await key.sign(podClaims()), 'svid'))).toMatch(
      /client_assertion_subject$/,
    );
  });

  it('is not taken for a trust domain that the configuration does not name', async () => {
    const test = create();
    test.clients.set('svid', svidClient('svid', { spiffeId: 'spiffe://example.net/x' }));

    expect(await present(test, await svid({ sub: 'spiffe://example.net/x' }))).toMatch(/^401 /);
    expect(DOMAIN).toBe('example.org');
  });

  it('needs no client_id where the SPIFFE ID is one', async () => {
    const test = create();
    test.clients.set(SPIFFE_ID, svidClient(SPIFFE_ID));
    const form = {
      client_assertion_type: JWT_SPIFFE,
      client_assertion: await key.sign(svidClaims()),
    };

    expect(await present(test, withForm(form))).toBe('200');
  });
});
