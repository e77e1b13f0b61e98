// What clients hold: every sign-in of a round with all that it was ever given, as thieves and late
// retries would still have it.

import type { Browser } from './client.ts';

export type SignIn = {
  readonly name: string;
  readonly clientId: string;
  readonly browser: Browser;
  code: string | undefined;
  accessToken: string | undefined;
  idToken: string | undefined;
  /** Every generation, the newest last. */
  readonly refreshTokens: string[];
};

export type Wallet = {
  open(clientId: string, browser?: Browser): SignIn;
  all(): readonly SignIn[];
};

let opened = 0;

/** @param kept from rounds before. */
export function createWallet(kept: readonly SignIn[] = []): Wallet {
  const signIns: SignIn[] = [...kept];
  return {
    open(clientId, browser = { cookie: undefined }) {
      opened += 1;
      const signIn: SignIn = {
        ...{ name: `sign-in ${opened}`, clientId, browser },
        ...{ code: undefined, accessToken: undefined, idToken: undefined, refreshTokens: [] },
      };
      signIns.push(signIn);
      return signIn;
    },
    all: () => signIns,
  };
}
