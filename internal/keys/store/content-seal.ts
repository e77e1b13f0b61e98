// The content of a store, sealed as one: whoever reads the store learns no key, and whoever writes to it
// without the secret adds none, moves none to another kind, time or issuer, and takes none out.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KeyConfigError } from '../key-config-error.ts';
import { type Content, parseContent, printContent } from './content.ts';

/** The first seals, every one of them opens. */
export type KeySecrets = readonly Uint8Array[];

export type Opened = {
  readonly content: Content;
  /** Whether the secret that seals has sealed it: else one that is to go is still needed. */
  readonly isCurrent: boolean;
};

const LAYOUT = '1';
const SALT_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SHAPE = /^1\.([\w-]{11})\.([\w-]+)$/;

/** `<layout>.<which secret>.<salt, IV, ciphertext and tag>`: a key of its own for each writing. */
export function sealContent(content: Content, secret: Uint8Array, issuer: string): string {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(secret, salt), iv);
  cipher.setAAD(toContext(issuer));
  const ciphertext = cipher.update(printContent(content), 'utf8');
  const sealed = Buffer.concat([salt, iv, ciphertext, cipher.final(), cipher.getAuthTag()]);
  return [LAYOUT, nameOf(secret), sealed.toString('base64url')].join('.');
}

/** Throws `KeyConfigError`, in words for an operator, for everything that is not sealed by a secret. */
export function openContent(text: string, secrets: KeySecrets, issuer: string): Opened {
  const [, name, sealed] = SHAPE.exec(text) ?? [];
  if (name === undefined || sealed === undefined)
    throw new KeyConfigError(
      'the keys in the store are damaged, or of a later version of Asteroid',
    );
  const index = secrets.findIndex((secret) => nameOf(secret) === name);
  const secret = secrets[index];
  if (secret === undefined)
    throw new KeyConfigError(
      'the keys in the store are sealed with another secret than keys.secret_file',
    );
  const content = parseContent(decrypt(Buffer.from(sealed, 'base64url'), secret, issuer) ?? '');
  if (content === undefined)
    throw new KeyConfigError('the keys in the store are damaged, or not those of this issuer');
  return { content, isCurrent: index === 0 };
}

function decrypt(bytes: Buffer, secret: Uint8Array, issuer: string): string | undefined {
  if (bytes.length < SALT_BYTES + IV_BYTES + TAG_BYTES) return undefined;
  const key = deriveKey(secret, bytes.subarray(0, SALT_BYTES));
  const iv = bytes.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  const ciphertext = bytes.subarray(SALT_BYTES + IV_BYTES, -TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(toContext(issuer));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

const toContext = (issuer: string): Uint8Array =>
  Buffer.from(JSON.stringify(['asteroid keys', LAYOUT, issuer]));

const deriveKey = (secret: Uint8Array, salt: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, salt, 'asteroid keys in a store', 32));

/** Tells a secret that is missing from a content that is damaged; says nothing of the secret itself. */
const nameOf = (secret: Uint8Array): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'asteroid keys secret name', 8)).toString('base64url');
