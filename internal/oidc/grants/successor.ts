// An honest client whose answer was lost asks again with the same refresh token, and gets the same
// successor: it is kept sealed under a key that only the presented secret yields, so that neither a
// dump of the store nor we ourselves can open it without that.

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  type KeyObject,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
// Each key is made of a fresh 256-bit secret and seals one text, so a fixed nonce repeats nothing.
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

export function sealSuccessor(presentedSecret: string, successor: string): string {
  const cipher = createCipheriv(CIPHER, deriveKey(presentedSecret), NONCE);
  const sealed = [cipher.update(successor, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** Undefined when the seal was not made for this secret. */
export function openSuccessor(presentedSecret: string, seal: string): string | undefined {
  const bytes = Buffer.from(seal, 'base64url');
  const sealed = bytes.subarray(0, -TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, deriveKey(presentedSecret), NONCE);
  try {
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return decipher.update(sealed, undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}

// A secret of 256 random bits needs no stretching; the words before it keep its key apart from the hash
// by which the store knows it. Bytes that are no key object yet cost Node 24 as much as a signature.
const deriveKey = (secret: string): KeyObject =>
  createSecretKey(hash('sha256', `asteroid refresh token successor ${secret}`, 'base64'), 'base64');
