// A key that is not known here may have been made elsewhere a moment ago. It is looked for at once, but
// whoever sends tokens with made-up key ids must not make us ask the store for each of them.

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Every caller gets a look that began after it asked; looks begin `milliseconds` apart at least, and
 * all that ask in between share the next one. `@param look` never throws.
 */
export function createLookAgain(
  look: () => Promise<void>,
  milliseconds: number,
): () => Promise<void> {
  let next: Promise<void> | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;

  async function lookInTime(): Promise<void> {
    const wait = notBefore - performance.now();
    if (wait > 0) await pause(wait);
    notBefore = performance.now() + milliseconds;
    next = undefined;
    await look();
  }

  return () => {
    // Begins in a later turn, so that `next` stands before it is taken away.
    next ??= Promise.resolve().then(lookInTime);
    return next;
  };
}
