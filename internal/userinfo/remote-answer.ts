// What a service over HTTP answered, or why that is no answer.

import { type OutboundAnswer, readText } from '../outbound/outbound.ts';
import { asSourceError, type SourceProblem } from './source-error.ts';

const REFUSALS: ReadonlyMap<number, SourceProblem> = new Map([
  [200, 'malformed'],
  [401, 'credentials'],
  [403, 'credentials'],
]);

/** As `readText`, and what it throws has a word. */
export function readAnswer(answer: OutboundAnswer): string | undefined {
  try {
    return readText(answer);
  } catch (error) {
    throw asSourceError(REFUSALS.get(answer.status) ?? 'refused', error);
  }
}
