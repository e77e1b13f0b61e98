// Which of many things ends first, kept in order as ends are added, moved and taken back. Each thing
// knows its place, so that nothing stale is left behind.

export type Ending = {
  /** Seconds since 1970; `moved` has to be called after a change. */
  expiresAt: number;
  /** Where it stands; the heap's to write. */
  place: number;
};

export type Heap<Item extends Ending> = {
  first(): Item | undefined;
  add(item: Item): void;
  moved(item: Item): void;
  remove(item: Item): void;
  size(): number;
};

export function createHeap<Item extends Ending>(): Heap<Item> {
  const items: Item[] = [];

  function put(item: Item, place: number) {
    items[place] = item;
    item.place = place;
  }

  function rise(item: Item) {
    let place = item.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || parent.expiresAt <= item.expiresAt) break;
      put(parent, place);
      place = above;
    }
    put(item, place);
  }

  function sink(item: Item) {
    let place = item.place;
    for (;;) {
      const child = earlier(items[2 * place + 1], items[2 * place + 2]);
      if (child === undefined || child.expiresAt >= item.expiresAt) break;
      const below = child.place;
      put(child, place);
      place = below;
    }
    put(item, place);
  }

  function moved(item: Item) {
    rise(item);
    sink(item);
  }

  return {
    first: () => items[0],
    add(item) {
      item.place = items.length;
      rise(item);
    },
    moved,
    remove(item) {
      const last = items.pop();
      if (last === undefined || last === item) return;
      last.place = item.place;
      moved(last);
    },
    size: () => items.length,
  };
}

function earlier<Item extends Ending>(
  left: Item | undefined,
  right: Item | undefined,
): Item | undefined {
  if (left === undefined || right === undefined) return left;
  return right.expiresAt < left.expiresAt ? right : left;
}
