// When a fault happens: every condition has to fit, and it is counted what fitted. Pure: a count goes in,
// another comes out.

import type { Fault, StepName } from '../api.ts';

/** One occasion for a fault. */
export type Occasion = {
  /** Undefined for what is sent without having been asked for. */
  readonly step: StepName | undefined;
  readonly client: string | undefined;
  readonly user: string | undefined;
};

export type Count = {
  /** How many occasions fitted everything but `nth`. */
  readonly fitting: number;
  readonly happened: number;
};

export const NEVER: Count = { fitting: 0, happened: 0 };

type Condition = Pick<Fault, 'when' | 'times'>;

/** What becomes of the count, and whether the fault happens this time. */
export function meet(
  { when = {}, times = Number.POSITIVE_INFINITY }: Condition,
  occasion: Occasion,
  count: Count,
): { readonly count: Count; readonly happens: boolean } {
  const { client, user, step, nth } = when;
  const fits =
    (client === undefined || client === occasion.client) &&
    (user === undefined || user === occasion.user) &&
    (step === undefined || step === occasion.step);
  if (!fits) return { count, happens: false };
  const fitting = count.fitting + 1;
  const happens = count.happened < times && (nth === undefined || nth === fitting);
  return { count: { fitting, happened: count.happened + (happens ? 1 : 0) }, happens };
}

/** Nothing can make it happen any more. */
export const isOver = (
  { when = {}, times = Number.POSITIVE_INFINITY }: Condition,
  { fitting, happened }: Count,
): boolean => happened >= times || (when.nth !== undefined && fitting >= when.nth);
