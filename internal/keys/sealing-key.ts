// Keys for what only we read again. A sealing key is never published; its id is derived from it, so
// that replicas agree on it without saying it.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { KeyConfigError } from './key-config-error.ts';

export type SealingKey = {
  /** 8 bytes, base64url. */
  readonly id: string;
  /** Those bytes, with which everything begins that it seals. */
  readonly prefix: Uint8Array;
  /** Seconds since 1970. */
  readonly activeFrom: number;
  /** AES-256. */
  readonly key: KeyObject;
};

export const SEALING_SECRET_BYTES = 32;
const ID_BYTES = 8;
const AES_KEY_BYTES = 32;

/** `@param secret` the input of HKDF: 32 random bytes. */
export function toSealingKey(secret: Uint8Array, activeFrom: number): SealingKey {
  const prefix = expand(secret, 'asteroid seal id', ID_BYTES);
  return {
    id: Buffer.from(prefix).toString('base64url'),
    prefix,
    activeFrom,
    key: createSecretKey(expand(secret, 'asteroid seal key', AES_KEY_BYTES)),
  };
}

/** The content of a sealing key file; throws without repeating a byte of it. */
export function parseSealingSecret(text: string): Uint8Array {
  const trimmed = text.trim();
  if (trimmed === '') throw new KeyConfigError('is empty');
  const secret = Buffer.from(trimmed, 'base64url');
  if (secret.toString('base64url') !== trimmed || secret.length !== SEALING_SECRET_BYTES)
    throw new KeyConfigError(
      `is damaged or truncated; a sealing key is ${SEALING_SECRET_BYTES} random bytes in base64url`,
    );
  return secret;
}

/** For directories that hold signing keys and cannot be written to: replicas still agree. */
export function deriveSealingKey(privateKey: KeyObject, activeFrom: number): SealingKey {
  const { d } = privateKey.export({ format: 'jwk' });
  const secret = expand(Buffer.from(d ?? '', 'base64url'), 'asteroid seal of signing key', 32);
  return toSealingKey(new Uint8Array(secret), activeFrom);
}

const expand = (secret: Uint8Array, info: string, bytes: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', info, bytes));
