// New keys from the platform's own randomness.

import { generateKeyPair, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlg } from '../protocol/names.ts';
import type { KeyKind } from './filename.ts';
import { SEALING_SECRET_BYTES } from './sealing-key.ts';

const RSA_BITS = 2048;
const generateOffThread = promisify(generateKeyPair);

/** A tenth of a millisecond. */
export const generateEs256 = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** RS256 takes 100 to 300 ms, off the main thread. */
export async function generatePrivateKey(alg: SigningAlg): Promise<KeyObject> {
  if (alg === 'ES256') return generateEs256();
  return (await generateOffThread('rsa', { modulusLength: RSA_BITS })).privateKey;
}

/** The content of a new key file. */
export async function generateKeyFile(kind: KeyKind): Promise<string> {
  if (kind === 'seal') return `${randomBytes(SEALING_SECRET_BYTES).toString('base64url')}\n`;
  const privateKey = await generatePrivateKey(kind);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
