import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Long enough for whatever comes at all, on a machine that is busy with other tests. */
const PATIENCE_MS = 45_000;

/** Asks until the answer is the awaited one, and resolves to it; what asking throws ends the waiting. */
export async function until<Value>(
  ask: () => Value | Promise<Value>,
  isAwaited: (value: Value) => boolean = Boolean,
  what: unknown = ask,
): Promise<Value> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (isAwaited(value)) return value;
    if (performance.now() > giveUpAt) throw new Error(describeVain(what, value));
    await pause(10);
  }
}

/** The same of a server that may be away: a question that fails is one that was answered with no. */
export async function untilTrue(what: string, question: () => Promise<boolean>): Promise<void> {
  await until(() => question().catch(() => false), Boolean, what);
}

const describeVain = (what: unknown, value: unknown): string =>
  `waited in vain for ${what}, which is still ${inspect(value).slice(0, 200)}`;
