// What many replicas must not do in step with each other: after an outage of Redis they all come back.

/** As long at most, and half as long at least. */
export const outOfStep = (milliseconds: number): number => milliseconds * (0.5 + Math.random() / 2);

/** Beginning anywhere. */
export function inAnyOrder<Item>(items: readonly Item[]): readonly Item[] {
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
