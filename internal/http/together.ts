// What arrives in one turn of the event loop is begun at its end, together. Begun as it arrives, each
// request would go its whole way alone: every step of it cold to the processor, and its answer a wake-up
// of its own for whoever waits at the other end. That is nearly half of what a token without a store costs.

/** Handles what is given in one turn of the event loop at its end, in its order. */
export function together<Item>(handle: (item: Item) => void): (item: Item) => void {
  let gathered: Item[] = [];
  const handleAll = (): void => {
    const items = gathered;
    gathered = [];
    for (const item of items) handle(item);
  };
  return (item) => {
    if (gathered.push(item) === 1) setImmediate(handleAll);
  };
}
