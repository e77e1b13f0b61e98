// What an operator is told of a query that failed. Messages of some classes repeat values, which are
// claims of somebody or the subject; of those only the code is told.

import { asSourceError, SourceError, type SourceProblem } from '../source-error.ts';

/** Data and constraints that were violated, and what functions of the operator raise. */
const WITH_VALUES = /^(?:22|23|44|P0)/;

export function describeFailure(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the database failed');
  const code = 'code' in error ? error.code : undefined;
  if (code === undefined) return describeOwn(error);
  // Five characters are a code of the server (SQLSTATE); others are of the network, or of this code.
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return error;
  return new SourceError(
    toProblem(code),
    WITH_VALUES.test(code)
      ? `the database refuses the query: SQLSTATE ${code}`
      : `the database refuses: ${error.message} (SQLSTATE ${code})`,
  );
}

function toProblem(code: string): SourceProblem {
  if (code.startsWith('28')) return 'credentials';
  // Canceled, as by the limit of time that each question sets.
  return code === '57014' ? 'timeout' : 'refused';
}

/** What the client says by itself has no code. */
const OWN: readonly (readonly [says: RegExp, SourceProblem])[] = [
  [/^Connection terminated|not queryable$/, 'unreachable'],
  [/SSL connection/, 'tls'],
  [/^SASL: /, 'credentials'],
  [/^Received unexpected /, 'malformed'],
];

function describeOwn(error: Error): Error {
  const [, problem] = OWN.find(([says]) => says.test(error.message)) ?? [];
  return problem === undefined || error instanceof SourceError
    ? error
    : asSourceError(problem, error);
}
