// So many requests of a row, however long they take.

import { check, generate } from './load.ts';
import { asking, createPurse, type Purse, type Row, type Target } from './rows.ts';

type Terms = {
  readonly most: number;
  /** Absent: what it earns is thrown away. */
  readonly purse?: Purse;
  /** How many at a time; absent: as many as the load has. */
  readonly connections?: number;
};

/** Fewer when there is nothing left to ask. @returns how many were answered. */
export async function ask(target: Target, row: Row, terms: Terms): Promise<number> {
  const { most, purse = createPurse(), ...more } = terms;
  const { next, accept } = asking[row](target, purse);
  let asked = 0;
  const nextOne = (): string | undefined => {
    if (asked === most) return undefined;
    asked += 1;
    return next();
  };
  const seconds = Number.POSITIVE_INFINITY;
  const measured = await generate({ port: target.port, seconds, ...more, next: nextOne, accept });
  check(`${target.name}, ${row}`, measured);
  return measured.answered;
}
