// Authenticated encryption for what leaves and comes back: cookies, handles, opaque tokens.
// Sealed text is base64url of key id (8 bytes), IV (12), ciphertext and tag (16).

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { freshIv, IV_BYTES } from './iv.ts';
import type { SealingKey } from './sealing-key.ts';

const ID_BYTES = 8;
const TAG_BYTES = 16;
const MAX_SEALED_CHARS = 64 * 1024;

/** The purpose is authenticated: what was sealed as a cookie does not open as a token. */
export function seal(sealingKey: SealingKey, purpose: string, text: string): string {
  // 96 random bits per message allow 2^32 messages per key (NIST SP 800-38D §8.3).
  const iv = freshIv();
  const cipher = createCipheriv('aes-256-gcm', sealingKey.key, iv);
  cipher.setAAD(Buffer.from(purpose));
  const ciphertext = cipher.update(text, 'utf8');
  cipher.final(); // empty: this mode fills no blocks
  return Buffer.concat([sealingKey.prefix, iv, ciphertext, cipher.getAuthTag()]).toString(
    'base64url',
  );
}

/** Undefined, never an error, for everything `seal` did not return for this purpose. */
export function unseal(
  findKey: (id: string) => SealingKey | undefined,
  purpose: string,
  sealed: string,
): string | undefined {
  if (sealed.length > MAX_SEALED_CHARS) return undefined;
  const bytes = Buffer.from(sealed, 'base64url');
  // The decoder skips what it does not know and spare bits: one sealed value has one text.
  if (bytes.toString('base64url') !== sealed) return undefined;
  if (bytes.length < ID_BYTES + IV_BYTES + TAG_BYTES) return undefined;
  const sealingKey = findKey(bytes.toString('base64url', 0, ID_BYTES));
  if (sealingKey === undefined) return undefined;
  const iv = bytes.subarray(ID_BYTES, ID_BYTES + IV_BYTES);
  const tag = bytes.subarray(-TAG_BYTES);
  const ciphertext = bytes.subarray(ID_BYTES + IV_BYTES, -TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealingKey.key, iv, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
