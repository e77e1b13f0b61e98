// When all is over: every artefact of the round is shown once more, at one of the issuers, and some
// that were spent long ago as well.

import { type Actor, inspect, persist, renew } from './actor.ts';
import type { SignIn } from './wallet.ts';

const AT_A_TIME = 6;
/** One in so many is stolen: its spent code comes back. */
const STOLEN = 3;

async function probeOne(actor: Actor, signIn: SignIn): Promise<void> {
  await inspect(actor, signIn);
  await renew(actor, signIn);
  await inspect(actor, signIn);
  const { code, name, clientId } = signIn;
  if (code === undefined || actor.chance.below(STOLEN) > 0) return;
  await persist(() => actor.client.redeem(name, clientId, code));
  await inspect(actor, signIn);
}

export async function probe(actor: Actor): Promise<void> {
  const waiting = [...actor.chance.shuffle(actor.wallet.all())];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await probeOne(actor, next);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}
