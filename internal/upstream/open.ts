// Opens what the options describe. What verifies assertions is imported only for those who configured
// one: nobody else pays for it at start.

import type { UriKeysDeps } from '../jwks/uri-keys.ts';
import { createHeaderUpstream } from './headers.ts';
import type { UpstreamOptions } from './options.ts';
import type { Upstream } from './upstream.ts';

/** Throws when the options contradict themselves. @param deps never asked without an assertion. */
export async function openUpstream(options: UpstreamOptions, deps: UriKeysDeps): Promise<Upstream> {
  if (options.assertion === undefined) return createHeaderUpstream(options);
  const { createAssertionUpstream } = await import('./assertion/assertion.ts');
  return createAssertionUpstream(options, deps);
}
