// An issuer with everything on and one with nothing on, and how each method, algorithm and form of a
// token that discovery can name is put to use.

import { createHash } from 'node:crypto';
import {
  type CryptoKey,
  compactDecrypt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
} from 'jose';
import { createFindClient } from '../../internal/app/registered-clients.ts';
import { createConfiguredRegistration } from '../../internal/app/registration.ts';
import { clientSchema } from '../../internal/config/client.ts';
import { readClients } from '../../internal/config/clients.ts';
import { configSchema } from '../../internal/config/config.ts';
import type { Deps } from '../../internal/oidc/deps.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { HMAC_ALGS } from '../../internal/protocol/client-assertion.ts';
import type { ClientCertificate } from '../../internal/protocol/client-certificate.ts';
import type { DetailsType } from '../../internal/protocol/details-types.ts';
import { ASYMMETRIC_ALGS, type SigningAlg } from '../../internal/protocol/names.ts';
import { buildScopeTable } from '../../internal/protocol/scope-table.ts';
import {
  createSigner,
  encode,
  keyClient,
  macClient,
  macOf,
  macSecretOf,
  ownClaims,
  type Signer,
  setOf,
  withAssertion,
} from '../support/assertions.ts';
import { createSelfSigned } from '../support/certificates.ts';
import { toClientCertificate, toJwks, verified } from '../support/client-certificates.ts';
import { clientTerms } from '../support/client-terms.ts';
import { makeClient, sha256Secret } from '../support/clients.ts';
import { createHolder } from '../support/dpop.ts';
import { createExchange, type Exchange } from '../support/exchange.ts';
import { AUTHORIZE, ISSUER } from '../support/issuer.ts';
import { PKCE, VERIFIER } from '../support/pkce.ts';
import { INITIAL } from '../support/registration.ts';
import {
  type Answer,
  basic,
  type Credentials,
  credentialsOf,
  makeRequest,
  type Query,
  settle,
  withCertificate,
  withHeader,
} from '../support/requests.ts';
import { headerOf, verifyAsStranger } from '../support/tokens.ts';
import { STEP_UP } from '../support/upstream-urls.ts';
import {
  asPod,
  asSvid,
  createTestWorkloads,
  podClaims,
  podClient,
  svidClaims,
  svidClient,
} from '../support/workloads.ts';

export type Issuer = Exchange;

export const MTLS_BASE = 'https://mtls.op.example/a';

const own = (claims: readonly string[], clients?: readonly string[]) => ({
  description: undefined,
  claims,
  isDefault: false,
  clients,
});

const DETAILS: DetailsType = { description: 'Something', members: new Map(), required: [] };

const platform = await createSigner('platform');

/** Keys take a while, RSA ones above all: one for each algorithm. */
const signers = new Map<string, Promise<Signer>>();

function signerOf(alg: string): Promise<Signer> {
  const signer = signers.get(alg) ?? createSigner(`key-${alg}`, alg);
  signers.set(alg, signer);
  return signer;
}

/** What objects of these clients are signed with; `none`: they are not. */
const OBJECT_ALGS = ['ES256', 'PS256', 'none'] as const;

async function objectClients(): Promise<readonly Client[]> {
  const keys = await Promise.all(['ES256', 'PS256', 'RS256'].map(signerOf));
  return OBJECT_ALGS.map((alg) =>
    makeClient(`object-${alg}`, {
      requestObjectSigningAlg: alg,
      keys: { kind: 'inline', text: setOf(...keys) },
    }),
  );
}

/** Clients register themselves, whoever has the token of `INITIAL`, and are found in the store. */
function withRegistration() {
  const config = configSchema.parse({
    registration: { initial_access_tokens: [{ file: 'token' }] },
  });
  const files = { initialAccessTokens: [sha256Secret(INITIAL)], statementKeys: new Map() };
  const snapshot = () => ({ registrationFiles: files });
  const registration = createConfiguredRegistration(config, clientTerms(), snapshot, false);
  if (registration === undefined) throw new Error('registration is off');
  let find: Deps['findClient'] | undefined;
  return {
    deps: { registration, findClient: async (id: string) => find?.(id) },
    attach: (test: Issuer): Issuer => {
      const { store, keys } = test.deps;
      const log = { warn: () => undefined };
      const terms = clientTerms();
      find = createFindClient({
        config,
        clientTerms: terms,
        snapshot: () => test,
        store,
        keys,
        log,
      });
      return test;
    },
  };
}

export async function createEverything(): Promise<Issuer> {
  const { deps, attach } = withRegistration();
  return attach(await createWith(deps));
}

