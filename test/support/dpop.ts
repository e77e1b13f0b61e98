// Somebody who holds a key and proves it, rightly or wrongly.

import { createHash } from 'node:crypto';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';
import { ISSUER } from './issuer.ts';

export const TOKEN_URL = `${ISSUER}/token`;
export const USERINFO_URL = `${ISSUER}/userinfo`;

/** When test clocks start. */
const START = 1_800_000_000;

export type ProofParts = {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
};

export type Holder = {
  readonly alg: string;
  readonly jkt: string;
  readonly jwk: JWK;
  readonly privateJwk: JWK;
  /** A proof for the token endpoint; members that are undefined are left out. */
  prove(parts?: ProofParts): Promise<string>;
  /** A proof for UserInfo with this token. */
  proveAt(token: string, parts?: ProofParts): Promise<string>;
};

let proofs = 0;

export const athOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

const sign = (payload: object, header: object, key: CryptoKey): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader(JSON.parse(JSON.stringify(header)))
    .sign(key);

/** A key of its own, by default for ES256; `clock` is what its proofs take for the time. */
export async function createHolder(
  alg = 'ES256',
  clock: () => number = () => START,
): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const make = (standard: object, { header, claims }: ProofParts) =>
    sign({ ...standard, ...claims }, { typ: 'dpop+jwt', alg, jwk, ...header }, privateKey);
  const common = () => ({ jti: `proof-${proofs++}`, iat: clock() });
  return {
    alg,
    jwk,
    jkt: await calculateJwkThumbprint(jwk),
    privateJwk: await exportJWK(privateKey),
    prove: (parts = {}) => make({ ...common(), htm: 'POST', htu: TOKEN_URL }, parts),
    proveAt: (token, parts = {}) =>
      make({ ...common(), htm: 'GET', htu: USERINFO_URL, ath: athOf(token) }, parts),
  };
}
