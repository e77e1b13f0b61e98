// Whether Redis is there: what callers wait for, and what the operator hears once per outage, or more than
// once where it is there again and refuses us.

export type Presence = {
  isUp(): boolean;
  /** Whether it is up within so many milliseconds; false at once when it has been away for long. */
  whenUp(milliseconds: number): Promise<boolean>;
  rise(): void;
  /** @param refused whether it is there and said so. */
  fall(reason: string, refused?: boolean): void;
  /** It will not come back: nobody waits for it any more. */
  leave(): void;
};

export type PresenceHooks = {
  readonly onUp?: (() => void) | undefined;
  readonly onDown?: ((reason: string) => void) | undefined;
};

/** A reset is waited out, an outage is not: after `patienceMs` of absence nobody waits any more. */
export function createPresence(patienceMs: number, { onUp, onDown }: PresenceHooks): Presence {
  const waiting = new Set<() => void>();
  let up = false;
  const told = new Set<string>();
  let since = performance.now();

  const settleAll = () => {
    for (const settle of [...waiting]) settle();
  };

  return {
    isUp: () => up,
    whenUp(milliseconds) {
      const patience = Math.min(milliseconds, since + patienceMs - performance.now());
      if (up || patience <= 0) return Promise.resolve(up);
      return new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(settle);
          resolve(up);
        };
        const timer = setTimeout(settle, patience);
        waiting.add(settle);
      });
    },
    rise() {
      up = true;
      told.clear();
      settleAll();
      onUp?.();
    },
    fall(reason, refused = false) {
      if (up) since = performance.now();
      up = false;
      if (told.size > 0 && (!refused || told.has(reason))) return;
      told.add(reason);
      onDown?.(reason);
    },
    leave() {
      up = false;
      since = Number.NEGATIVE_INFINITY;
      settleAll();
    },
  };
}
