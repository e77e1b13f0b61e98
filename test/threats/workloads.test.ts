// The whole program beside a stub of a cluster's API server, over TLS, and a stub of a trust domain.

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { createSigner, ownClaims, setOf, withAssertion } from '../support/assertions.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Program, type ProgramOptions, startProgram } from '../support/program.ts';
import { encodeQuery, type Query } from '../support/requests.ts';
import { startKeyService, text } from '../support/signer.ts';
import { until } from '../support/until.ts';
import {
  asPod,
  asSvid,
  bundleOf,
  CLUSTER,
  podClaims,
  SPIFFE_ID,
  SUBJECT,
  svidClaims,
} from '../support/workloads.ts';

const ISSUER = 'https://sso.example';
const key = await createSigner('k1', 'RS256');
const next = await createSigner('k2', 'RS256');
const authority = createAuthority('cluster');
const now = () => Math.floor(Date.now() / 1000);

const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
});

type Asked = { readonly url: string; readonly authorization: string | undefined };

/** An API server that serves keys and reviews tokens for whoever shows its bearer token. */
async function startApi(bearer: () => string) {
  const asked: Asked[] = [];
  const { cert, key: privateKey } = authority.issue({ dns: ['localhost'] });
  const server = createServer({ cert, key: privateKey }, (request, response) => {
    const { authorization } = request.headers;
    asked.push({ url: request.url ?? '', authorization });
    if (authorization !== `Bearer ${bearer()}`) return response.writeHead(401).end();
    if (request.url === '/openid/v1/jwks') return response.end(setOf(key));
    const status = { authenticated: true, user: { username: SUBJECT }, audiences: [ISSUER] };
    request.resume();
    return request.on('end', () => response.writeHead(201).end(JSON.stringify({ status })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, asked };
}

const CLIENTS = [
  {
    client_id: 'pod',
    token_endpoint_auth_method: 'kubernetes_service_account',
    service_account: SUBJECT,
    service_account_issuer: CLUSTER,
    grant_types: ['client_credentials'],
  },
];
const SVID = {
  client_id: 'svid',
  token_endpoint_auth_method: 'spiffe_jwt',
  spiffe_id: SPIFFE_ID,
  grant_types: ['client_credentials'],
};
const KEYED = {
  client_id: 'keyed',
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_file: 'keys.json',
  grant_types: ['client_credentials'],
};

async function startWith(config: NonNullable<ProgramOptions['config']>, more: ProgramOptions = {}) {
  const program = await startProgram({ ...more, config, clients: more.clients ?? CLIENTS });
  return program;
}

async function grant(program: Program, form: Query): Promise<string> {
  const { port } = program.public as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'sso.example' },
    body: encodeQuery({ grant_type: 'client_credentials', ...form }),
  });
  const { error = 'tokens' } = (await response.json()) as { error?: string };
  return `${response.status} ${error}`;
}

const times = () => ({ iat: now(), nbf: now(), exp: now() + 600 });
const podForm = async () =>
  asPod(await key.sign(podClaims({ aud: [ISSUER], ...times() }), { typ: 'JWT' })).form;
const svidForm = async (signer = key) =>
  asSvid(await signer.sign(svidClaims({ aud: [ISSUER], ...times() }))).form;
const ownForm = async (signer: typeof key) =>
  withAssertion(await signer.sign(ownClaims('keyed', ISSUER, { iat: now(), exp: now() + 60 })))
    .form;

describe('a pod beside a stub of its cluster over TLS (CA-6, CA-9)', () => {
  const files = { 'ca.pem': authority.cert, token: 'first\n' };
  const configOf = (url: string, ca = 'ca.pem') => ({
    kubernetes: [
      {
        issuer: CLUSTER,
        jwks_uri: `${url}/openid/v1/jwks`,
        ca_file: ca,
        token_file: 'token',
        token_review: { url: `${url}/apis/authentication.k8s.io/v1/tokenreviews` },
      },
    ],
  });

  it('is its client: keys and review come with our token, which may change', async () => {
    let bearer = 'first';
    const api = await startApi(() => bearer);
    const program = await startWith(configOf(api.url), { files });

    expect(await grant(program, await podForm())).toBe('200 tokens');
    expect(api.asked).toEqual([
      { url: '/openid/v1/jwks', authorization: 'Bearer first' },
      { url: expect.stringContaining('tokenreviews'), authorization: 'Bearer first' },
    ]);

    bearer = 'second';
    await program.folder.write('token', 'second\n');
    expect(await grant(program, await podForm())).toBe('200 tokens');
    expect(api.asked.at(-1)?.authorization).toBe('Bearer second');
  });

  it('is neither taken nor refused while the API does not know us, and no log tells a token', async () => {
    const api = await startApi(() => 'another');
    const program = await startWith(configOf(api.url), { files });
    const form = await podForm();

    expect(await grant(program, form)).toBe('503 temporarily_unavailable');
    expect(program.logText()).not.toContain(String(form['client_assertion']));
    expect(program.logText()).not.toContain('Bearer first');
  });

  it('gives our token to nobody whose certificate another authority signed', async () => {
    const api = await startApi(() => 'first');
    const other = createAuthority('cluster').cert;
    const program = await startWith(configOf(api.url), { files: { ...files, 'ca.pem': other } });

    expect(await grant(program, await podForm())).toBe('503 temporarily_unavailable');
    expect(api.asked).toEqual([]);
  });

  it('is advertised, and only where a cluster is configured', async () => {
    const api = await startApi(() => 'first');
    const program = await startWith(configOf(api.url), { files });
    const plain = await startProgram();

    expect(await methodsOf(program)).toContain('kubernetes_service_account');
    expect(await methodsOf(program)).not.toContain('spiffe_jwt');
    expect(await methodsOf(plain)).not.toContain('kubernetes_service_account');
  });
});

