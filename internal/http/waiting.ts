// Requests that wait to be begun. Those that begin something wait apart from those that finish it, and
// each in the order in which they came.

import { type Kind, nextKind } from './overload.ts';

/** When it came, in milliseconds. */
type Since = { readonly since: number };

export type Waiting<Item extends Since> = {
  readonly size: () => number;
  readonly sizeOf: (kind: Exclude<Kind, 'unrefused'>) => number;
  add(kind: Exclude<Kind, 'unrefused'>, item: Item): void;
  /** All that came before then. */
  takeLate(before: number): readonly Item[];
  takeNext(): Item | undefined;
};

export function createWaiting<Item extends Since>(): Waiting<Item> {
  const queues = { beginning: createQueue<Item>(), continuing: createQueue<Item>() };
  const { beginning, continuing } = queues;
  let taken = 0;
  return {
    size: () => beginning.size() + continuing.size(),
    sizeOf: (kind) => queues[kind].size(),
    add: (kind, item) => queues[kind].add(item),
    takeLate: (before) => [...takeBefore(beginning, before), ...takeBefore(continuing, before)],
    takeNext: () => {
      const sizes = { beginning: beginning.size(), continuing: continuing.size() };
      const queue = queues[nextKind(taken, sizes)];
      taken += 1;
      return queue.takeOldest();
    },
  };
}

function takeBefore<Item extends Since>(queue: Queue<Item>, before: number): readonly Item[] {
  const late: Item[] = [];
  for (let item = queue.oldest(); item !== undefined && item.since < before; ) {
    late.push(item);
    queue.takeOldest();
    item = queue.oldest();
  }
  return late;
}

type Queue<Item> = {
  readonly size: () => number;
  add(item: Item): void;
  oldest(): Item | undefined;
  takeOldest(): Item | undefined;
};

/** So many places of what was taken are kept before the others move up. */
const MOST_GAPS = 1024;

function createQueue<Item>(): Queue<Item> {
  let items: (Item | undefined)[] = [];
  let first = 0;
  const size = (): number => items.length - first;
  const tidy = (): void => {
    if (first < items.length && first < MOST_GAPS) return;
    items = items.slice(first);
    first = 0;
  };
  return {
    size,
    add: (item) => {
      items.push(item);
    },
    oldest: () => items[first],
    takeOldest: () => {
      if (size() === 0) return undefined;
      const item = items[first];
      items[first] = undefined;
      first += 1;
      tidy();
      return item;
    },
  };
}
