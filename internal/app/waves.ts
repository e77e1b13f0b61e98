// Many round trips, some of them at a time.

const WAVE = 50;

/**
 * Some at a time, in order. Throws the first failure once everything of its wave has come to an end: what is done
 * after an answer would be on record without whoever asked.
 */
export async function inWaves<Item, Outcome>(
  items: readonly Item[],
  work: (item: Item) => Promise<Outcome>,
  onWave: (outcomes: readonly Outcome[]) => 'go_on' | 'stop',
): Promise<void> {
  for (let from = 0; from < items.length; from += WAVE) {
    const settled = await Promise.allSettled(items.slice(from, from + WAVE).map(work));
    const outcomes = settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    if (onWave(outcomes) === 'stop') return;
  }
}