const createWith = async (deps: Partial<Deps>): Promise<Issuer> =>
  createExchange({
    clients: [
      ...(await objectClients()),
      makeClient('listening', {
        backchannelLogoutUri: 'https://rp.example/backchannel',
        frontchannelLogoutUri: 'https://rp.example/frontchannel',
      }),
    ],
    policy: {
      clientCertificates: 'verified',
      scopes: buildScopeTable(
        new Map([
          ['payroll', own(['salary'])],
          ['secret', own(['shoe_size'], ['conf2'])],
        ]),
      ),
      requestObjectSigningAlgs: OBJECT_ALGS,
      authorizationDetailsTypes: new Map([
        ['payment', DETAILS],
        ['calendar', DETAILS],
      ]),
      reauthenticateUrl: STEP_UP,
      acrValuesSupported: ['silver', 'gold'],
      serviceDocumentation: 'https://docs.example/asteroid',
      check: { original: undefined },
    },
    deps: {
      bases: { browser: ISSUER, back: ISSUER, mtls: MTLS_BASE },
      pairwiseSalt: Buffer.alloc(32, 7),
      workloads: createTestWorkloads(platform),
      ...deps,
    },
  });

/** As somebody gets it who configures nothing that could be left out. */
export const createNothing = (): Promise<Issuer> =>
  createExchange({
    policy: {
      tokenIssuers: [],
      grantTypesInUse: new Set(['authorization_code', 'refresh_token', 'client_credentials']),
    },
  });

let made = 0;

/** Registered there and then; its id. */
export function register({ clients }: Issuer, client: Client | Partial<Client> = {}): string {
  const { clientId } = 'clientId' in client ? (client as Client) : makeClient(`made-${made++}`);
  clients.set(clientId, makeClient(clientId, { resources: ['https://api.example'], ...client }));
  return clientId;
}

/** Whether clients.yaml could say it of a client. */
export const isMetadata = (key: string, value: unknown): boolean =>
  clientSchema.safeParse({ client_id: 'c', [key]: value }).success;

/** Whether it could, and this issuer has what it takes. */
export function isRegistrable({ deps }: Issuer, metadata: object): boolean {
  const { clientCertificates: certificates, scopes } = deps.policy();
  const pairwise = deps.pairwiseSalt !== undefined;
  const client = { client_id: 'c', redirect_uris: ['https://rp.example/callback'], ...metadata };
  const terms = clientTerms({ certificates, scopes, pairwise });
  return readClients({ clients: [client] }, terms).problems.length === 0;
}

export const describeIssuer = async ({ issuer }: Issuer) =>
  (await settle(issuer.discovery(makeRequest({ method: 'GET' })))).json;

/** The tokens of a client that has this different. */
export async function signInAs(test: Issuer, different: Partial<Client>, query: Query = {}) {
  const client_id = register(test, different);
  return { client_id, ...(await test.signIn({ client_id, scope: 'openid', ...query })) };
}

/** A certificate arrives only where the issuer takes some. */
const arriving = ({ deps }: Issuer, certificate: ClientCertificate) =>
  deps.policy().clientCertificates === 'none' ? undefined : certificate;

const withArriving = (test: Issuer, clientId: string, certificate: ClientCertificate) => {
  const { certificate: _, ...rest } = withCertificate(clientId, certificate);
  const shown = arriving(test, certificate);
  return shown === undefined ? rest : { ...rest, certificate: shown };
};

/** Somebody who can authenticate as a client, again and again. */
type Party = { readonly client: Client; present(): Promise<Credentials> };

const CODE_FLOW = { grantTypes: ['authorization_code', 'refresh_token'], serves: [] } as const;

const METHODS: Readonly<Record<string, (test: Issuer, id: string) => Promise<Party>>> = {
  none: async (_, id) => fixed(makeClient(id, { tokenEndpointAuthMethod: 'none' })),
  client_secret_basic: async (_, id) => fixed(makeClient(id)),
  client_secret_post: async (_, id) =>
    fixed(makeClient(id, { tokenEndpointAuthMethod: 'client_secret_post' })),
  client_secret_jwt: async (_, id) => byMac(id, 'HS256'),
  private_key_jwt: async (_, id) => byKey(id, 'ES256'),
  tls_client_auth: async (test, id) => ({
    client: makeClient(id, {
      tokenEndpointAuthMethod: 'tls_client_auth',
      certificateName: { type: 'dns', value: `${id}.example` },
      secrets: [],
    }),
    present: async () => withArriving(test, id, verified({ dns: [`${id}.example`] })),
  }),
  self_signed_tls_client_auth: async (test, id) => {
    const { cert } = createSelfSigned({ commonName: id });
    return {
      client: makeClient(id, {
        tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
        keys: { kind: 'inline', text: toJwks(cert, { whole: true }) },
        secrets: [],
      }),
      present: async () => withArriving(test, id, toClientCertificate(cert)),
    };
  },
  kubernetes_service_account: async (_, id) => ({
    client: podClient(id, CODE_FLOW),
    present: async () => asPod(await platform.sign(podClaims()), id),
  }),
  spiffe_jwt: async (_, id) => ({
    client: svidClient(id, CODE_FLOW),
    present: async () => asSvid(await platform.sign(svidClaims()), id),
  }),
};

