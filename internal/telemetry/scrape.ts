// Answers a scrape: what was counted here and in the other processes of this issuer, what is so at the
// moment, and what every program has. Loaded with the first one.

import { combine, type Family } from './families.ts';
import { METRICS } from './metrics.ts';
import type { Numbers } from './numbers.ts';
import { type Printed, printFamilies } from './print.ts';
import { watchProcess } from './process.ts';

/** Everything that can be said of one process at this moment. */
export type ReadOwn = () => Promise<readonly Family[]>;

/** @param refresh sets what is so at the moment. */
export function createReadOwn(numbers: Numbers, refresh: () => Promise<void>): ReadOwn {
  const readProcess = watchProcess();
  return async () => {
    const [process] = await Promise.all([readProcess(), refresh()]);
    return [...numbers.read(), ...process];
  };
}

/** In the order of the table, however many processes say it. */
export function printScrape(
  lists: readonly (readonly Family[])[],
  accept: string | undefined,
): Printed {
  const order = new Map(Object.values(METRICS).map(({ name }, index) => [String(name), index]));
  const placeOf = ({ name }: Family): number => order.get(name) ?? order.size;
  const families = [...combine(lists)].sort((one, other) => placeOf(one) - placeOf(other));
  return printFamilies(families, accept);
}
