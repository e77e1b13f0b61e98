// Opens what the options describe. What verifies assertions is imported only for those who configured
// one: nobody else pays for it at start.

import type { Outbound } from '../outbound/outbound.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Clock } from '../protocol/time.ts';
import { createUpstream } from './identify.ts';
import type { UpstreamOptions } from './options.ts';
import type { Upstream } from './upstream.ts';

export type UpstreamDeps = {
  readonly now: Clock;
  /** For the keys of whoever signs assertions; never asked where there is none. */
  readonly outbound: Outbound;
  /** Hears when keys of before still count because the key service is down, once per outage. */
  readonly onProblem: (problem: Unavailable) => void;
};

/** Throws when the options contradict themselves. */
export async function openUpstream(
  options: UpstreamOptions,
  _deps: UpstreamDeps,
): Promise<Upstream> {
  if (options.assertion === undefined) return createUpstream(options);
  throw new Error('upstream.assertion: this build reads plain headers only');
}