const fixed = (client: Client): Party => ({ client, present: async () => credentialsOf(client) });

const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

const byMac = (id: string, alg: keyof typeof HASHES): Party => ({
  client: macClient(id, CODE_FLOW),
  present: async () =>
    withAssertion(macOf(macSecretOf(id), ownClaims(id, ISSUER), { alg }, HASHES[alg])),
});

async function byKey(id: string, alg: string): Promise<Party> {
  const signer = await signerOf(alg);
  return {
    client: keyClient(id, [signer], CODE_FLOW),
    present: async () => withAssertion(await signer.sign(ownClaims(id, ISSUER))),
  };
}

/** The same signed text, which says that another algorithm made it. */
function claimingAlg(jwt: string, alg: string): string {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const members = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), alg };
  return `${encode(members)}.${payload}.${alg === 'none' ? '' : signature}`;
}

async function byAlg(id: string, alg: string): Promise<Party> {
  if (HMAC_ALGS.some((known) => known === alg)) return byMac(id, alg as keyof typeof HASHES);
  if (ASYMMETRIC_ALGS.some((known) => known === alg)) return byKey(id, alg);
  const { client } = await byKey(id, 'ES256');
  const signer = await signerOf('ES256');
  const assertion = async () => claimingAlg(await signer.sign(ownClaims(id, ISSUER)), alg);
  return { client, present: async () => withAssertion(await assertion()) };
}

export type AuthEndpoint = 'token' | 'revocation' | 'introspection';

/** Whether this endpoint answers such a client, for what it is there for. */
async function isServed(test: Issuer, endpoint: AuthEndpoint, party: Party): Promise<boolean> {
  const { clientId } = party.client;
  test.clients.set(clientId, party.client);
  const code = await test.code({ client_id: clientId, scope: 'openid', ...PKCE });
  const redeemed = await test.redeem(code, { code_verifier: VERIFIER }, await party.present());
  const token = String(redeemed.json['access_token']);
  if (endpoint === 'token') return redeemed.status === 200;
  if (redeemed.status !== 200) return false;
  if (endpoint === 'introspection') {
    return (await test.introspect(token, await party.present())).json['active'] === true;
  }
  const revoked = await test.revoke(token, await party.present());
  return revoked.status === 200 && (await test.userinfo(token)).status === 401;
}

export const servesMethod =
  (endpoint: AuthEndpoint) =>
  async (test: Issuer, method: string): Promise<boolean> => {
    const id = `by-method-${made++}`;
    const unknown = async () => fixed(makeClient(id, { tokenEndpointAuthMethod: method }));
    return isServed(test, endpoint, await (METHODS[method] ?? unknown)(test, id));
  };

export const servesAlg =
  (endpoint: AuthEndpoint) =>
  async (test: Issuer, alg: string): Promise<boolean> =>
    isServed(test, endpoint, await byAlg(`by-alg-${made++}`, alg));

/** Tokens that a key is needed for, used with a proof of it. */
export async function takesProofsOf(test: Issuer, alg: string): Promise<boolean> {
  const known = ASYMMETRIC_ALGS.some((name) => name === alg);
  const holder = await createHolder(known ? alg : 'ES256', test.clock);
  const spell = (proof: string) => (known ? proof : claimingAlg(proof, alg));
  const client = register(test);
  const code = await test.code({ client_id: client });
  const dpop = spell(await holder.prove());
  const { headers } = withHeader(basic(client));
  const { status, json } = await test.redeem(code, {}, { form: {}, headers: { ...headers, dpop } });
  if (status !== 200 || json['token_type'] !== 'DPoP') return false;
  const token = String(json['access_token']);
  const call = { authorization: `DPoP ${token}`, dpop: await holder.proveAt(token) };
  return (await test.userinfo(undefined, { headers: call })).status === 200;
}

