// Is this one of the client's live secrets? Every one of them is compared, in constant time.

import {
  createHmac,
  createSecretKey,
  hash,
  KeyObject,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { ClientSecret } from '../../protocol/client.ts';
import { HMAC_ALGS, HMAC_BYTES } from '../../protocol/client-assertion.ts';
import { Unavailable } from '../../protocol/errors.ts';

type Scrypt = Extract<ClientSecret, { kind: 'scrypt' }>;

/** Checked against when there is no client: an unknown client_id takes as long as a wrong secret. */
const NO_SECRET: readonly ClientSecret[] = [{ kind: 'sha256', digest: randomBytes(32) }];

/**
 * At once where no secret is a slow hash. Throws `Unavailable` when more of those are asked for than the
 * machine should work on.
 */
export function matchesSecret(
  secrets: readonly ClientSecret[],
  presented: string,
): boolean | Promise<boolean> {
  const digest = Buffer.from(hash('sha256', presented, 'base64'), 'base64');
  const slow: Scrypt[] = [];
  let matched = false;
  for (const secret of secrets.length > 0 ? secrets : NO_SECRET) {
    if (secret.kind === 'sha256') matched = timingSafeEqual(secret.digest, digest) || matched;
    // One that is signed with is never sent, and so never taken.
    else if (secret.kind === 'scrypt') slow.push(secret);
  }
  return slow.length === 0 ? matched : matchesAnyScrypt(slow, presented, matched);
}

async function matchesAnyScrypt(
  secrets: readonly Scrypt[],
  presented: string,
  isMatched: boolean,
): Promise<boolean> {
  let matched = isMatched;
  for (const secret of secrets) matched = (await matchesScrypt(secret, presented)) || matched;
  return matched;
}

/** Whether one of the secrets signed exactly this compact JWS by this algorithm (RFC 7518 §3.2). */
export function matchesMac(
  secrets: readonly ClientSecret[],
  { alg, compact }: { readonly alg: string; readonly compact: string },
): boolean {
  const hmac = HMAC_ALGS.find((known) => known === alg);
  if (hmac === undefined) return false;
  const end = compact.lastIndexOf('.');
  const given = Buffer.from(compact.slice(end + 1), 'base64url');
  let matched = false;
  for (const secret of secrets) {
    if (secret.kind !== 'clear' || !(secret.key instanceof KeyObject)) continue;
    // A shorter one would be guessed before the hash is (RFC 7518 §3.2).
    if ((secret.key.symmetricKeySize ?? 0) < HMAC_BYTES[hmac]) continue;
    const mac = createHmac(HASHES[hmac], secret.key).update(compact.slice(0, end)).digest();
    matched = (mac.length === given.length && timingSafeEqual(mac, given)) || matched;
  }
  return matched;
}

const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

// A slow hash in the token path is a self-made outage. It is paid once for the right secret, whose
// HMAC under a key that never leaves this process stands in for it afterwards.
const proven = new WeakMap<Scrypt, Buffer>();
const processKey = createSecretKey(randomBytes(32));
const MAX_WAITING = 16;
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

async function matchesScrypt(secret: Scrypt, presented: string): Promise<boolean> {
  const mac = createHmac('sha256', processKey).update(presented).digest();
  const known = proven.get(secret);
  if (known !== undefined && timingSafeEqual(known, mac)) return true;
  if (waiting >= MAX_WAITING) throw new Unavailable('keys', 'too many slow hashes at once');
  waiting += 1;
  // One at a time: guesses may be slow for each other, but not for everybody else.
  const derived = turn.then(() => deriveScrypt(secret, presented));
  turn = derived.catch(() => undefined);
  try {
    const same = timingSafeEqual(await derived, secret.hash);
    if (same) proven.set(secret, mac);
    return same;
  } finally {
    waiting -= 1;
  }
}

const deriveScrypt = (
  { cost, blockSize, parallelization, salt, hash: expected }: Scrypt,
  presented: string,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize };
    scrypt(presented, salt, expected.length, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
