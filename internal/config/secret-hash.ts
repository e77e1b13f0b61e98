// How client secrets stand in files: as text, or as a hash that lets nobody in. A random secret
// needs only SHA-256; one that somebody chose needs scrypt, whose cost makes guessing expensive.

import { createHash, createSecretKey, randomBytes, scrypt } from 'node:crypto';
import type { ClientSecret } from '../protocol/client.ts';

/** Those that stand as a hash. */
type HashedSecret = Extract<ClientSecret, { kind: 'sha256' | 'scrypt' }>;
type Scrypt = Extract<ClientSecret, { kind: 'scrypt' }>;

// 32 MiB and some 85 ms for each guess.
const LOG_COST = 15;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Of a secret that is itself 32 random bytes or more, in any spelling. */
export const sha256Secret = (text: string): HashedSecret => ({
  kind: 'sha256',
  digest: createHash('sha256').update(text).digest(),
});

/** Of a secret that is signed with: out of sight, but in clear. */
export const clearSecret = (text: string): ClientSecret => ({
  kind: 'clear',
  key: createSecretKey(Buffer.from(text)),
});

/**
 * What `client_secret_hash` holds. `sha256` is only for secrets that a machine made: a guess at it
 * costs nothing.
 */
export async function hashSecret(
  text: string,
  kind: HashedSecret['kind'] = 'scrypt',
): Promise<string> {
  if (kind === 'sha256') return printSecretHash(sha256Secret(text));
  const salt = randomBytes(SALT_BYTES);
  const terms = { cost: 2 ** LOG_COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION };
  const maxmem = 256 * terms.cost * terms.blockSize;
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, { ...terms, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
  return printSecretHash({ kind: 'scrypt', ...terms, salt, hash });
}

/** A PHC string; `parseSecretHash` reads it back. */
export function printSecretHash(secret: HashedSecret): string {
  if (secret.kind === 'sha256') return `$sha256$${encode(secret.digest)}`;
  const terms = `ln=${Math.log2(secret.cost)},r=${secret.blockSize},p=${secret.parallelization}`;
  return `$scrypt$${terms}$${encode(secret.salt)}$${encode(secret.hash)}`;
}

const BASE64 = '[A-Za-z0-9+/]+';
const SHA256 = new RegExp(`^\\$sha256\\$(${BASE64})$`);
const SCRYPT = new RegExp(
  `^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`,
);

const HINT = 'let asteroid hash make it';

/** The secret, or a sentence that says what is wrong and repeats nothing of it. */
export function parseSecretHash(text: string): HashedSecret | string {
  const [, digest] = SHA256.exec(text) ?? [];
  if (digest !== undefined) {
    const bytes = decode(digest);
    return bytes?.length === 32
      ? { kind: 'sha256', digest: bytes }
      : `is not a whole SHA-256 digest; ${HINT}`;
  }
  const [, cost, blockSize, parallelization, salt, hash] = SCRYPT.exec(text) ?? [];
  if (hash !== undefined) {
    return judgeScrypt({
      kind: 'scrypt',
      cost: 2 ** Number(cost),
      blockSize: Number(blockSize),
      parallelization: Number(parallelization),
      salt: decode(salt ?? '') ?? Buffer.alloc(0),
      hash: decode(hash) ?? Buffer.alloc(0),
    });
  }
  return /^\$(?:2[aby]|argon2[a-z]*|5|6|pbkdf2[a-z0-9-]*)\$/.test(text)
    ? `is a kind of hash that is not supported; ${HINT}`
    : `has to begin with $scrypt$ or $sha256$; ${HINT}`;
}

/** Bounds of what one guess costs: less protects nobody, more is an outage by configuration. */
function judgeScrypt(secret: Scrypt): Scrypt | string {
  const { cost, blockSize, parallelization, salt, hash } = secret;
  if (salt.length < 8 || hash.length < 32 || hash.length > 64)
    return `has too short a salt or hash; ${HINT}`;
  const memory = 128 * cost * blockSize;
  if (memory < 2 ** 24 || parallelization < 1) return `is too cheap to guess; ${HINT}`;
  return memory > 2 ** 28 || parallelization > 4 ? `is too expensive to check; ${HINT}` : secret;
}

const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('base64')
    .replace(/={1,2}$/, '');

/** Undefined unless this is exactly how the bytes are spelt: `Buffer` skips over garbage. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return encode(bytes) === text ? bytes : undefined;
}
