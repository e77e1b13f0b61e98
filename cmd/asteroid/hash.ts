import { text } from 'node:stream/consumers';
import { hashSecret } from '../../internal/config/secret-hash.ts';

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
