import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { hashSecret } from '../../internal/config/secret-hash.ts';

/** `asteroid hash --generate`: prints a token, which is nowhere else, and what belongs into `admin.tokens`. */
export async function hashGenerated(): Promise<number> {
  const token = `adm_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  console.log(`token: ${token}`);
  console.log(`hash: '${await hashSecret(token, 'sha256')}'`);
  return 0;
}

const TOKEN_BYTES = 32;

/** Prints what belongs into `client_secret_hash`; 2 when standard input holds no secret. */
export async function hash(kind: 'sha256' | 'scrypt'): Promise<number> {
  const secret = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (secret === '') {
    console.error('nothing to hash: pass the secret on standard input');
    return 2;
  }
  console.log(await hashSecret(secret, kind));
  return 0;
}
