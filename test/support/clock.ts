/** A clock that stands still until it is told to move. */
export type TestClock = { (): number; advance(seconds: number): void };

export function createTestClock(start = 1_800_000_000): TestClock {
  let now = start;
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds;
    },
  });
}
