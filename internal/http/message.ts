// What is no message that all readers would read alike.

import { headerRepeated, hostMissing, httpVersion, targetForm } from './errors.ts';
import type { Exchange } from './exchange.ts';

/** Sent twice, one reader would take the first and another the last. */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'transfer-encoding',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
]);

/** Whether one of those was. */
export const repeatsSingle = (repeated: readonly string[]): boolean =>
  repeated.some((name) => SINGLE.has(name));

/** Throws what nobody should answer, whoever is asked. */
export function checkMessage({ request, headers, repeatedHeaders, target }: Exchange): void {
  if (request.httpVersionMajor !== 1) throw httpVersion();
  if (repeatsSingle(repeatedHeaders)) throw headerRepeated();
  if (!headers['host']) throw hostMissing();
  if (!target.startsWith('/')) throw targetForm();
}
