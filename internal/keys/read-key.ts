// From the text of a key to the key, wherever the text was: a file, or one of many in the store.

import type { KeyKind } from './filename.ts';
import { parsePrivateKey, type SigningKey, toSigningKey } from './material.ts';
import type { KeySet } from './ring.ts';
import { parseSealingSecret, type SealingKey, toSealingKey } from './sealing-key.ts';

export type ReadKey =
  | { readonly kind: 'signing'; readonly key: SigningKey }
  | { readonly kind: 'seal'; readonly key: SealingKey };

/** Throws `KeyConfigError` saying what is wrong with the text, and never what is in it. */
export function readKey(kind: KeyKind, activeFrom: number, text: string): ReadKey {
  if (kind === 'seal')
    return { kind: 'seal', key: toSealingKey(parseSealingSecret(text), activeFrom) };
  return { kind: 'signing', key: toSigningKey(parsePrivateKey(text), kind, activeFrom) };
}

export const toKeySet = (keys: readonly ReadKey[]): KeySet => ({
  signing: keys.flatMap((one) => (one.kind === 'signing' ? [one.key] : [])),
  sealing: keys.flatMap((one) => (one.kind === 'seal' ? [one.key] : [])),
});