async function methodsOf(program: Program): Promise<readonly string[]> {
  const { port } = program.public as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`);
  const metadata = (await response.json()) as Readonly<Record<string, readonly string[]>>;
  return metadata['token_endpoint_auth_methods_supported'] ?? [];
}

describe('keys in files are read again (CA-9)', () => {
  const config = { spiffe: [{ trust_domain: 'example.org', bundle_file: 'bundle.json' }] };
  const files = { 'bundle.json': bundleOf(key), 'keys.json': setOf(key) };

  it('when a reload is asked for, of a trust domain and of a client', async () => {
    const program = await startWith(config, { files, clients: [SVID, KEYED] });

    expect(await grant(program, await svidForm())).toBe('200 tokens');
    expect(await grant(program, await ownForm(key))).toBe('200 tokens');
    expect(await grant(program, await ownForm(next))).toBe('401 invalid_client');

    await program.folder.write('bundle.json', bundleOf(next));
    await program.folder.write('keys.json', setOf(next));
    await program.reload();
    expect(await grant(program, await svidForm())).toBe('401 invalid_client');
    expect(await grant(program, await svidForm(next))).toBe('200 tokens');
    expect(await grant(program, await ownForm(key))).toBe('401 invalid_client');
    expect(await grant(program, await ownForm(next))).toBe('200 tokens');
  });

  it('when they change, without anybody asking', async () => {
    const program = await startWith(config, { files, clients: [SVID, KEYED] });
    await program.folder.write('keys.json', setOf(next));

    await until(
      async () => grant(program, await ownForm(next)),
      (answer) => answer === '200 tokens',
    );
  });

  it('and stay as they were when they cannot be', async () => {
    const program = await startWith(config, { files, clients: [SVID, KEYED] });
    await program.folder.write('keys.json', '{"keys":[]}');
    await program.reload();

    expect(await grant(program, await ownForm(key))).toBe('200 tokens');
  });
});

describe('the URL of a client for its keys (CA-10)', () => {
  const start = async (config: NonNullable<ProgramOptions['config']>) => {
    const service = await startKeyService(text(setOf(key)));
    const { jwks_file: _, ...rest } = KEYED;
    const clients = [{ ...rest, jwks_uri: service.uri }];
    return { service, program: await startWith(config, { clients }) };
  };

  it('leads to no private address: nobody there is asked', async () => {
    const { service, program } = await start({});

    expect(await grant(program, await ownForm(key))).toBe('503 temporarily_unavailable');
    expect(service.asked).toEqual([]);
  });

  it('leads where the operator allows it to', async () => {
    const { service, program } = await start({ outbound: { allow_private: ['127.0.0.1/32'] } });

    expect(await grant(program, await ownForm(key))).toBe('200 tokens');
    expect(service.asked).toEqual(['/jwks.json']);
  });

  it.each([
    ['a redirect', (to: string) => text('', 302, { location: to })],
    ['more than keys take', () => text(`${setOf(key)}${' '.repeat(300_000)}`)],
    ['no keys', () => text('<html>')],
  ])('is followed to nowhere else when it answers with %s', async (_what, answer) => {
    const { service, program } = await start({ outbound: { allow_private: ['127.0.0.1/32'] } });
    const elsewhere = await startKeyService(text(setOf(key)));
    service.answers(answer(elsewhere.uri));

    expect(await grant(program, await ownForm(key))).toBe('503 temporarily_unavailable');
    expect(service.asked).toHaveLength(1);
    expect(elsewhere.asked).toEqual([]);
  });
});
