// A key that lives as long as the producer, and what it signs (RFC 7515 §7.1).

import { generateKeyPair, hash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonValue } from '../protocol/claims.ts';

type Members = { readonly [name: string]: JsonValue | undefined };

export type SignerAlg = 'ES256' | 'RS256';

export type Signer = {
  readonly kid: string;
  /** The JWK Set, as its service answers it. */
  readonly jwks: string;
  readonly pem: string;
  /** @param padded ALB pads all three parts, against the standard, and signs what it padded. */
  readonly sign: (header: Members, claims: Members, padded: boolean) => string;
};

/** Key ids are hashes, so that no two producers have the same one. */
export async function createSigner(alg: SignerAlg, kidForm: 'jwk' | 'uuid'): Promise<Signer> {
  const { privateKey, publicKey } = await PAIRS[alg]();
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const kid = KIDS[kidForm](hash('sha256', pem, 'hex'));
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return {
    kid,
    pem,
    jwks: JSON.stringify({ keys: [jwk] }),
    sign: (header, claims, padded) =>
      compact(privateKey, { typ: 'JWT', alg, kid, ...header }, claims, padded),
  };
}

type Pair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const generate = promisify(generateKeyPair);

/** Off the main thread: an RSA key takes 100 to 300 ms. */
const PAIRS: Readonly<Record<SignerAlg, () => Promise<Pair>>> = {
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  RS256: () => generate('rsa', { modulusLength: 2048 }),
};

const KIDS = {
  /** Recognisable: no product has keys of this name. */
  jwk: (digest: string) => `dev-${digest.slice(0, 32)}`,
  uuid: (digest: string) =>
    digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
} as const;

function compact(key: KeyObject, header: Members, claims: Members, padded: boolean): string {
  const print = (bytes: Buffer): string => {
    const text = bytes.toString('base64url');
    return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, '=') : text;
  };
  const input = [header, claims].map((part) => print(Buffer.from(JSON.stringify(part)))).join('.');
  // JWS wants r and s side by side, and OpenSSL makes ASN.1 of them (RFC 7518 §3.4).
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${print(signature)}`;
}
