// The JOSE header of our own tokens: three members in one order, so that it has one text per key and
// type, encoded once.

import { SIGNING_ALGS, type SigningAlg } from '../protocol/names.ts';
import type { SigningKey } from './material.ts';

export type JoseHeader = {
  readonly alg: SigningAlg;
  readonly kid: string;
  readonly typ: string;
};

export const encodeSegment = (json: string): string => Buffer.from(json).toString('base64url');

const encodeHeader = ({ alg, kid, typ }: JoseHeader): string =>
  encodeSegment(JSON.stringify({ alg, kid, typ }));

/** Callers have a handful of types, so the cache is bounded by keys. */
export function createHeaderEncoder(): (key: SigningKey, typ: string) => string {
  const segments = new WeakMap<SigningKey, Map<string, string>>();
  return (key, typ) => {
    const known = segments.get(key)?.get(typ);
    if (known !== undefined) return known;
    const segment = encodeHeader({ alg: key.alg, kid: key.id, typ });
    const ofKey = segments.get(key) ?? new Map<string, string>();
    segments.set(key, ofKey.set(typ, segment));
    return segment;
  };
}

/**
 * Undefined unless encoding it again gives the same text: `jwk`, `jku`, `x5c`, `crit`, `b64`, other
 * orders, padding and repeated members all fail by that one comparison (RFC 8725 §3.1).
 */
export function parseHeader(segment: string): JoseHeader | undefined {
  const header = toHeader(Buffer.from(segment, 'base64url').toString());
  return header !== undefined && encodeHeader(header) === segment ? header : undefined;
}

function toHeader(json: string): JoseHeader | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if (!('alg' in parsed && 'kid' in parsed && 'typ' in parsed)) return undefined;
  const { alg, kid, typ } = parsed;
  const known = SIGNING_ALGS.find((one) => one === alg);
  if (known === undefined || typeof kid !== 'string' || typeof typ !== 'string') return undefined;
  return { alg: known, kid, typ };
}
