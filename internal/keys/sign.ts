// The fast path: signing is the biggest part of a token request. ES256 is signed synchronously (45 µs
// for two tokens, and a flatter p99 than a thread pool gives), and so is EdDSA; the others take
// several times as long and leave the thread.

import { ALGORITHMS } from './algorithms.ts';
import { createHeaderEncoder, encodeSegment } from './header.ts';
import type { JwtClaims } from './keys.ts';
import type { SigningKey } from './material.ts';

export type SignJwt = (key: SigningKey, typ: string, claims: JwtClaims) => Promise<string>;

export function createSignJwt(): SignJwt {
  const headerSegment = createHeaderEncoder();
  return async (key, typ, claims) => {
    const input = `${headerSegment(key, typ)}.${encodeSegment(JSON.stringify(claims))}`;
    const made = ALGORITHMS[key.alg].sign(Buffer.from(input, 'latin1'), key.privateKey);
    const signature = Buffer.isBuffer(made) ? made : await made;
    return `${input}.${signature.toString('base64url')}`;
  };
}
