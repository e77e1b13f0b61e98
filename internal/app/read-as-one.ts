// Files that were read while they changed may say half of one thing and half of another: a ConfigMap is
// swapped as a whole, and its files are read one after the other.

import type { Snapshot } from '../loader/load.ts';
import { ConfigError } from '../loader/problem.ts';
import type { Watch } from '../loader/watch.ts';

/** Files that never come to rest are taken as they are: what is wrong with them is found, or they change again. */
const ATTEMPTS = 5;

/**
 * Reads until nothing changed meanwhile, and watches what the configuration names; throws `ConfigError`.
 *
 * @param known files of the configuration in force.
 */
export async function readAsOne(
  read: () => Promise<Snapshot>,
  watch: Pick<Watch, 'follow' | 'mark' | 'isAsMarked'>,
  known: readonly string[],
): Promise<Snapshot> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === ATTEMPTS;
    await watch.mark();
    try {
      const next = await read();
      const isOther = await watch.follow(next.files);
      if (isLast || (!isOther && (await watch.isAsMarked()))) return next;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (!isLast && !(await watch.isAsMarked())) continue;
      // What is wrong may be put right in a file that only the bad configuration names.
      await watch.follow([...known, ...error.files]);
      throw error;
    }
  }
}
