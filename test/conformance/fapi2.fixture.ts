// The two clients of the plan for FAPI 2.0, each with `profile: fapi2` in clients.yaml, and the flow that
// its modules have in common, parameter for parameter, with all that has to hold of each answer.

import { decodeProtectedHeader } from 'jose';
import { expect } from 'vitest';
import { toClient } from '../../internal/config/client.ts';
import { readClients } from '../../internal/config/clients.ts';
import { toKeys } from '../../internal/config/sections/client-keys.ts';
import type { ProtocolRequest } from '../../internal/oidc/endpoint.ts';
import type { Client } from '../../internal/protocol/client.ts';
import type { ClientCertificate } from '../../internal/protocol/client-certificate.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { createSigner, ownClaims, type Signer, withAssertion } from '../support/assertions.ts';
import { attribute, TYPES } from '../support/certificates.ts';
import { verified } from '../support/client-certificates.ts';
import { clientTerms } from '../support/client-terms.ts';
import { createHolder, type Holder, type ProofParts } from '../support/dpop.ts';
import { entropyOf } from '../support/entropy.ts';
import { createTestIssuer, type Different, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import {
  type Answer,
  type Credentials,
  identify,
  makeRequest,
  type Query,
  settle,
  toParams,
  withCertificate,
} from '../support/requests.ts';
import { claimsOf, verifyAsStranger } from '../support/tokens.ts';

/** How both clients authenticate and what their tokens are bound to, as a run of the plan chooses. */
export const VARIANTS = ['private_key_jwt and DPoP', 'mTLS'] as const;
type Variant = (typeof VARIANTS)[number];

const CALLBACK = 'https://suite.example/callback';
const PAR_URL = `${ISSUER}/par`;

/** The algorithms that the profile allows, as far as ID Tokens have them. */
const ALGS = ['PS256', 'ES256', 'EdDSA'];

const CHARSET = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

let words = 0;
/** Ten letters and digits, another ten every time. */
const word = (): string => `w${(words++).toString(36).padStart(9, '0')}`;

/** Made once: an RSA key takes a while. */
const KEYS: { readonly [Id in 'first' | 'second']: Signer } = {
  first: await createSigner('first-key', 'PS256'),
  second: await createSigner('second-key', 'ES256'),
};

type Id = keyof typeof KEYS;

/** What an assertion has different, or who signs it with what. */
export type AssertionParts = {
  readonly claims?: object;
  readonly signer?: Signer;
};

export type Party = {
  readonly client: Client;
  readonly callback: string;
  readonly signer: Signer;
  readonly holder: Holder;
  readonly certificate: ClientCertificate;
  /** Client authentication as a request has it. */
  authenticate(parts?: AssertionParts): Promise<Credentials>;
  /** The same with what binds tokens, at the token endpoint. */
  prove(proof?: ProofParts | 'none', holder?: Holder): Promise<Credentials>;
  /** A call of UserInfo with its token, and with a proof of its key or this one. */
  call(token: string, proof?: ProofParts, holder?: Holder): Promise<Partial<ProtocolRequest>>;
};

/** As clients.yaml would be read, with no problem in it. */
function register(metadata: Readonly<Record<string, unknown>>): Client {
  const terms = clientTerms({ certificates: 'verified' });
  const { clients, problems } = readClients({ clients: [metadata] }, terms);
  const [client] = clients.values();
  if (client === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return toClient(client, { secrets: [], keys: toKeys(client, undefined) });
}

/** The key itself does not say what it is for: that is for the registration to say. */
const BY_KEY = ({ jwk: { alg, ...key } }: Signer) => ({
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: alg,
  jwks: { keys: [key] },
});

const BY_CERTIFICATE = (id: Id) => ({
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_subject_dn: `CN=${id}`,
  tls_client_certificate_bound_access_tokens: true,
});

async function createParty(
  id: Id,
  variant: Variant,
  test: TestIssuer,
  { more = {}, dpopAlg = 'ES256' }: SuiteOptions,
): Promise<Party> {
  const signer = KEYS[id];
  const byKey = variant !== 'mTLS';
  const callback = id === 'first' ? CALLBACK : `${CALLBACK}?dummy1=lorem&dummy2=ipsum`;
  const client = register({
    client_id: id,
    profile: 'fapi2',
    redirect_uris: [callback],
    ...(byKey ? BY_KEY(signer) : BY_CERTIFICATE(id)),
    ...more,
  });
  const holder = await createHolder(dpopAlg, test.clock);
  const certificate = verified({ subject: [attribute(TYPES.CN, id)] });
  const authenticate = async ({ claims = {}, signer: by = signer }: AssertionParts = {}) => {
    if (!byKey) return withCertificate(id, certificate);
    const times = { iat: test.clock(), exp: test.clock() + 60 };
    return withAssertion(await by.sign(ownClaims(id, ISSUER, { ...times, ...claims })));
  };
  return {
    client,
    callback,
    signer,
    holder,
    certificate,
    authenticate,
    async prove(proof = {}, by = holder) {
      const credentials = await authenticate();
      if (!byKey || proof === 'none') return credentials;
      return { ...credentials, headers: { dpop: await by.prove(proof) } };
    },
    async call(token, proof = {}, by = holder) {
      if (!byKey) return { headers: { authorization: `Bearer ${token}` }, certificate };
      const dpop = await by.proveAt(token, proof);
      return { headers: { authorization: `DPoP ${token}`, dpop } };
    },
  };
}

/** A request as it was pushed, and the answer. */
export type Pushed = { readonly query: Query; readonly answer: Answer };

export type SuiteOptions = {
  readonly variant?: Variant;
  readonly different?: Different;
  /** Beside the metadata of both clients. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly dpopAlg?: string;
};

export type Suite = {
  readonly test: TestIssuer;
  readonly first: Party;
  readonly second: Party;
};

export async function createSuite(options: SuiteOptions = {}): Promise<Suite> {
  const { variant = VARIANTS[0], different = {} } = options;
  const policy = { clientCertificates: 'verified', ...different.policy } as const;
  const test = createTestIssuer({ ...different, policy });
  const first = await createParty('first', variant, test, options);
  const second = await createParty('second', variant, test, options);
  for (const { client } of [first, second]) test.clients.set(client.clientId, client);
  return { test, first, second };
}

/** A request to PAR with these credentials, or the right ones. */
export async function push(
  { test }: Suite,
  { client, callback, authenticate }: Party,
  different: Query = {},
  credentials?: Credentials,
): Promise<Pushed> {
  const query = {
    client_id: client.clientId,
    redirect_uri: callback,
    scope: 'openid',
    state: word(),
    nonce: word(),
    response_type: 'code',
    ...PKCE,
    ...different,
  };
  const { form, headers, certificate } = credentials ?? (await authenticate());
  const params = toParams({ ...query, ...form });
  return {
    query,
    answer: await settle(test.issuer.push(makeRequest({ params, headers, certificate }))),
  };
}

/** The reference, with all that has to hold of it. */
export function requestUriOf({ answer: { status, json } }: Pushed): string {
  expect([status, json]).toEqual([201, expect.anything()]);
  expect(json['expires_in']).toBeTypeOf('number');
  expect(json['expires_in']).toBeGreaterThanOrEqual(5);
  expect(entropyOf(String(json['request_uri']))).toBeGreaterThan(96);
  return String(json['request_uri']);
}

/** What the browser brings of a pushed request, and in which order. */
const DUPLICATES = ['response_type', 'scope', 'redirect_uri'] as const;

/** The browser's half: the reference, and beside it what the suite repeats, or what a module wants there. */
export function visit(
  { test, second }: Suite,
  pushed: Pushed,
  beside?: Query,
  identity: Identity | 'nobody' = identify('alice'),
): Promise<Answer> {
  const { query } = pushed;
  const repeated = Object.fromEntries(DUPLICATES.map((name) => [name, query[name]]));
  const all = Object.entries({
    client_id: query['client_id'],
    request_uri: requestUriOf(pushed),
    ...(beside ?? repeated),
  });
  const isSecond = query['client_id'] === second.client.clientId;
  const params = toParams(Object.fromEntries(isSecond ? all.reverse() : all));
  return test.authorize({}, identity, { params });
}

/** Checks where a response arrived, and that it is the one to this request. */
function checkPlace({ query }: Pushed, { location = '', params }: Answer): void {
  const redirectUri = String(query['redirect_uri']);
  const separator = redirectUri.includes('?') ? '&' : '?';
  expect(location.startsWith(`${redirectUri}${separator}`), location).toBe(true);
  expect(location).not.toContain('#');
  expect(params.get('state')).toBe(query['state'] ?? null);
  expect(params.get('iss')).toBe(ISSUER);
}

const namesIn = ({ params }: Answer): readonly string[] =>
  [...params.keys()].filter((name) => !/^(?:state|dummy\d)$/.test(name)).sort();

export function codeOf(pushed: Pushed, answer: Answer): string {
  checkPlace(pushed, answer);
  expect(namesIn(answer)).toEqual(['code', 'iss']);
  const code = answer.params.get('code') ?? '';
  expect(code.length).toBeGreaterThanOrEqual(16);
  expect(entropyOf(code)).toBeGreaterThan(96);
  return code;
}

/** The error at the client. */
export function errorAt(pushed: Pushed, answer: Answer): string | null {
  checkPlace(pushed, answer);
  expect(namesIn(answer)).toEqual(['error', 'error_description', 'iss']);
  return answer.params.get('error');
}

/** The error of an endpoint that answers JSON, which only client authentication may make a 401. */
export function errorOf({ status, json }: Answer): string {
  const error = String(json['error']);
  expect(status, error).toBe(error === 'invalid_client' ? 401 : 400);
  expect(json['error_description']).toMatch(CHARSET);
  return error;
}

/** From a request to its code. */
export async function authorize(
  suite: Suite,
  party: Party,
  different: Query = {},
  credentials?: Credentials,
): Promise<{ readonly pushed: Pushed; readonly code: string }> {
  const pushed = await push(suite, party, different, credentials);
  return { pushed, code: codeOf(pushed, await visit(suite, pushed)) };
}

export async function redeem(
  { test }: Suite,
  party: Party,
  code: string,
  different: Query = {},
  credentials?: Credentials,
): Promise<Answer> {
  const form = { redirect_uri: party.callback, code_verifier: VERIFIER, ...different };
  return test.redeem(code, form, credentials ?? (await party.prove()));
}

export type Tokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
};

/** The tokens of an answer, with all that has to hold of them. */
export async function tokensOf({ test }: Suite, party: Party, { query }: Pushed, answer: Answer) {
  const { status, json } = answer;
  expect([status, json['error']]).toEqual([200, undefined]);
  expect(json['token_type']).toBe(party.client.dpopBoundAccessTokens ? 'DPoP' : 'Bearer');
  expect(json['expires_in']).toBeTypeOf('number');
  for (const name of ['access_token', 'refresh_token']) {
    expect(String(json[name]).length).toBeGreaterThanOrEqual(16);
    expect(entropyOf(String(json[name]))).toBeGreaterThan(96);
  }
  const tokens = json as Tokens;
  const { alg = '', kid } = decodeProtectedHeader(tokens.id_token);
  expect(ALGS).toContain(alg);
  expect(kid).toMatch(/\S/);
  const { payload } = await verifyAsStranger(tokens.id_token, test);
  expect(payload).toMatchObject({ iss: ISSUER, aud: query['client_id'], iat: test.clock() });
  expect(payload['nonce']).toBe(query['nonce']);
  return tokens;
}

/** UserInfo, which stands for the protected resource. */
export async function checkUserinfo(
  { test }: Suite,
  party: Party,
  { access_token, id_token }: Tokens,
): Promise<Answer> {
  const answer = await test.userinfo(undefined, await party.call(access_token));
  expect(answer.status).toBe(200);
  expect(answer.json['sub']).toBe(claimsOf(id_token)['sub']);
  return answer;
}

/** The whole flow of a module that wants nothing special. */
export async function signIn(
  suite: Suite,
  party: Party,
  different: Query = {},
  credentials?: Credentials,
) {
  const { pushed, code } = await authorize(suite, party, different, credentials);
  const tokens = await tokensOf(suite, party, pushed, await redeem(suite, party, code));
  await checkUserinfo(suite, party, tokens);
  return { pushed, code, tokens };
}

/** Right credentials, with a DPoP proof for PAR. */
export async function proveAtPar(
  { authenticate, holder }: Party,
  { claims = {}, ...proof }: ProofParts = {},
  by: Holder = holder,
): Promise<Credentials> {
  const dpop = await by.prove({ ...proof, claims: { htu: PAR_URL, ...claims } });
  return { ...(await authenticate()), headers: { dpop } };
}
