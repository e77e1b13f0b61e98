/**
 * What may have to be waited for, and most of the time is there: each promise that waits for nothing costs
 * a request a turn of the queue.
 */
export type Awaitable<Value> = Value | Promise<Value>;

/** Goes on with the value, at once where it is there. */
export const after = <Value, Next>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Next>,
): Awaitable<Next> => (value instanceof Promise ? value.then(next) : next(value));
