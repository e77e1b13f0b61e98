// What one configuration holds, from its opening to the end of the last request that began by it.

import type { Held } from './kept.ts';

export type Holding = {
  /** It comes into force. */
  readonly take: () => void;
  /** A request begins by it; answers with what is to be called at the end of the request. */
  readonly hold: () => () => void;
  /** Another one is in force, or this never was: what nobody else holds is closed after its last request. */
  readonly end: () => void;
};

/** @param onProblem hears of a part that could not be closed: nobody waits for it. */
export function createHolding(
  parts: readonly Pick<Held<unknown>, 'take' | 'release'>[],
  onProblem: (error: unknown) => void,
): Holding {
  let underWay = 0;
  let isOver = false;

  function release(): void {
    if (!isOver || underWay > 0) return;
    for (const part of parts) part.release().catch(onProblem);
  }

  return {
    take: () => {
      for (const part of parts) part.take();
    },
    hold() {
      underWay += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        underWay -= 1;
        release();
      };
    },
    end() {
      if (isOver) return;
      isOver = true;
      release();
    },
  };
}

/** All of them, or none: what was opened before another failed is released again. */
export async function holdAll<const Parts extends readonly unknown[]>(
  holds: { readonly [Index in keyof Parts]: Promise<Held<Parts[Index]>> },
): Promise<{ readonly [Index in keyof Parts]: Held<Parts[Index]> }> {
  const settled = await Promise.allSettled<readonly Promise<Held<unknown>>[]>(
    holds as readonly Promise<Held<unknown>>[],
  );
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  const held = settled.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value] : [],
  );
  if (failed === undefined)
    return held as unknown as { readonly [Index in keyof Parts]: Held<Parts[Index]> };
  await Promise.all(held.map(({ release }) => release()));
  throw failed.reason;
}
