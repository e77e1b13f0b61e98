// Measures what others take to answer, by what they are asked for: where they are is in the
// configuration or in the metadata of a client, and in no label.

import { type Outbound, OutboundError } from '../../outbound/outbound.ts';
import type { Numbers } from '../numbers.ts';
import { statusClass } from './http.ts';

/** What the requests of one such client are for. */
export type Purpose =
  | 'userinfo'
  | 'upstream_keys'
  | 'client_keys'
  | 'token_issuer_keys'
  | 'workloads'
  | 'registration'
  | 'token_hook'
  | 'back_channel_logout';

export function measureOutbound(outbound: Outbound, purpose: Purpose, numbers: Numbers): Outbound {
  const count = numbers.counter('outboundRequests');
  const observe = numbers.histogram('outboundDuration');
  return async (request) => {
    const started = performance.now();
    let outcome = 'unreachable';
    try {
      const answer = await outbound(request);
      outcome = statusClass(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof OutboundError) outcome = error.failure;
      // Whoever asked has given up, mostly because their own time was over.
      if (request.signal?.aborted === true) outcome = 'timeout';
      throw error;
    } finally {
      count([purpose, outcome]);
      observe((performance.now() - started) / 1000, [purpose]);
    }
  };
}
