// Verifies our own tokens and nothing else: the header names one of our keys, the key says the
// algorithm, and only the exact text that we made passes. Never throws for what a caller sends.

import { LRUCache } from 'lru-cache';
import { ALGORITHMS } from './algorithms.ts';
import { type JoseHeader, parseHeader } from './header.ts';
import type { JwtClaims, VerifiedJwt } from './keys.ts';
import type { SigningKey } from './material.ts';

const MAX_TOKEN_CHARS = 16 * 1024;
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A verified token costs about twice its length to keep: 8 MiB of them at most. */
const CACHE_ENTRIES = 4096;
const CACHE_CHARS = 4 * 1024 * 1024;

type Remembered = { readonly kid: string; readonly jwt: VerifiedJwt };

/**
 * Remembers tokens that verified, as verifying costs more than signing two. It remembers that we made
 * them, not that they are still good: expiry and revocation are asked for every time, elsewhere.
 */
export function createVerifyJwt(
  findKey: (kid: string) => SigningKey | undefined,
): (token: string) => VerifiedJwt | undefined {
  const remembered = new LRUCache<string, Remembered>({
    max: CACHE_ENTRIES,
    maxSize: CACHE_CHARS,
    sizeCalculation: (_, token) => token.length,
  });
  // Only of tokens that verified: as many as there are keys and types.
  const headers = new Map<string, JoseHeader>();
  return (token) => {
    const known = remembered.get(token);
    if (known !== undefined) return findKey(known.kid) === undefined ? undefined : known.jwt;
    const verified = verifyText(token, findKey, headers);
    if (verified !== undefined) remembered.set(token, verified);
    return verified?.jwt;
  };
}

/** Whose signature it would be; undefined for what is no token of ours, whoever signed it. */
export function kidOf(token: string): string | undefined {
  if (token.length > MAX_TOKEN_CHARS || !SHAPE.test(token)) return undefined;
  return parseHeader(token.slice(0, token.indexOf('.')))?.kid;
}

function verifyText(
  token: string,
  findKey: (kid: string) => SigningKey | undefined,
  headers: Map<string, JoseHeader>,
): Remembered | undefined {
  if (token.length > MAX_TOKEN_CHARS || !SHAPE.test(token)) return undefined;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const jose = headers.get(header) ?? parseHeader(header);
  const key = jose === undefined ? undefined : findKey(jose.kid);
  // RFC 8725 §3.1: the key decides which algorithm it is good for, not the token.
  if (jose === undefined || key === undefined || key.alg !== jose.alg) return undefined;
  const bytes = Buffer.from(signature, 'base64url');
  // The decoder ignores spare bits, so that other texts would decode to the same signature.
  if (bytes.toString('base64url') !== signature) return undefined;
  const input = Buffer.from(`${header}.${payload}`, 'latin1');
  if (!ALGORITHMS[key.alg].isSignature(input, bytes, key.publicKey)) return undefined;
  headers.set(header, jose);
  const claims = parseClaims(payload);
  return claims && { kid: key.id, jwt: { typ: jose.typ, claims } };
}

function parseClaims(payload: string): JwtClaims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const isObject = typeof claims === 'object' && claims !== null && !Array.isArray(claims);
    // Our signature is on it, so it is what we made of JwtClaims; frozen, because it is shared.
    return isObject ? Object.freeze(claims as JwtClaims) : undefined;
  } catch {
    return undefined;
  }
}
