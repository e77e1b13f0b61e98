// What is promised where. The verdict fails by this table, and docs/operations.md shows it: there is
// no second list that could say something else.

import { ALL_INVARIANTS, type Invariant } from './checker/invariants.ts';

/** What a fault takes from Redis for good. */
export type Loss =
  /** All of what was acknowledged is still there afterwards. */
  | 'nothing'
  /** It comes back empty. */
  | 'everything'
  /** A replica takes over that may not have had the last writes. */
  | 'unreplicated'
  /** Nothing is lost, but an issuer thinks that it is another time. */
  | 'time';

/** `store.redis.durability`. */
export type Durability = 'fast' | 'acknowledged';

const without = (...withdrawn: readonly Invariant[]): readonly Invariant[] =>
  ALL_INVARIANTS.filter((invariant) => !withdrawn.includes(invariant));

const PROMISES: {
  readonly [loss in Loss]: { readonly [kept in Durability]: readonly Invariant[] };
} = {
  nothing: { fast: ALL_INVARIANTS, acknowledged: ALL_INVARIANTS },
  everything: { fast: without('N1', 'N4'), acknowledged: without('N1', 'N4') },
  unreplicated: { fast: without('N1', 'N2', 'N3', 'N4'), acknowledged: ALL_INVARIANTS },
  time: { fast: without('N1', 'N4'), acknowledged: without('N1', 'N4') },
};

export const promised = (loss: Loss, durability: Durability): readonly Invariant[] =>
  PROMISES[loss][durability];

const LOSSES: { readonly [loss in Loss]: string } = {
  nothing: 'nothing',
  everything: 'everything: Redis comes back empty',
  unreplicated: 'the last writes: a replica takes over',
  time: 'nothing, but the clock of an issuer jumps by an hour',
};

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Which of the promises hold by what a fault takes from Redis, as Markdown. */
export function printPromises(): string {
  const print = (loss: Loss, durability: Durability): string =>
    ALL_INVARIANTS.map((name) => (promised(loss, durability).includes(name) ? 'kept' : '–')).join(
      ' | ',
    );
  const rows = (Object.keys(LOSSES) as readonly Loss[]).flatMap((loss) => {
    const [fast, acknowledged] = [print(loss, 'fast'), print(loss, 'acknowledged')];
    if (fast === acknowledged) return [row(LOSSES[loss], 'either', fast)];
    return [row(LOSSES[loss], '`fast`', fast), row(LOSSES[loss], '`acknowledged`', acknowledged)];
  });
  const head = row('a fault takes', '`store.redis.durability`', ...ALL_INVARIANTS);
  return [head, `|${'---|'.repeat(ALL_INVARIANTS.length + 2)}`, ...rows].join('\n');
}
