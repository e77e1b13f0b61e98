// Which request a proxy asks about, as far as the operator has said how it tells: headers that nobody
// declared may be the client's own, and with those any proof would fit.

import type { ResourceUse } from '../dpop/possession.ts';
import type { ProtocolRequest } from '../endpoint.ts';
import type { CheckPolicy } from '../policy.ts';

/** Undefined where nobody tells, or one of the headers is missing or there twice. */
export function readOriginalRequest(
  { headers }: ProtocolRequest,
  { original }: CheckPolicy,
): ResourceUse | undefined {
  switch (original) {
    case 'x-original':
      return toUse(headers['x-original-method'], [headers['x-original-url']]);
    case 'x-forwarded':
      return toUse(headers['x-forwarded-method'], [
        headers['x-forwarded-proto'],
        '://',
        headers['x-forwarded-host'],
        headers['x-forwarded-uri'],
      ]);
    case undefined:
      return undefined;
    default:
      return original satisfies never;
  }
}

function toUse(
  method: string | undefined,
  parts: readonly (string | undefined)[],
): ResourceUse | undefined {
  if (method === undefined || parts.includes(undefined)) return undefined;
  return { method, urls: [parts.join('')] };
}
