// Is this one of the client's live secrets? Every one of them is compared, in constant time.

import { createHmac, hash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { ClientSecret } from '../../protocol/client.ts';
import { Unavailable } from '../../protocol/errors.ts';

type Scrypt = Extract<ClientSecret, { kind: 'scrypt' }>;

/** Checked against when there is no client: an unknown client_id takes as long as a wrong secret. */
const NO_SECRET: readonly ClientSecret[] = [{ kind: 'sha256', digest: randomBytes(32) }];

/** Throws `Unavailable` when more slow hashes are asked for than the machine should work on. */
export async function matchesSecret(
  secrets: readonly ClientSecret[],
  presented: string,
): Promise<boolean> {
  const digest = Buffer.from(hash('sha256', presented, 'base64'), 'base64');
  let matched = false;
  for (const secret of secrets.length > 0 ? secrets : NO_SECRET) {
    const same =
      secret.kind === 'sha256'
        ? timingSafeEqual(secret.digest, digest)
        : await matchesScrypt(secret, presented);
    matched = same || matched;
  }
  return matched;
}

// A slow hash in the token path is a self-made outage. It is paid once for the right secret, whose
// HMAC under a key that never leaves this process stands in for it afterwards.
const proven = new WeakMap<Scrypt, Buffer>();
const processKey = randomBytes(32);
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
