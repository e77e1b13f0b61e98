// An issuer on two replicas with one Redis behind one nginx, and a client for each thing that libraries
// know how to do. What programs call is answered by either replica, in turn.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { findFreePort } from '../support/free-port.ts';
import { createSigner, type Signer, setOf } from '../support/signer.ts';
import { openBrowser } from './browser.ts';
import { cookieOf, startAuthService, startNginx } from './nginx.ts';
import { type Asteroid, startAsteroid, startRedis, temporaryFolder } from './rig.ts';

export const CALLBACK = 'https://app.example/callback';
export const SECRET = 'a client secret that nobody guesses';
export const API = 'https://api.example.com';
const PARTNER = 'https://partner.example';
export const GRANTS = {
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  assertion: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
} as const;
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export type Protocol = {
  readonly origin: string;
  readonly replicas: readonly [Asteroid, Asteroid];
  /** Signs for the clients that have a key. */
  readonly signer: Signer;
  /** Signs assertions that `batch` brings. */
  readonly partner: Signer;
  /** Opens what is encrypted for `sealed`. */
  readonly opener: CryptoKey;
};

export type ProtocolOptions = {
  /** Whether proofs of keys have to contain a nonce. */
  readonly nonce: 'never' | 'required';
  /** Beside those that are always there. */
  readonly clients?: readonly object[];
  /** Further sections of asteroid.yaml. */
  readonly more?: string;
};

export async function startProtocol(given: ProtocolOptions): Promise<Protocol> {
  const listen = await findFreePort();
  const origin = `http://127.0.0.1:${listen}`;
  const signer = await createSigner('app-1');
  const partner = await createSigner('partner-1');
  const { privateKey: opener, publicKey } = await generateKeyPair('ECDH-ES', { extractable: true });
  const lock = { ...(await exportJWK(publicKey)), kid: 'lock-1', use: 'enc' };
  const options = {
    issuer: origin,
    clients: clientsFile(signer, lock, given.clients ?? []),
    redisUrl: (await startRedis()).url,
    keysDir: path.join(temporaryFolder(), 'keys'),
    more: moreConfig(partner, given.nonce) + (given.more ?? ''),
  };
  const first = await startAsteroid(options);
  const second = await startAsteroid(options);
  const auth = await startAuthService();
  await startNginx({ listen, auth, asteroid: first, others: [second.port] });
  return { origin, replicas: [first, second], signer, partner, opener };
}

function moreConfig(partner: Signer, nonce: string): string {
  const keys = path.join(temporaryFolder(), 'partner.json');
  writeFileSync(keys, setOf(partner));
  return `dpop: { nonce: ${nonce} }
authorization_details_types:
  payment: { description: Start a payment, members: { creditor: text, amount: object }, required: [creditor] }
token_issuers:
  partner: { issuer: "${PARTNER}", jwks_file: ${keys}, algorithms: [ES256], subjects: { same: true } }
`;
}

const SIGN_IN = {
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email offline_access',
  resources: [API],
};
const CONFIDENTIAL = { client_secret: SECRET, ...SIGN_IN };
const MACHINE = { grant_types: ['client_credentials'], scope: 'api:read', audience: [API] };

/** JSON is YAML. */
function clientsFile({ jwk }: Signer, lock: object, more: readonly object[]): string {
  const keyed = {
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [jwk] },
  };
  const clients = [
    { client_id: 'web', ...CONFIDENTIAL, authorization_details_types: ['payment'] },
    { client_id: 'spa', token_endpoint_auth_method: 'none', ...SIGN_IN },
    {
      client_id: 'bank',
      profile: 'fapi2',
      ...keyed,
      ...SIGN_IN,
      authorization_details_types: ['payment'],
      request_object_signing_alg: 'ES256',
      require_signed_request_object: true,
    },
    {
      client_id: 'sealed',
      ...CONFIDENTIAL,
      jwks: { keys: [lock] },
      id_token_encrypted_response_alg: 'ECDH-ES',
      userinfo_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
    },
    { client_id: 'keyed', ...keyed, ...MACHINE },
    {
      client_id: 'mac',
      client_secret: SECRET,
      token_endpoint_auth_method: 'client_secret_jwt',
      ...MACHINE,
    },
    {
      client_id: 'gateway',
      client_secret: SECRET,
      grant_types: [GRANTS.exchange],
      serves: [API],
      token_exchange: { issuers: ['self'], audiences: ['https://orders.example'], scope: 'email' },
    },
    {
      client_id: 'batch',
      client_secret: SECRET,
      grant_types: [GRANTS.assertion],
      scope: 'reports:read',
      jwt_bearer: { issuers: ['partner'] },
    },
    ...more,
  ];
  return `clients: ${JSON.stringify(clients)}\n`;
}

/** What the browser of alice brings back to the client. */
export async function visitAs(name: 'alice' | 'bob', url: URL, callback = CALLBACK): Promise<URL> {
  const {
    url: back,
    answer,
    steps,
  } = await openBrowser([cookieOf(name)]).visit(url.href, callback);
  if (!back.startsWith(callback)) {
    throw new Error(`no callback: ${steps.join('\n')}\n${answer.body}`);
  }
  return new URL(back);
}

/** An assertion of the partner about alice. */
export const assertAlice = ({ partner, origin }: Protocol): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 60 };
  return partner.sign({
    ...{ iss: PARTNER, sub: 'alice', aud: origin, jti: crypto.randomUUID() },
    ...times,
  });
};
