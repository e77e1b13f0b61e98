// What an operator is told of a directory that refuses. Its own words may repeat names and values; the
// client's are a number.

import { asSourceError, SourceError, type SourceProblem } from '../source-error.ts';

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

/** What else it says is that it does not tell. */
const PROBLEMS: ReadonlyMap<number, SourceProblem> = new Map([
  [3, 'timeout'],
  [4, 'too_large'],
  [8, 'credentials'],
  [48, 'credentials'],
  [49, 'credentials'],
  [50, 'credentials'],
]);

/** The same error unless the directory said it, or the client that it is gone. */
export function describeFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number') return describeOwn(error);
  const meaning = RESULTS.get(code) ?? 'it cannot be asked like this';
  const problem = PROBLEMS.get(code) ?? 'refused';
  return new SourceError(problem, `the directory refuses: ${meaning} (result code ${code})`);
}

const GONE = /^(?:Socket error|Connection closed|Socket connection not established)/;

function describeOwn(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'MessageParserError') return asSourceError('malformed', error);
  return GONE.test(error.message) ? asSourceError('unreachable', error) : error;
}
