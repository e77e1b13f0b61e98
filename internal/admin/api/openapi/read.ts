// What a request said, held against the shape of what may be said: a value, or every problem in one line.

import type * as z from 'zod';
import { printPath } from '../../../config/finding.ts';
import { readValue } from '../../../config/issues.ts';
import { AdminRefusal } from '../../refusal.ts';
import type { RouteRequest } from '../../route.ts';
import { findUnfit } from './unfit.ts';

/** Nothing at all is an object without members. Throws `AdminRefusal`. */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const given = body === undefined ? {} : body;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new AdminRefusal('invalid_request', 'the body has to be a JSON object');
  }
  const unfit = findUnfit(given);
  if (unfit !== undefined) throw new AdminRefusal('invalid_request', unfit);
  return read(schema, given);
}

/** Of two values of one name nobody could say which was meant. Throws `AdminRefusal`. */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: RouteRequest['query'],
): z.output<Schema> {
  const names = query.map(([name]) => name);
  if (new Set(names).size < names.length) {
    throw new AdminRefusal('invalid_request', 'a parameter of the query may be there once');
  }
  if (names.includes('__proto__')) {
    throw new AdminRefusal('invalid_request', 'no parameter may be called __proto__');
  }
  return read(schema, Object.fromEntries(query));
}

function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const reading = readValue(schema, given);
  if (reading.ok) return reading.value;
  const problems = reading.findings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);
  throw new AdminRefusal('invalid_request', problems.join('; '));
}
