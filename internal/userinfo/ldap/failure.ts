// What an operator is told of a directory that refuses. Its own words may repeat names and values; the
// client's are a number.

/** Of RFC 4511 §4.1.9, those that an operator can do something about. */
const RESULTS: ReadonlyMap<number, string> = new Map([
  [3, 'it took too long'],
  [4, 'there are more entries than it tells'],
  [8, 'it wants stronger authentication'],
  [10, 'it refers to another server, which is not followed'],
  [13, 'it wants TLS'],
  [32, 'there is nothing at the base, or nothing that may be seen'],
  [48, 'it does not allow to bind like this'],
  [49, 'Invalid credentials'],
  [50, 'the reader may not search here'],
  [51, 'it is busy'],
  [52, 'it is unavailable'],
]);

/** The same error unless the directory itself said it. */
export function describeFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') return error;
  const meaning = RESULTS.get(code) ?? 'it cannot be asked like this';
  return new Error(`the directory refuses: ${meaning} (result code ${code})`);
}
