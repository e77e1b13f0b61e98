// JSON that is well-formed, and that nobody should have to carry further.

/** Nobody who describes a client or a user needs half of it. */
const MAX_DEPTH = 32;

/**
 * A value nested a thousand times ends the stack of whoever walks it, and a member of this name is the
 * prototype of whatever it is assigned to. Undefined for what can be walked.
 */
export function findUnfit(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === MAX_DEPTH) return `the body is nested more than ${MAX_DEPTH} times`;
  if (Object.hasOwn(value, '__proto__')) return 'no member may be called __proto__';
  for (const inner of Object.values(value)) {
    const unfit = findUnfit(inner, depth + 1);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}
