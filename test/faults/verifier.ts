// A relying party that verifies tokens with the keys it has: fetched when it felt like it, and held for
// as long as the answer said that they may be held. An unknown key is no reason to ask again.

import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Answer } from './requests.ts';

export type Verifier = {
  /** Undefined when it is verified; else why it is not. */
  verify(token: string): Promise<string | undefined>;
};

type Held = { readonly keys: ReturnType<typeof createLocalJWKSet>; readonly until: number };

/** @param fetchKeys the answer of one of the issuers. @param since so many milliseconds ago it began. */
export function createVerifier(fetchKeys: () => Promise<Answer>, since: number): Verifier {
  let held: Promise<Held> | undefined;
  async function hold(age: number): Promise<Held> {
    const { headers, body } = await fetchKeys();
    const seconds = Number(/max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1]);
    if (!(seconds > 0)) throw new Error('the JWKS does not say how long it may be held');
    const set: JSONWebKeySet = JSON.parse(body);
    return { keys: createLocalJWKSet(set), until: performance.now() + seconds * 1000 - age };
  }
  return {
    async verify(token) {
      held ??= hold(since);
      if ((await held).until < performance.now()) held = hold(0);
      const { keys } = await held;
      try {
        await jwtVerify(token, keys);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : 'not verified';
      }
    },
  };
}
