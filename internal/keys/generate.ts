// New keys from the platform's own randomness.

import { type KeyObject, randomBytes } from 'node:crypto';
import type { SigningAlg } from '../protocol/names.ts';
import { ALGORITHMS } from './algorithms.ts';
import type { KeyKind } from './filename.ts';
import { SEALING_SECRET_BYTES } from './sealing-key.ts';

/** RSA takes 100 to 300 ms, off the main thread. */
const generatePrivateKey = async (alg: SigningAlg): Promise<KeyObject> =>
  ALGORITHMS[alg].generate();

/** The content of a new key file. */
export async function generateKeyFile(kind: KeyKind): Promise<string> {
  if (kind === 'seal') return `${randomBytes(SEALING_SECRET_BYTES).toString('base64url')}\n`;
  const privateKey = await generatePrivateKey(kind);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
