// From key material to keys: what a file may hold, what is published of it, and new ones.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { SigningAlg } from '../protocol/names.ts';
import { KeyConfigError } from './key-config-error.ts';
import type { PublicJwk } from './keys.ts';
import { deriveSealingKey, type SealingKey } from './sealing-key.ts';

export type SigningKey = {
  /** RFC 7638 thumbprint: the same material has the same name on every replica, for ever. */
  readonly id: string;
  readonly alg: SigningAlg;
  /** Seconds since 1970. */
  readonly activeFrom: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
  /** Used where no sealing key can be kept; anybody with this key's file has it too. */
  readonly sealing: SealingKey;
};

/** NIST SP 800-131A; RFC 7518 §3.3 requires it too. */
const MIN_RSA_BITS = 2048;

/** The one private key of a PKCS#8 PEM file; throws without repeating a byte of it. */
export function parsePrivateKey(pem: string): KeyObject {
  if (pem.trim() === '') throw new KeyConfigError('is empty');
  const labels = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map((match) => match[1]);
  if (labels.length === 0) throw new KeyConfigError('holds no PEM block');
  if (labels.length > 1)
    throw new KeyConfigError(`holds ${labels.length} PEM blocks; one private key per file`);
  if (labels[0] === 'ENCRYPTED PRIVATE KEY')
    throw new KeyConfigError('is encrypted; decrypt it with `openssl pkcs8 -in FILE -out FILE`');
  if (labels[0] !== 'PRIVATE KEY')
    throw new KeyConfigError(
      `holds "${labels[0]}" where "PRIVATE KEY" (PKCS#8) is needed; ` +
        'convert it with `openssl pkcs8 -topk8 -nocrypt -in FILE -out FILE`',
    );
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    throw new KeyConfigError('is damaged or truncated');
  }
}

/** Throws when the key does not fit the algorithm, or its public half does not fit the private. */
export function toSigningKey(
  privateKey: KeyObject,
  alg: SigningAlg,
  activeFrom: number,
): SigningKey {
  checkFits(privateKey, alg);
  const publicKey = createPublicKey(privateKey);
  const probe = Buffer.from('asteroid');
  // PKCS#8 carries the public half beside the private one, and nothing says that they match.
  if (!verify('sha256', probe, publicKey, sign('sha256', probe, privateKey)))
    throw new KeyConfigError('has a public half that does not belong to its private key');
  const members = toRequiredMembers(publicKey.export({ format: 'jwk' }));
  const id = toThumbprint(members);
  return {
    id,
    alg,
    activeFrom,
    privateKey,
    publicKey,
    publicJwk: { ...members, kid: id, use: 'sig', alg },
    sealing: deriveSealingKey(privateKey, activeFrom),
  };
}

/** The members that make a public key what it is, in the order of RFC 7638 §3. */
export function toRequiredMembers(jwk: JsonWebKey): Readonly<Record<string, string>> {
  const { kty, crv, x, y, n, e } = jwk;
  if (kty === 'EC' && crv !== undefined && x !== undefined && y !== undefined)
    return { crv, kty, x, y };
  if (kty === 'RSA' && n !== undefined && e !== undefined) return { e, kty, n };
  throw new KeyConfigError('is neither an EC nor an RSA key');
}

/** RFC 7638 with SHA-256. */
export const toThumbprint = (requiredMembers: Readonly<Record<string, string>>): string =>
  createHash('sha256').update(JSON.stringify(requiredMembers)).digest('base64url');

function checkFits(privateKey: KeyObject, alg: SigningAlg): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey;
  if (alg === 'ES256') {
    if (type === 'ec' && details?.namedCurve === 'prime256v1') return;
    const found = type === 'ec' ? `an EC key on ${details?.namedCurve}` : `a key of type ${type}`;
    throw new KeyConfigError(`is ${found}; ES256 needs an EC key on P-256`);
  }
  if (type !== 'rsa') throw new KeyConfigError(`is a key of type ${type}; RS256 needs an RSA key`);
  const bits = details?.modulusLength ?? 0;
  if (bits < MIN_RSA_BITS)
    throw new KeyConfigError(`is an RSA key of ${bits} bits; RS256 needs ${MIN_RSA_BITS} or more`);
}
