// The JWS algorithms of our own tokens (RFC 7518 §3.1, RFC 8037 §3.1): which key each needs, how it
// signs, and which signatures count. Of the values that verify for one text exactly one is accepted.

import {
  constants,
  sign as cryptoSign,
  verify as cryptoVerify,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlg } from '../protocol/names.ts';
import {
  type Curve,
  isLowS,
  negateS,
  P256,
  P384,
  P521,
  toDerSignature,
  toRawSignature,
} from './ecdsa.ts';

type Algorithm = {
  /** The key it needs, for people. */
  readonly needs: string;
  readonly fits: (privateKey: KeyObject) => boolean;
  readonly generate: () => KeyObject | Promise<KeyObject>;
  /** What takes longer than the way to another thread and back is done there. */
  readonly sign: (input: Buffer, privateKey: KeyObject) => Buffer | Promise<Buffer>;
  readonly isSignature: (input: Buffer, signature: Buffer, publicKey: KeyObject) => boolean;
};

const signOffThread = promisify(cryptoSign);
const generateOffThread = promisify(generateKeyPair);

/** NIST SP 800-131A; RFC 7518 §3.3 and §3.5 require it too. */
const MIN_RSA_BITS = 2048;
const RSA_BITS = 2048;

const es256: Algorithm = {
  needs: 'an EC key on P-256',
  fits: (key) => isOnCurve(key, 'prime256v1'),
  // A tenth of a millisecond.
  generate: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  sign: (input, key) => toRawSignature(cryptoSign('sha256', input, key)),
  isSignature: (input, signature, key) =>
    signature.length === 2 * P256.field &&
    isLowS(signature, P256) &&
    cryptoVerify('sha256', input, key, toDerSignature(signature)),
};

/** On the larger curves a signature takes long enough that no conversion of ours would show. */
const ecdsa = (name: string, opensslName: string, curve: Curve, hash: string): Algorithm => ({
  needs: `an EC key on ${name}`,
  fits: (key) => isOnCurve(key, opensslName),
  generate: () => generateKeyPairSync('ec', { namedCurve: name }).privateKey,
  async sign(input, key) {
    const raw = await signOffThread(hash, input, { key, dsaEncoding: 'ieee-p1363' });
    if (!isLowS(raw, curve)) negateS(raw, curve);
    return raw;
  },
  isSignature: (input, signature, key) =>
    signature.length === 2 * curve.field &&
    isLowS(signature, curve) &&
    cryptoVerify(hash, input, { key, dsaEncoding: 'ieee-p1363' }, signature),
});

/**
 * Takes 250 µs to sign, and 100 to 300 ms to make a key for.
 *
 * @param toInput what Node is handed: anything but a bare key costs Node 24 20 µs to look at.
 */
const rsa = (toInput: (key: KeyObject) => KeyObject | SignKeyObjectInput): Algorithm => ({
  needs: `an RSA key of ${MIN_RSA_BITS} bits or more`,
  fits: ({ asymmetricKeyType: type, asymmetricKeyDetails: details }) =>
    type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS,
  generate: async () => (await generateOffThread('rsa', { modulusLength: RSA_BITS })).privateKey,
  sign: (input, key) => signOffThread('sha256', input, toInput(key)),
  isSignature: (input, signature, key) => cryptoVerify('sha256', input, toInput(key), signature),
});

/** OpenSSL accepts no s beyond the order and no other form of R (RFC 8032 §5.1.7). */
const ed25519: Algorithm = {
  needs: 'an Ed25519 key',
  fits: (key) => key.asymmetricKeyType === 'ed25519',
  generate: () => generateKeyPairSync('ed25519').privateKey,
  sign: (input, key) => cryptoSign(null, input, key),
  isSignature: (input, signature, key) => cryptoVerify(null, input, key, signature),
};

/** By the name in `alg`: a new one is its entry here, and its name in `protocol/names.ts`. */
export const ALGORITHMS: { readonly [Alg in SigningAlg]: Algorithm } = {
  ES256: es256,
  // PKCS #1 v1.5 is what Node signs with unless it is told otherwise.
  RS256: rsa((key) => key),
  // RFC 7518 §3.5: the salt is as long as the hash, and any other length is another signature.
  PS256: rsa((key) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })),
  EdDSA: ed25519,
  ES384: ecdsa('P-384', 'secp384r1', P384, 'sha384'),
  ES512: ecdsa('P-521', 'secp521r1', P521, 'sha512'),
};

const isOnCurve = (
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  curve: string,
): boolean => type === 'ec' && details?.namedCurve === curve;
