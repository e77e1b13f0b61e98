// The secret of a registered client: ours to make, shown once, and kept in the weakest form that
// still checks what the client does with it.

import { SECRET_BYTES } from '../../protocol/random.ts';
import type { Deps } from '../deps.ts';
import { type KeptSecret, SECRET_PURPOSE, toHashed } from './record.ts';

export type IssuedSecret = {
  readonly kept: KeptSecret | undefined;
  /** To be shown in this answer, and in no other; undefined: what the client has goes on counting. */
  readonly shown: string | undefined;
};

/** @param before what was kept of an earlier one: it stays as long as the method can use it. */
export function issueSecret(
  method: unknown,
  before: KeptSecret | undefined,
  { random, keys }: Pick<Deps, 'random' | 'keys'>,
): IssuedSecret {
  const kind = kindFor(method);
  if (kind === undefined) return { kept: undefined, shown: undefined };
  if (before?.kind === kind && isUsable(before, keys)) return { kept: before, shown: undefined };
  const shown = random(SECRET_BYTES);
  const kept: KeptSecret =
    kind === 'hashed' ? toHashed(shown) : { kind, sealed: keys.seal(SECRET_PURPOSE, shown) };
  return { kept, shown };
}

/** Whether it is the one that is kept: a client may say which it has, and never choose (RFC 7592 §2.2). */
export function isKept(
  secret: string,
  kept: KeptSecret | undefined,
  { keys }: Pick<Deps, 'keys'>,
): boolean {
  if (kept === undefined) return false;
  const known =
    kept.kind === 'hashed' ? kept : toHashed(keys.unseal(SECRET_PURPOSE, kept.sealed) ?? '');
  const said = toHashed(secret);
  return known.kind === 'hashed' && said.kind === 'hashed' && known.hash === said.hash;
}

/** The keys that it was sealed with may be gone. */
const isUsable = (kept: KeptSecret, keys: Deps['keys']): boolean =>
  kept.kind === 'hashed' || keys.unseal(SECRET_PURPOSE, kept.sealed) !== undefined;

function kindFor(method: unknown): KeptSecret['kind'] | undefined {
  if (method === 'client_secret_jwt') return 'sealed';
  return method === 'client_secret_basic' || method === 'client_secret_post' ? 'hashed' : undefined;
}
