// Clients that authenticate with what they sign: their keys, their assertions, right and wrong.

import { createHmac, createSecretKey } from 'node:crypto';
import type { Client, ClientSecret } from '../../internal/protocol/client.ts';
import { makeClient, secretOf } from './clients.ts';
import { START } from './keys.ts';
import { type Credentials, type Query, withForm } from './requests.ts';
import { createSigner, type Signer, setOf } from './signer.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';

const SERVICE = { grantTypes: ['client_credentials'], serves: ['https://api.example'] };

export const clearSecret = (text: string): ClientSecret => ({
  kind: 'clear',
  key: createSecretKey(Buffer.from(text)),
});

/** A client of `private_key_jwt` with its keys in its entry. */
export const keyClient = (
  clientId: string,
  signers: readonly Signer[],
  different: Partial<Client> = {},
): Client =>
  makeClient(clientId, {
    ...SERVICE,
    tokenEndpointAuthMethod: 'private_key_jwt',
    secrets: [],
    keys: { kind: 'inline', text: setOf(...signers) },
    ...different,
  });

/** Long enough for every hash. */
export const macSecretOf = (clientId: string): string => secretOf(clientId).padEnd(64, '.');

/** A client of `client_secret_jwt`. */
export const macClient = (clientId: string, different: Partial<Client> = {}): Client =>
  makeClient(clientId, {
    ...SERVICE,
    tokenEndpointAuthMethod: 'client_secret_jwt',
    secrets: [clearSecret(macSecretOf(clientId))],
    ...different,
  });

let made = 0;

/** What an honest client says about itself, where the test clock starts. */
export const ownClaims = (clientId: string, aud: unknown, different: object = {}) => ({
  iss: clientId,
  sub: clientId,
  aud,
  jti: `jti-${made++}`,
  iat: START,
  exp: START + 60,
  ...different,
});

export const withAssertion = (client_assertion: string, form: Query = {}): Credentials =>
  withForm({ client_assertion_type: JWT_BEARER, client_assertion, ...form });

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWS by HMAC, of whatever is said. */
export function macOf(
  secret: string | Uint8Array,
  claims: unknown,
  header: object = {},
  hash = 'sha256',
): string {
  const input = `${encode({ alg: 'HS256', ...header })}.${encode(claims)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

export { createSigner, encode, type Signer, setOf };
