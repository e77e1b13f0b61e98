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
import { ALGORITHMS } from './algorithms.ts';
import { KeyConfigError } from './key-config-error.ts';
import type { PublicJwk } from './keys.ts';
import { deriveSealingKey, type SealingKey } from './sealing-key.ts';

export type SigningKey = {
  /** Ends in its RFC 7638 thumbprint: the same material has the same name on every replica, for ever. */
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

/**
 * Throws when the key does not fit the algorithm, or its public half does not fit the private.
 *
 * @param kidPrefix what its name begins with, for keys that are nothing but a test's.
 */
export function toSigningKey(
  privateKey: KeyObject,
  alg: SigningAlg,
  activeFrom: number,
  kidPrefix = '',
): SigningKey {
  checkFits(privateKey, alg);
  const publicKey = createPublicKey(privateKey);
  const probe = Buffer.from('asteroid');
  // PKCS#8 carries the public half beside the private one, and nothing says that they match.
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  if (!verify(digest, probe, publicKey, sign(digest, probe, privateKey)))
    throw new KeyConfigError('has a public half that does not belong to its private key');
  const members = toRequiredMembers(publicKey.export({ format: 'jwk' }));
  const id = kidPrefix + toThumbprint(members);
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

/** The members that make a public key what it is, in the order of RFC 7638 §3 and RFC 8037 §2. */
export function toRequiredMembers(jwk: JsonWebKey): Readonly<Record<string, string>> {
  const { kty, crv, x, y, n, e } = jwk;
  if (kty === 'EC' && crv !== undefined && x !== undefined && y !== undefined)
    return { crv, kty, x, y };
  if (kty === 'RSA' && n !== undefined && e !== undefined) return { e, kty, n };
  if (kty === 'OKP' && crv !== undefined && x !== undefined) return { crv, kty, x };
  throw new KeyConfigError('is neither an EC, an RSA nor an Ed25519 key');
}

/** RFC 7638 with SHA-256. */
export const toThumbprint = (requiredMembers: Readonly<Record<string, string>>): string =>
  createHash('sha256').update(JSON.stringify(requiredMembers)).digest('base64url');

function checkFits(privateKey: KeyObject, alg: SigningAlg): void {
  const { fits, needs } = ALGORITHMS[alg];
  if (!fits(privateKey))
    throw new KeyConfigError(`is ${describe(privateKey)}; ${alg} needs ${needs}`);
}

function describe({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'ec') return `an EC key on ${details?.namedCurve}`;
  if (type === 'rsa') return `an RSA key of ${details?.modulusLength} bits`;
  return `a key of type ${type}`;
}
