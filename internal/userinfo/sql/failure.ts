// What an operator is told of a query that failed. Messages of some classes repeat values, which are
// claims of somebody or the subject; of those only the code is told.

/** Data and constraints that were violated, and what functions of the operator raise. */
const WITH_VALUES = /^(?:22|23|44|P0)/;

export function describeFailure(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the database failed');
  const code = 'code' in error ? error.code : undefined;
  // Five characters are a code of the server (SQLSTATE); others are of the network, or of this code.
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return error;
  return new Error(
    WITH_VALUES.test(code)
      ? `the database refuses the query: SQLSTATE ${code}`
      : `the database refuses: ${error.message} (SQLSTATE ${code})`,
  );
}