const bodyOf = ({ response }: Answer): string => (response.kind === 'text' ? response.body : '');

/** What a client is told in a form of its own: its ID Token, its UserInfo, and what introspection says. */
const FORMS = {
  id_token: {
    signedBy: (alg: SigningAlg) => ({ idTokenSignedResponseAlg: alg }),
    encryptedBy: (idTokenEncryption: Client['idTokenEncryption']) => ({ idTokenEncryption }),
    read: async (_test: Issuer, { id_token }: SignedIn) => id_token,
  },
  userinfo: {
    signedBy: (alg: SigningAlg) => ({ userinfoSignedResponseAlg: alg }),
    encryptedBy: (userinfoEncryption: Client['userinfoEncryption']) => ({
      userinfoEncryption,
      userinfoSignedResponseAlg: 'ES256' as const,
    }),
    read: async (test: Issuer, { access_token }: SignedIn) =>
      bodyOf(await test.userinfo(access_token)),
  },
  introspection: {
    signedBy: (alg: SigningAlg) => ({ introspectionSignedResponseAlg: alg }),
    encryptedBy: (introspectionEncryption: Client['introspectionEncryption']) => ({
      introspectionEncryption,
      introspectionSignedResponseAlg: 'ES256' as const,
    }),
    async read(test: Issuer, { access_token, client_id }: SignedIn) {
      const { form, headers } = withHeader(basic(client_id));
      const accept = 'application/token-introspection+jwt';
      return bodyOf(await test.introspect(access_token, { form, headers: { ...headers, accept } }));
    },
  },
} as const;

export type Form = keyof typeof FORMS;
type SignedIn = Awaited<ReturnType<typeof signInAs>>;

export const signs =
  (form: Form) =>
  async (test: Issuer, alg: string): Promise<boolean> => {
    if (!isMetadata(`${form}_signed_response_alg`, alg)) return false;
    const { signedBy, read } = FORMS[form];
    const text = await read(test, await signInAs(test, signedBy(alg as SigningAlg)));
    await verifyAsStranger(text, test);
    return headerOf(text)['alg'] === alg;
  };

type Wrapped = { readonly privateKey: CryptoKey; readonly keys: Client['keys'] };

const wrapping = new Map<string, Promise<Wrapped>>();

async function newWrapping(alg: string): Promise<Wrapped> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = {
    ...(await exportJWK(publicKey)),
    kid: createHash('sha256').update(alg).digest('hex'),
  };
  return { privateKey, keys: { kind: 'inline', text: JSON.stringify({ keys: [jwk] }) } };
}

/** @param half the one of the two algorithms that `value` is. */
const encrypts =
  (form: Form, half: 'alg' | 'enc') =>
  async (test: Issuer, value: string): Promise<boolean> => {
    if (!isMetadata(`${form}_encrypted_response_${half}`, value)) return false;
    const wanted = { alg: 'ECDH-ES', enc: 'A256GCM', [half]: value };
    const known = wrapping.get(wanted.alg) ?? newWrapping(wanted.alg);
    wrapping.set(wanted.alg, known);
    const { privateKey, keys } = await known;
    const { encryptedBy, read } = FORMS[form];
    const different = { ...encryptedBy(wanted as Client['idTokenEncryption']), keys };
    const text = await read(test, await signInAs(test, different));
    const { plaintext } = await compactDecrypt(text, privateKey);
    await verifyAsStranger(new TextDecoder().decode(plaintext), test);
    return decodeProtectedHeader(text)[half] === value;
  };

export const wrapsBy = (form: Form) => encrypts(form, 'alg');
export const encryptsBy = (form: Form) => encrypts(form, 'enc');

/** Whether an authorization request in an object of this algorithm counts. */
export async function takesObjectsOf(test: Issuer, alg: string): Promise<boolean> {
  if (!isMetadata('request_object_signing_alg', alg)) return false;
  const now = test.clock();
  const client_id = [`object-${alg}`, 'object-ES256', 'conf'].find((id) => test.clients.has(id));
  const times = { iat: now, nbf: now, exp: now + 300 };
  const claims = {
    iss: client_id,
    aud: ISSUER,
    ...times,
    ...AUTHORIZE,
    client_id,
    state: 'inside',
  };
  const request =
    alg === 'none'
      ? `${encode({ alg })}.${encode(claims)}.`
      : await (await signerOf(alg)).sign(claims, { typ: 'oauth-authz-req+jwt' });
  const { params } = await test.authorize({ client_id, request });
  return params.has('code') && params.get('state') === 'inside';
}
