// What a program has to know to drive the issuer of `asteroid dev`.

import type { Environment } from '../../internal/app/listeners.ts';
import { createRandom } from '../../internal/app/random.ts';
import { SECRET_BYTES } from '../../internal/protocol/random.ts';

const TOKEN_VARIABLE = 'ASTEROID_DEV_TOKEN';

export type DevToken = {
  readonly token: string;
  /** Between double quotes of a shell: who chose a token need not read it in the output of a build. */
  readonly shown: string;
};

/** At least 16 characters, and what a header may carry (RFC 6750 §2.1). */
const USABLE = /^[A-Za-z0-9._~+/-]{16,}=*$/;

/** That of the environment, else one that nobody has had before; a string says what is wrong with it. */
export function chooseToken(env: Environment): DevToken | string {
  const chosen = env[TOKEN_VARIABLE];
  if (chosen === undefined) {
    const token = createRandom()(SECRET_BYTES);
    return { token, shown: token };
  }
  if (USABLE.test(chosen)) return { token: chosen, shown: `$${TOKEN_VARIABLE}` };
  return `${TOKEN_VARIABLE} has to be 16 or more letters, digits or any of . _ ~ + / -; unset it for one by chance`;
}
