// Whether this process can do what it is for: remember, and sign.

import type { Readiness } from '../http/admin.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { Store } from '../store/store.ts';

export type ReadinessDeps = {
  readonly store: Pick<Store, 'ping'>;
  readonly keys: Pick<KeyRing, 'publicKeys'>;
};

/** Asks at most one question of the store at a time, however many want to know. */
export function createReadiness({
  store,
  keys,
}: ReadinessDeps): () => Promise<readonly Readiness[]> {
  const isStoreReady = whileUnderWay(() => answers(store.ping()));
  return async () => [
    { name: 'store', ready: await isStoreReady() },
    { name: 'keys', ready: keys.publicKeys().length > 0 },
  ];
}

// A probe costs the store several commands at each primary: a flood of probes must not be one of those.
function whileUnderWay<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

const answers = async (question: Promise<void>): Promise<boolean> => {
  try {
    await question;
    return true;
  } catch {
    return false;
  }
};
