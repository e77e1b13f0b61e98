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
  const kept = before?.kind === kind ? keep(before, keys) : undefined;
  if (kept !== undefined) return { kept, shown: undefined };
  return makeSecret(method, { random, keys }) ?? { kept: undefined, shown: undefined };
}

/** The further secret of the same entry, as long as the method can use it. */
export function keepSecond(
  method: unknown,
  before: KeptSecret | undefined,
  { keys }: Pick<Deps, 'keys'>,
): KeptSecret | undefined {
  return before?.kind === kindFor(method) && before !== undefined ? keep(before, keys) : undefined;
}

/** Another secret for a client of this method; undefined: it has no use for one. */
export function makeSecret(
  method: unknown,
  { random, keys }: Pick<Deps, 'random' | 'keys'>,
): { readonly kept: KeptSecret; readonly shown: string } | undefined {
  const kind = kindFor(method);
  if (kind === undefined) return undefined;
  const shown = random(SECRET_BYTES);
  return { kept: kind === 'hashed' ? toHashed(shown) : seal(shown, keys), shown };
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

const seal = (secret: string, keys: Deps['keys']): KeptSecret => ({
  kind: 'sealed',
  sealed: keys.seal(SECRET_PURPOSE, secret),
});

/** Sealed anew, since keys are replaced; undefined where the one of then is gone already. */
function keep(before: KeptSecret, keys: Deps['keys']): KeptSecret | undefined {
  if (before.kind === 'hashed') return before;
  const secret = keys.unseal(SECRET_PURPOSE, before.sealed);
  return secret === undefined ? undefined : { ...before, ...seal(secret, keys) };
}

function kindFor(method: unknown): KeptSecret['kind'] | undefined {
  if (method === 'client_secret_jwt') return 'sealed';
  return method === 'client_secret_basic' || method === 'client_secret_post' ? 'hashed' : undefined;
}
